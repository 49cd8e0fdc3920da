"""Renders documents in interpreters of their own, one at a time each, and outlives any of them.

Own interpreters, because typst must not be forked, and because a renderer started from the orchestrator's process would
import all of the orchestrator. Each worker holds one document at a time: when it dies, that is the one that it had.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from typing import IO, Any, Generic, TypeVar

from reservplan.domain.errors import RenderError
from reservplan.domain.names import ARTIFACTS, Format, Kind
from reservplan.domain.plan import Cell

Write = Callable[[Cell, Kind, Format, bytes], None]
# The parts of a document with their formats, and each with its content.
Parts = tuple[tuple[str, str], ...]
Files = list[tuple[str, str, bytes]]
Name = TypeVar("Name")

SECONDS_A_CELL = 60
_OF_A_CELL: Parts = tuple((kind.value, fmt.value) for kind, fmt in ARTIFACTS)
_OF_A_PAPER: Parts = (("paper", Format.PDF.value),)
# The papers of several stores are drawn at once: a pool uses all cores, so a second one would only cost its memory.
_ONE_POOL = threading.Lock()
# The environment that a worker gets: nothing of the orchestrator's, so no connection and no secret.
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH")


def render_documents(
    documents: Mapping[Cell, bytes],
    write: Write,
    *,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    seconds_a_cell: int = SECONDS_A_CELL,
) -> Mapping[Cell, str]:
    """Draw the four files of every cell and hand them to `write`, which is called in the caller's thread.

    A document is JSON on one line, as `as_json` writes it: it goes to a renderer as it is.
    A cell is handed over whole or not at all. Returns the cells that failed, each with a text free of personal values.

    Raises:
        RenderError: the renderer does not start at all.
    """

    def hand_over(cell: Cell, files: Files) -> None:
        for kind, fmt, content in files:
            write(cell, Kind(kind), Format(fmt), content)

    return _render(documents, _OF_A_CELL, hand_over, workers, seconds_a_cell, progress)


def render_papers(
    documents: Mapping[str, bytes], write: Callable[[str, bytes], None], *, workers: int | None = None
) -> Mapping[str, str]:
    """Draw papers that belong to no cell, one PDF each, as `render_documents` draws cells; keyed by any name.

    Raises:
        RenderError: the renderer does not start at all.
    """
    wrapped = {name: b'{"paper": %b}' % document for name, document in documents.items()}

    def hand_over(name: str, files: Files) -> None:
        write(name, files[0][2])

    return _render(wrapped, _OF_A_PAPER, hand_over, workers, SECONDS_A_CELL, None)


def _render(
    documents: Mapping[Name, bytes],
    parts: Parts,
    hand_over: Callable[[Name, Files], None],
    workers: int | None,
    seconds: int,
    progress: Callable[[int, int], None] | None,
) -> dict[Name, str]:
    failed: dict[Name, str] = {}
    if not documents:
        return failed
    with _ONE_POOL:
        pool = _Pool(documents, parts, min(workers or _cores(), len(documents)), seconds)
        try:
            for done in range(1, len(documents) + 1):
                name, outcome = pool.next_outcome()
                if isinstance(outcome, str):
                    failed[name] = outcome
                else:
                    hand_over(name, outcome)
                if progress is not None:
                    progress(done, len(documents))
        finally:
            pool.stop()
    return failed


def as_json(document: Mapping[str, Any]) -> bytes:
    """A document as it is staged and drawn: JSON on one line."""
    return json.dumps(document, ensure_ascii=False).encode()


def _cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _WorkerGone(Exception):
    """The worker ended in the middle of its document; the text says how."""


class _Pool(Generic[Name]):
    """Threads that each keep one worker busy; outcomes come out in the order in which they are done."""

    def __init__(self, documents: Mapping[Name, bytes], parts: Parts, workers: int, seconds: int) -> None:
        self._parts = parts
        self._waiting: queue.SimpleQueue[tuple[Name, bytes]] = queue.SimpleQueue()
        for item in documents.items():
            self._waiting.put(item)
        # Bounded: a slow store must not pile up finished files in memory.
        self._outcomes: queue.Queue[tuple[Name, Files | str] | RenderError] = queue.Queue(maxsize=2 * workers)
        self._seconds = seconds
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._running: set[_Worker] = set()
        self._threads = [threading.Thread(target=self._keep_busy, daemon=True) for _ in range(workers)]
        for thread in self._threads:
            thread.start()

    def next_outcome(self) -> tuple[Name, Files | str]:
        """The next one that is done, with its files or why it failed; raises when no worker can start."""
        outcome = self._outcomes.get()
        if isinstance(outcome, RenderError):
            raise outcome
        return outcome

    def stop(self) -> None:
        """End every worker at once; nothing is waited for but their exit."""
        self._stopped.set()
        with self._lock:
            running = list(self._running)
        for worker in running:
            worker.kill()
        while any(thread.is_alive() for thread in self._threads):
            # A thread may be waiting to hand over an outcome that nobody wants any more.
            try:
                self._outcomes.get(timeout=0.02)
            except queue.Empty:
                continue

    def _keep_busy(self) -> None:
        worker: _Worker | None = None
        try:
            while not self._stopped.is_set():
                try:
                    name, document = self._waiting.get_nowait()
                except queue.Empty:
                    return
                try:
                    worker = worker or self._start()
                    outcome: Files | str = worker.draw(document, self._parts, self._seconds)
                except _WorkerGone as gone:
                    outcome = str(gone)
                    self._end(worker)
                    worker = None
                self._outcomes.put((name, outcome))
        except RenderError as error:
            self._outcomes.put(error)
        except Exception as error:
            # A thread that ended in silence would leave the caller waiting for ever.
            text = f"The renderer failed ({type(error).__name__})."
            self._outcomes.put(RenderError(text, do="Run `reservplan check`."))
        finally:
            self._end(worker)

    def _start(self) -> "_Worker":
        with self._lock:
            if self._stopped.is_set():
                raise _WorkerGone("Stopped.")
            try:
                worker = _Worker()
            except OSError as error:
                text = f"The renderer could not be started ({type(error).__name__})."
                raise RenderError(text, do="See that there is memory left, and try again.") from None
            self._running.add(worker)
        worker.wait_until_ready()
        return worker

    def _end(self, worker: "_Worker | None") -> None:
        if worker is not None:
            worker.kill()
            with self._lock:
                self._running.discard(worker)


class _Worker:
    """One renderer process and its two pipes."""

    def __init__(self) -> None:
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-m", "reservplan.render.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # A library's complaint may quote what it was drawing.
            stderr=subprocess.DEVNULL,
            # typst spreads over all cores by itself, which makes several workers slower, not faster.
            env={**environment, "LANG": "C.UTF-8", "RAYON_NUM_THREADS": "1"},
        )

    def wait_until_ready(self) -> None:
        """Returns once the renderer has said that it is there."""
        if not self._stdout.readline():
            raise RenderError(
                f"The renderer did not start ({self._ending()}).",
                do="Run `reservplan check`; it says which part is missing. `make env` installs them.",
            )

    def draw(self, document: bytes, parts: Parts, seconds: int) -> Files | str:
        """The files of one document, or why they could not be drawn."""
        try:
            asked = json.dumps(parts).encode()
            self._stdin.write(b'{"seconds": %d, "files": %b, "document": %b}\n' % (seconds, asked, document))
            self._stdin.flush()
        except OSError:
            raise _WorkerGone(self._explain(seconds)) from None
        line = self._stdout.readline()
        if not line.endswith(b"\n"):
            raise _WorkerGone(self._explain(seconds))
        header = json.loads(line)
        if "failed" in header:
            return str(header["failed"])
        return [(part, fmt, self._exactly(size, seconds)) for part, fmt, size in header["files"]]

    def kill(self) -> None:
        """End the process and close its pipes; may be called twice."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                if pipe is not None:
                    pipe.close()
            except OSError:
                # Unsent bytes of a request to a process that is gone.
                continue

    @property
    def _stdin(self) -> IO[bytes]:
        assert self._process.stdin is not None  # noqa: S101 - opened with PIPE
        return self._process.stdin

    @property
    def _stdout(self) -> IO[bytes]:
        assert self._process.stdout is not None  # noqa: S101 - opened with PIPE
        return self._process.stdout

    def _exactly(self, size: int, seconds: int) -> bytes:
        content = self._stdout.read(size)
        if len(content) < size:
            raise _WorkerGone(self._explain(seconds))
        return content

    def _ending(self) -> str:
        code = self._process.wait()
        return signal.Signals(-code).name if code < 0 else f"exit {code}"

    def _explain(self, seconds: int) -> str:
        ending = self._ending()
        if ending == signal.SIGALRM.name:
            return f"Drawing took longer than {seconds} seconds."
        return f"The renderer was ended while it drew this ({ending}); is there memory enough?"
