"""What a share does to us, and what we do then. Every fault is a real one, on a real Samba."""

import contextlib
import logging
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from reservplan.domain.errors import LoginRefused, StoreBusy, StoreFull, StoreRefused, StoreUnreachable
from reservplan.domain.names import OWN_FOLDER
from reservplan.domain.ports import FileInfo, FileToWrite, Outcome
from reservplan.store.connection import ConnectionFacts
from reservplan.store.smb import SmbStore
from smbprotocol.connection import Connection
from smbprotocol.open import Open
from smbprotocol.session import Session
from smbprotocol.tree import TreeConnect

from servers.samba import PROGRAM_PATH, SambaServer

from .places import AT, FOLDER, NAME, Place, a_file, facts_of, put, put_all, smb_place, temps

SHORT = {"timeout_seconds": 1, "connect_timeout_seconds": 1}
NAMES = [f"{number:03} Brukarschema Ullared.pdf" for number in range(100)]
OLD, NEW = b"gammal" * 10_000, b"ny och bra" * 7_000


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reservplan.store.smb_pipeline.FIRST_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr("reservplan.store.smb.BUSY_PAUSES_SECONDS", (0.0, 0.3, 0.3))


@contextlib.contextmanager
def somebody_has_open(
    server: SambaServer, path: str, *, access: int, share: int, client: UUID | None = None
) -> Iterator[Callable[[], None]]:
    """The file open on another connection; yields what closes it sooner."""
    connection = Connection(client or uuid4(), server.host, server.port)
    connection.connect()
    try:
        session = Session(connection, server.user, server.password)
        session.connect()
        tree = TreeConnect(session, rf"\\{server.host}\{server.share}")
        tree.connect()
        handle = Open(tree, path.replace("/", "\\"))
        handle.create(2, access, 0, share, 1, 0x40)
        yield handle.close
    finally:
        connection.disconnect(close=False)


@contextlib.contextmanager
def nothing_is_ever_torn(folder: Path, names: list[str], *allowed: bytes) -> Iterator[None]:
    """Somebody on the server's own disk reads all the while, and finds each file whole, old or new."""
    faults: list[str] = []
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            for name in names:
                try:
                    if (folder / name).read_bytes() not in allowed:
                        faults.append(f"{name} was torn")
                except FileNotFoundError:
                    faults.append(f"{name} was gone")
                time.sleep(0.0005)  # leaves the writer, in the same interpreter, its turn

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield
    finally:
        stop.set()
        looking.join()
    assert faults == []


def replace_all_while(place: Place, server: SambaServer, disturb: Callable[[], None]) -> None:
    """Replaces all files under the lock, disturbs in the middle of it, and finds every one of them new."""
    with place.open() as store:
        assert put_all(store, (a_file(name, OLD) for name in NAMES)) == [Outcome.DONE] * len(NAMES)
        written = threading.Event()

        def files() -> Iterator[FileToWrite]:
            for number, name in enumerate(NAMES):
                if number == 40:
                    written.set()
                yield a_file(name, NEW)

        def disturb_in_time() -> None:
            assert written.wait(20)
            disturb()

        disturbing = threading.Thread(target=disturb_in_time)
        disturbing.start()
        with nothing_is_ever_torn(place.disk, NAMES, OLD, NEW), store.lock("run-1"):
            outcomes = store.write(files())
            disturbing.join()
            assert [outcome.outcome for outcome in outcomes] == [Outcome.DONE] * len(NAMES)
            assert set(store.read_many(NAMES).values()) == {NEW}
            with smb_place(server).open() as other:
                assert other.locked(), "the lock was taken again"
            store.remove_leftovers()
    assert temps(place.disk) == []


def test_a_session_that_is_killed_twice_while_writing_costs_nothing(own_samba: SambaServer) -> None:
    def disturb() -> None:
        own_samba.drop_sessions()
        time.sleep(0.4)
        own_samba.drop_sessions()

    replace_all_while(smb_place(own_samba), own_samba, disturb)


def test_a_share_that_is_closed_while_writing_is_opened_again(own_samba: SambaServer) -> None:
    replace_all_while(smb_place(own_samba), own_samba, own_samba.close_share)


def test_a_server_that_hangs_for_longer_than_the_time_limit_is_waited_for(own_samba: SambaServer) -> None:
    def disturb() -> None:
        own_samba.pause()
        time.sleep(2.5)
        own_samba.resume()

    replace_all_while(smb_place(own_samba, **SHORT), own_samba, disturb)


