"""The renderer's own interpreter: documents come in on stdin, files go out on stdout, nothing touches the disk.

Started by `reservplan.render.pool` as `python -I -m reservplan.render.worker`. A message is a line of JSON; an answer's
line gives the sizes of the files that follow it. The process ends when its stdin ends, so it never outlives the run.
"""

import json
import os
import resource
import signal
import sys
from typing import Any, BinaryIO

from reservplan.domain.names import Format
from reservplan.render.document import draw_pdf


def main() -> None:
    """Answer documents until there are no more."""
    # A core dump would hold the names of clients.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # What a library prints must not get between the answers.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    _answer(answers, {"ready": True})
    for line in sys.stdin.buffer:
        request = json.loads(line)
        # SIGALRM's default ends the process even inside compiled code; the pool reads it as a cell that took too long.
        signal.alarm(request["seconds"])
        header, files = _drawn(request["document"], request["files"])
        signal.alarm(0)
        _answer(answers, header, files)


def draw(fmt: Format, document: dict[str, Any]) -> bytes:
    """The document in that format."""
    if fmt is Format.PDF:
        return draw_pdf(document)
    from reservplan.render.workbook import draw_xlsx  # heavy, and papers have no workbook

    return draw_xlsx(document)


def _drawn(document: dict[str, Any], asked: list[tuple[str, str]]) -> tuple[dict[str, Any], list[bytes]]:
    """The asked parts of the document, each in its format."""
    files = []
    for part, fmt in asked:
        try:
            files.append(draw(Format(fmt), document[part]))
        except Exception as error:  # One document's fault is its own, whatever it is.
            return {"failed": f"The {part} ({fmt}) could not be drawn: {_where(error)}."}, []
    names = [[part, fmt, len(content)] for (part, fmt), content in zip(asked, files, strict=True)]
    return {"files": names}, files


def _where(error: BaseException) -> str:
    """The kind of error and the line of ours that it came through; its own text may hold what was being drawn."""
    place = ""
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if "reservplan" in code.co_filename:
            place = f" at {os.path.basename(code.co_filename)}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__}{place}"


def _answer(stream: BinaryIO, header: dict[str, Any], files: list[bytes] | None = None) -> None:
    stream.write(json.dumps(header).encode() + b"\n")
    for content in files or []:
        stream.write(content)
    stream.flush()


if __name__ == "__main__":
    main()