def test_a_server_that_restarts_is_found_again(own_samba: SambaServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reservplan.store.smb_pipeline.FIRST_PAUSE_SECONDS", 0.3)

    def disturb() -> None:
        own_samba.kill()
        own_samba.start()

    replace_all_while(smb_place(own_samba), own_samba, disturb)


def test_a_server_that_hangs_for_good_is_given_up_within_bounds(
    own_samba: SambaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reservplan.store.smb_pipeline.RECONNECTIONS", 2)
    began = time.monotonic()
    with smb_place(own_samba, **SHORT).open() as store:
        own_samba.pause()
        with pytest.raises(StoreUnreachable):
            store.list_folder()
        assert time.monotonic() - began < 10
    own_samba.resume()


def test_a_server_that_stops_taking_data_is_given_up_within_bounds(
    own_samba: SambaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reservplan.store.smb_pipeline.RECONNECTIONS", 2)
    with smb_place(own_samba, **SHORT).open() as store:
        own_samba.pause()
        began = time.monotonic()
        with pytest.raises(StoreUnreachable):
            store.write(a_file(f"{number}.pdf", os.urandom(8_000_000)) for number in range(16))
        assert time.monotonic() - began < 10
    own_samba.resume()


def test_closing_a_store_whose_server_hangs_takes_seconds_and_hides_no_error(own_samba: SambaServer) -> None:
    began = time.monotonic()

    def fail() -> None:
        own_samba.pause()
        raise RuntimeError("riktigt fel")

    with pytest.raises(RuntimeError, match="riktigt fel"), smb_place(own_samba).open():
        fail()
    assert time.monotonic() - began < 15
    own_samba.resume()


EDITS, READS = 0x3, 0x1
DENIES_WRITING, DENIES_NOTHING, DENIES_ALL = 0x1, 0x7, 0x0


@pytest.mark.parametrize(
    ("access", "share", "as_windows"),
    [(EDITS, DENIES_WRITING, False), (READS, DENIES_NOTHING, True)],
    ids=["a program that edits it", "a reader, where the server refuses to replace open files"],
)
def test_a_file_that_is_open_elsewhere_is_busy_and_stops_no_other(
    samba: SambaServer, monkeypatch: pytest.MonkeyPatch, access: int, share: int, as_windows: bool
) -> None:
    # Samba serves connections with one client id from one process, and there answers as Windows always does.
    client = uuid4()
    if as_windows:
        monkeypatch.setattr("reservplan.store.smb_link.uuid4", lambda: client)
    place = smb_place(samba, uuid4().hex)
    with place.open() as store:
        put(store, a_file(NAME, OLD))
        with somebody_has_open(samba, f"{place.disk.name}/{NAME}", access=access, share=share, client=client):
            outcomes = put(store, a_file("fore.pdf", NEW), a_file(NAME, NEW), a_file("efter.pdf", NEW))
            assert outcomes == [Outcome.DONE, Outcome.BUSY, Outcome.DONE]
            assert (place.disk / NAME).read_bytes() == OLD
            assert store.read(NAME) == OLD
            assert store.remove(NAME, store.list_folder()[NAME]).outcome is Outcome.BUSY
            assert store.rename(NAME, "annat.xlsx").outcome is Outcome.BUSY
            assert temps(place.disk) == []
        assert put(store, a_file(NAME, NEW)) == [Outcome.DONE]


def test_a_file_that_is_closed_soon_is_replaced_in_the_same_write(samba: SambaServer) -> None:
    place = smb_place(samba, uuid4().hex)
    with place.open() as store:
        put(store, a_file(NAME, OLD))
        with somebody_has_open(samba, f"{place.disk.name}/{NAME}", access=EDITS, share=DENIES_WRITING) as close:
            closing = threading.Timer(0.3, close)
            closing.start()
            assert put(store, a_file(NAME, NEW)) == [Outcome.DONE]
            closing.join()


def test_files_that_stay_open_hold_up_a_run_once_and_not_each_of_its_batches(
    samba: SambaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reservplan.store.smb.MOST_PATIENCE_SECONDS", 0.7)
    place = smb_place(samba, uuid4().hex)
    waited: list[float] = []
    with place.open() as store:
        put(store, a_file(NAME, OLD))
        with somebody_has_open(samba, f"{place.disk.name}/{NAME}", access=EDITS, share=DENIES_WRITING):
            monkeypatch.setattr("reservplan.store.smb.time.sleep", waited.append)
            for number in range(5):
                outcomes = put(store, a_file(NAME, NEW), a_file(f"{number}.pdf", NEW))
                assert outcomes == [Outcome.BUSY, Outcome.DONE]
    assert sum(waited) == pytest.approx(0.6)


def test_a_file_that_cannot_be_read_is_never_taken_for_missing(samba: SambaServer) -> None:
    place = smb_place(samba, uuid4().hex)
    with place.open() as store:
        put(store, a_file())
        with (
            somebody_has_open(samba, f"{place.disk.name}/{NAME}", access=READS, share=DENIES_ALL),
            pytest.raises(StoreBusy, match="Ullared"),
        ):
            store.read_many([NAME])


def test_a_file_that_the_account_may_not_replace_is_denied(samba: SambaServer) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may do everything; the read-only share tests the answer")
    place = smb_place(samba, uuid4().hex)
    with place.open() as store:
        put(store, a_file(), a_file("sparrad/annan.pdf"))
        (place.disk / "sparrad").chmod(0o555)
        assert put(store, a_file("sparrad/annan.pdf", NEW), a_file(NAME, NEW)) == [Outcome.DENIED, Outcome.DONE]
        (place.disk / "sparrad").chmod(0o755)


def test_a_read_only_share_can_be_read_and_nothing_else(tmp_path: Path) -> None:
    with SambaServer(tmp_path / "s", read_only=True) as server:
        place = smb_place(server)
        (place.disk / OWN_FOLDER).mkdir()
        (place.disk / NAME).write_bytes(OLD)
        with place.open() as store:
            assert store.read(NAME) == OLD
            assert not store.locked()
            assert store.free_bytes()
            assert put(store, a_file(NAME, NEW), a_file("annan.pdf")) == [Outcome.DENIED] * 2
            assert store.remove(NAME, store.list_folder()[NAME]).outcome is Outcome.DENIED
            with pytest.raises(StoreRefused, match="permission"), store.lock("run-1"):
                pytest.fail("locked what cannot be written")
            with pytest.raises(StoreRefused):
                store.clock()
        assert (place.disk / NAME).read_bytes() == OLD


@pytest.mark.parametrize("missing", ["saknas", "Avdelning/saknas", "saknas/Avdelning", "en fil.txt/Avdelning"])
def test_a_folder_of_which_any_part_is_missing_is_refused_and_nothing_is_made(
    own_samba: SambaServer, missing: str
) -> None:
    (own_samba.share_path / "Avdelning").mkdir()
    (own_samba.share_path / "en fil.txt").write_bytes(b"")
    before = sorted(own_samba.share_path.rglob("*"))
    unc = rf"\\{own_samba.host}\{own_samba.share}\{missing}".replace("/", "\\")
    with (
        pytest.raises(StoreRefused, match=re.escape(f"the folder {unc} is not there")),
        SmbStore("share", missing, facts_of(own_samba), depth=4),
    ):
        pytest.fail("opened what is not there")
    assert sorted(own_samba.share_path.rglob("*")) == before
    assert own_samba.sessions() == [], "who is refused does not stay connected"


def test_a_file_as_the_stores_folder_is_refused_as_being_in_the_way(own_samba: SambaServer) -> None:
    (own_samba.share_path / "fil").write_bytes(b"")
    with (
        pytest.raises(StoreRefused, match="something else of that name is in the way"),
        SmbStore("share", "fil", facts_of(own_samba), depth=4),
    ):
        pytest.fail("opened a file")


def test_a_folder_that_the_account_may_not_enter_is_refused_as_no_permission(own_samba: SambaServer) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may do everything")
    place = smb_place(own_samba, "stangd/Planer")
    place.disk.parent.chmod(0)
    try:
        with pytest.raises(StoreRefused, match="no permission"), place.open():
            pytest.fail("opened what is closed to us")
    finally:
        place.disk.parent.chmod(0o755)


def test_the_root_of_the_share_is_a_store_too(own_samba: SambaServer) -> None:
    with SmbStore("share", "", facts_of(own_samba), depth=4) as store, store.lock("run-1"):
        assert put(store, a_file()) == [Outcome.DONE]
        assert store.free_bytes()
        assert store.clock()
    assert (own_samba.share_path / NAME).read_bytes() == b"innehall"


def test_a_wrong_password_is_refused_and_tried_once(own_samba: SambaServer) -> None:
    own_samba.lock_account_after(100)
    wrong = replace(facts_of(own_samba), password="Fel-losenord-1")  # noqa: S106 - not anybody's
    with pytest.raises(LoginRefused, match="password") as raised:
        SmbStore("share", "", wrong, depth=4).__enter__()
    assert "Fel-losenord-1" not in _whole_text(raised.value)
    assert own_samba.wrong_passwords() == 1


def test_an_account_that_is_locked_or_disabled_is_refused_as_such(own_samba: SambaServer) -> None:
    own_samba.disable_account(True)
    with pytest.raises(LoginRefused, match="the account is disabled"), smb_place(own_samba).open():
        pytest.fail("signed in")
    own_samba.disable_account(False)
    own_samba.lock_account_after(2)
    while not own_samba.account_is_locked():
        own_samba.sign_in_wrongly()
    with pytest.raises(LoginRefused, match="the account is locked"), smb_place(own_samba).open():
        pytest.fail("signed in")
    own_samba.unlock_account()
    with smb_place(own_samba).open() as store:
        store.list_folder()


def _whole_text(error: BaseException) -> str:
    chain = [error, error.__cause__]
    return " ".join(f"{one!s} {one!r} {one.args if one else ''}" for one in chain)


def test_a_password_that_is_changed_while_we_work_is_refused_at_once(own_samba: SambaServer) -> None:
    with smb_place(own_samba).open() as store:
        pdbedit = shutil.which("pdbedit", path=PROGRAM_PATH)
        assert pdbedit
        subprocess.run(
            [pdbedit, f"--configfile={own_samba.base}/smb.conf", "--delete", f"--user={own_samba.user}"],
            check=True,
            capture_output=True,
        )
        own_samba.drop_sessions()
        with pytest.raises(StoreRefused, match="login"):
            store.list_folder()


def test_a_share_that_is_not_there_is_refused_by_name(samba: SambaServer) -> None:
    facts = facts_of(samba)
    with pytest.raises(StoreRefused, match="no share named saknas"):
        SmbStore(
            "share", "", ConnectionFacts(facts.host, "saknas", facts.login, facts.password, facts.port), depth=4
        ).__enter__()


def test_a_port_on_which_nobody_listens_is_unreachable(samba: SambaServer) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        _expect_unreachable(samba.host, taken.getsockname()[1], "refuses connections")


def test_a_host_that_nobody_knows_is_unreachable() -> None:
    _expect_unreachable("filserver.invalid", 445, "not known")


def test_a_server_that_never_says_a_word_is_unreachable_in_time_and_leaves_no_thread() -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        threads = threading.active_count()
        began = time.monotonic()
        _expect_unreachable("127.0.0.1", mute.getsockname()[1], "has not answered within 1 s")
        assert time.monotonic() - began < 5
        assert threading.active_count() == threads


def _expect_unreachable(host: str, port: int, why: str) -> None:
    facts = ConnectionFacts(host, "reservplan", "nagon", "hemligt", port, {"connect_timeout_seconds": 1})
    with pytest.raises(StoreUnreachable, match=why) as raised:
        SmbStore("share", "", facts, depth=4).__enter__()
    assert "hemligt" not in _whole_text(raised.value)


@pytest.mark.parametrize(
    "lines",
    [
        ["server smb encrypt = off"],
        ["server smb encrypt = off", "server min protocol = SMB2", "server max protocol = SMB2"],
    ],
    ids=["encryption off", "an old protocol"],
)
def test_a_server_that_does_not_encrypt_is_refused(tmp_path: Path, lines: list[str]) -> None:
    with (
        SambaServer(tmp_path / "s", global_lines=lines) as server,
        pytest.raises(StoreRefused, match="does not encrypt"),
        smb_place(server).open(),
    ):
        pytest.fail("connected in clear")


def test_a_full_disk_ends_the_batch_and_leaves_the_old_files(own_samba: SambaServer) -> None:
    place = smb_place(own_samba, depth=8)
    big = os.urandom(3_000_000)
    names = NAMES[:20]
    with place.open() as store:
        put_all(store, (a_file(name, OLD) for name in names))
        own_samba.limit_file_bytes(1_500_000)
        taken: list[str] = []

        def files() -> Iterator[FileToWrite]:
            for name in names:
                taken.append(name)
                yield a_file(name, big)

        with nothing_is_ever_torn(place.disk, names, OLD), pytest.raises(StoreFull, match="lie there still"):
            store.write(files())
        own_samba.limit_file_bytes(None)
        assert len(taken) < len(names), "the rest is not tried"
        assert put_all(store, (a_file(name, big) for name in names[:3])) == [Outcome.DONE] * 3
    assert temps(place.disk) == []


def test_a_full_disk_is_noticed_also_by_a_file_of_one_compound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A server takes no limit below a megabyte, which is what goes in one compound otherwise.
    monkeypatch.setattr("reservplan.store.smb_messages.CHUNK_BYTES", 4_000_000)
    # Beyond the limit the server is sent a signal, which Python ignores and a child would not: that ends it.
    monkeypatch.setattr(subprocess, "Popen", partial(subprocess.Popen, restore_signals=False))
    with SambaServer(tmp_path / "s") as server:
        place = smb_place(server)
        with place.open() as store:
            put(store, a_file(NAME, OLD))
            server.limit_file_bytes(1_500_000)
            with pytest.raises(StoreFull):
                store.write([a_file(NAME, os.urandom(2_000_000))])
            server.limit_file_bytes(None)
            assert store.read(NAME) == OLD
        assert temps(place.disk) == []


PUBLISHER = textwrap.dedent(
    """
    import os, sys
    from datetime import datetime, UTC
    from reservplan.domain.ports import FileToWrite
    from reservplan.store.connection import ConnectionFacts
    from reservplan.store.smb import SmbStore

    host, port, share, login, password, folder = sys.argv[1:]
    def files():
        for turn in range(1000):
            for number in range(20):
                if turn == 1 and number == 10:
                    print("under way", flush=True)
                content = bytes([65 + turn % 2]) * 400_000
                yield FileToWrite(f"{number:03} Brukarschema Ullared.pdf", content, datetime(2022, 6, 21, tzinfo=UTC))
    with SmbStore("share", folder, ConnectionFacts(host, share, login, password, int(port)), depth=16) as store:
        with store.lock("dies"):
            store.write(files())
    """
)


def test_a_publisher_that_is_killed_leaves_whole_files_a_free_lock_and_nothing_that_the_next_does_not_clean(
    own_samba: SambaServer,
) -> None:
    place = smb_place(own_samba)
    facts = facts_of(own_samba)
    arguments = [facts.host, str(facts.port), facts.share, facts.login, facts.password, FOLDER]
    publisher = subprocess.Popen(
        [sys.executable, "-c", PUBLISHER, *arguments],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert publisher.stdout is not None
    assert publisher.stdout.readline() == b"under way\n"
    time.sleep(0.3)
    publisher.send_signal(signal.SIGKILL)
    publisher.wait()
    publisher.stdout.close()
    with place.open() as store:
        deadline = time.monotonic() + 5
        while store.locked() and time.monotonic() < deadline:
            time.sleep(0.05)
        with store.lock("next"):
            store.remove_leftovers()
            contents = store.read_many(sorted(store.list_folder()))
    assert len(contents) == 20
    assert {content and (len(content), len(set(content))) for content in contents.values()} == {(400_000, 1)}
    assert temps(place.disk) == []


def test_leftovers_of_a_server_that_was_killed_are_removed_by_the_next_run(own_samba: SambaServer) -> None:
    place = smb_place(own_samba)
    with place.open() as store:
        put(store, a_file())
        (place.disk / ".rp-run-0123456789ab.tmp").write_bytes(b"halv")
        with somebody_has_open(own_samba, f"{FOLDER}/.rp-run-0123456789ab.tmp", access=READS, share=DENIES_WRITING):
            assert store.remove_leftovers() == 0
        assert store.remove_leftovers() == 1


def test_after_a_cut_the_lock_is_not_taken_from_one_who_had_it_meanwhile(own_samba: SambaServer) -> None:
    place = smb_place(own_samba)
    with place.open() as first, first.lock("run-1"):
        own_samba.drop_sessions()
        with place.open() as second, second.lock("run-2"):
            pass
        for _ in range(2):
            with pytest.raises(StoreBusy, match="run-2"):
                first.write([a_file()])
    assert not (place.disk / NAME).exists()


def test_a_cut_that_the_server_has_not_noticed_does_not_lock_us_out(own_samba: SambaServer) -> None:
    with _Proxy(own_samba.port) as proxy:
        place = smb_place(own_samba)
        facts = facts_of(own_samba, **SHORT)
        with SmbStore("share", FOLDER, replace(facts, port=proxy.port), depth=4) as store, store.lock("run-1"):
            proxy.freeze()  # no goodbye: to the server we are connected still, and hold the lock
            assert put(store, a_file()) == [Outcome.DONE]
            with place.open() as other:
                assert other.locked()


class _Proxy:
    """Passes bytes on, until the present connections are frozen: neither side hears of the other any more."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._sockets: list[socket.socket] = []
        self._frozen: set[socket.socket] = set()

    def __enter__(self) -> "_Proxy":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        for each in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def freeze(self) -> None:
        self._frozen.update(self._sockets)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                self._sockets += [client, server]
                for source, sink in ((client, server), (server, client)):
                    threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if source in self._frozen:
                    return
                sink.sendall(data)
            if source not in self._frozen:
                sink.shutdown(socket.SHUT_WR)


def test_a_forked_child_makes_a_connection_of_its_own(samba: SambaServer) -> None:
    place = smb_place(samba, uuid4().hex)
    with place.open() as store, store.lock("run-1"):
        put(store, a_file())
        pid = os.fork()
        if not pid:
            os._exit(0 if list(store.list_folder()) == [NAME] else 1)
        assert os.waitpid(pid, 0)[1] == 0
        assert put(store, a_file("annan.pdf")) == [Outcome.DONE]
        with place.open() as other:
            assert other.locked()


@pytest.mark.skipif(shutil.which("smbclient") is None, reason="needs Samba's own client")
def test_our_own_folder_is_hidden_and_a_published_file_is_not(samba: SambaServer) -> None:
    folder = uuid4().hex
    with smb_place(samba, folder).open() as store:
        put(store, a_file(), a_file(f"{OWN_FOLDER}/220621.json"))
    smbclient = shutil.which("smbclient")
    assert smbclient
    shown = subprocess.run(
        [
            smbclient,
            f"//{samba.host}/{samba.share}",
            f"--port={samba.port}",
            f"--user={samba.user}%{samba.password}",
            f"--directory={folder}",
            "--command=ls",
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    # name, two spaces or more, attributes, size, date
    attributes = dict(re.findall(r"^  (\S.*?) {2,}([A-Z]+) +\d+ ", shown, re.MULTILINE))
    assert "H" in attributes[OWN_FOLDER]
    assert "H" not in attributes.get(NAME, "")
    assert NAME in shown


def test_names_of_files_are_not_logged(samba: SambaServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with smb_place(samba, uuid4().hex).open() as store:
        put(store, a_file())
        store.read(NAME)
    assert "Ullared" not in caplog.text


def test_a_store_is_used_only_while_it_is_open(samba: SambaServer) -> None:
    store = smb_place(samba).open()
    with pytest.raises(RuntimeError, match="with store"):
        store.list_folder()


def test_a_removal_compares_what_the_handle_itself_shows(samba: SambaServer) -> None:
    place = smb_place(samba, uuid4().hex)
    with place.open() as store:
        put(store, a_file())
        listed = store.list_folder()[NAME]
        (place.disk / NAME).write_bytes(b"andrat av nagon")
        assert store.remove(NAME, listed).outcome is Outcome.CHANGED
        assert store.remove(NAME, FileInfo(NAME, 15, AT)).outcome is Outcome.CHANGED
        assert (place.disk / NAME).read_bytes() == b"andrat av nagon"


def test_a_listing_that_takes_many_answers_is_whole(samba: SambaServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reservplan.store.smb_messages.LISTING_BYTES", 4096)
    place = smb_place(samba, uuid4().hex)
    names = {f"{number:03} {NAME}" for number in range(300)}
    for name in names:
        (place.disk / name).write_bytes(b"")
    with place.open() as store:
        assert set(store.list_folder()) == names


def test_a_server_that_grants_few_credits_is_not_overrun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reservplan.store.smb_link.CREDITS_WANTED", 1)
    with SambaServer(tmp_path / "s", global_lines=["smb2 max credits = 70"]) as server:
        place = smb_place(server, depth=64)
        contents = [os.urandom(900_000) for _ in range(12)]
        with place.open() as store:
            files = [a_file(f"{number}.pdf", content) for number, content in enumerate(contents)]
            assert put(store, *files) == [Outcome.DONE] * len(files)
            assert list(store.read_many([file.path for file in files]).values()) == contents


def test_a_file_whose_content_changes_on_the_way_is_not_published(
    samba: SambaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = smb_place(samba, uuid4().hex)
    with place.open() as store:
        put(store, a_file(NAME, OLD))
        monkeypatch.setattr("reservplan.store.smb_messages.content_read", lambda body: bytes(len(body)))
        assert put(store, a_file(NAME, NEW)) == [Outcome.FAILED]
        assert (place.disk / NAME).read_bytes() == OLD
    assert temps(place.disk) == []
