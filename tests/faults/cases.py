"""The faults, each provoked on a real file server while a run writes the next generation."""

import contextlib
import json
import multiprocessing
import os
import shutil
import signal
import threading
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from reservplan.domain.names import OWN_FOLDER, backup_name, manifest_name, parse_artifact_name
from reservplan.domain.plan import Cell

from tests.faults.disks import Fill, can_mount, can_protect, disk_that_fills, disk_with_quota, has_quota, protected
from tests.faults.generations import CELLS
from tests.faults.publishing import Run
from tests.faults.scene import FOREIGN, Scene, beside
from tests.store_contract.test_share_faults import DENIES_NOTHING, DENIES_WRITING, EDITS, READS, somebody_has_open
from tests.unit.publish.site import rendered

Provoke = Callable[[Scene, Random], list[str]]
Prepare = Callable[[Scene, Random], Sequence[str]]
Disk = Callable[[Path], AbstractContextManager[Fill]]

NAME = "220621 Brukarschema Ullared.pdf"
WORKBOOK = "220621 Översiktsschema Ullared.xlsx"
SEVERAL = (NAME, WORKBOOK, "220622 Brukarschema Ätran.xlsx")
HUNG_SECONDS = 2.5
NOBODYS = "Fel-losenord-1"


@dataclass(frozen=True)
class Case:
    """A fault: how it is provoked, and how often in full length and in the short form.

    `provoke` makes the run and returns what was told, the fault being over. `prepare` is done before anybody looks on,
    and names the own names that are taken away by hand. `furnish_anew` where the folder is not as before afterwards.
    """

    name: str
    how: str
    provoke: Provoke
    tries: int
    short: int = 1
    prepare: Prepare | None = None
    furnish_anew: bool = False
    disk: Disk | None = None
    possible: Callable[[], bool] = lambda: True
    varies: bool = False  # what is told depends on the moment
    has_gap: bool = False  # the page says which


def _at_any_moment(scene: Scene, chance: Random, happening: Callable[[], object]) -> None:
    scene.wire.after(chance.randrange(scene.traffic_bytes), happening)


def _impatient(scene: Scene) -> None:
    scene.extra = {"timeout_seconds": 1, "connect_timeout_seconds": 1}


def _hasty() -> AbstractContextManager[Any]:
    """Pauses between two tries to connect are short, so that a share that stays away costs no quarter of a minute."""
    return patch("reservplan.store.smb_pipeline.FIRST_PAUSE_SECONDS", 0.02)


@contextmanager
def _server(scene: Scene, **options: Any) -> Iterator[None]:
    """The server with other options for a while."""
    before = {name: getattr(scene.server, name) for name in options}
    _restart(scene, options)
    try:
        yield
    finally:
        _restart(scene, before)


def _restart(scene: Scene, options: dict[str, Any]) -> None:
    scene.server.stop()
    for name, value in options.items():
        setattr(scene.server, name, value)
    scene.server.start()


# The line and the server


def cut(scene: Scene, chance: Random) -> list[str]:
    scene.extra = {"timeout_seconds": 2}
    ways = [scene.wire.cut, scene.server.drop_sessions, scene.wire.silence]
    _at_any_moment(scene, chance, chance.choices(ways, weights=[5, 4, 1])[0])
    return scene.run().go()


def cut_and_away(scene: Scene, chance: Random) -> list[str]:
    _at_any_moment(scene, chance, scene.wire.stay_away)
    with _hasty():
        told = scene.run().go()
    scene.wire.come_back()
    return told


def server_killed(scene: Scene, chance: Random) -> list[str]:
    def happening() -> None:
        scene.server.kill()
        scene.server.start()

    _at_any_moment(scene, chance, happening)
    return scene.run().go()


def hung(scene: Scene, chance: Random) -> list[str]:
    _impatient(scene)
    waking = threading.Timer(HUNG_SECONDS, scene.server.resume)

    def happening() -> None:
        scene.server.pause()
        waking.start()

    _at_any_moment(scene, chance, happening)
    told = scene.run().go()
    if waking.ident is not None:
        waking.join()
    scene.extra = {}
    return told


def hung_for_good(scene: Scene, chance: Random) -> list[str]:
    _impatient(scene)
    _at_any_moment(scene, chance, scene.server.pause)
    with _hasty():
        told = scene.run().go()
    scene.server.resume()
    scene.extra = {}
    return told


def share_closed(scene: Scene, chance: Random) -> list[str]:
    _at_any_moment(scene, chance, scene.server.close_share)
    return scene.run().go()


# Room and rights


def full(scene: Scene, chance: Random) -> list[str]:
    assert scene.fill is not None
    _at_any_moment(scene, chance, partial(scene.fill, True))
    told = scene.run().go()
    scene.wire.forget()
    scene.fill(False)
    return told


def read_only(scene: Scene, _: Random) -> list[str]:
    with _server(scene, read_only=True):
        return scene.run().go()


def write_protected(scene: Scene, _: Random) -> list[str]:
    with protected(scene.root / NAME), _short_busy_pauses():
        return scene.run().go()


# Who we are and where it is


def wrong_password(scene: Scene, _: Random) -> list[str]:
    scene.server.lock_account_after(100)
    told = scene.run(scene.facts(password=NOBODYS)).go()
    assert scene.server.wrong_passwords() == 1
    scene.server.unlock_account()
    return told


def account_disabled(scene: Scene, _: Random) -> list[str]:
    scene.server.disable_account(True)
    told = scene.run().go()
    scene.server.disable_account(False)
    return told


def account_locked(scene: Scene, _: Random) -> list[str]:
    scene.server.lock_account_after(3)
    scene.run(scene.facts(password=NOBODYS)).go()
    assert not scene.server.account_is_locked(), "by our own tries"
    while not scene.server.account_is_locked():
        scene.server.sign_in_wrongly()
    told = scene.run().go()
    scene.server.unlock_account()
    return told


def host_unknown(scene: Scene, _: Random) -> list[str]:
    return scene.run(scene.facts(host="filserver.invalid", port=None)).go()


def share_missing(scene: Scene, _: Random) -> list[str]:
    return scene.run(scene.facts(share="saknas")).go()


def not_encrypted(scene: Scene, _: Random) -> list[str]:
    with _server(scene, global_lines=["server smb encrypt = off"]):
        return scene.run().go()


# Files that others have, and names that are taken


def _short_busy_pauses() -> AbstractContextManager[Any]:
    return patch("reservplan.store.smb.BUSY_PAUSES_SECONDS", (0.0, 0.1, 0.2))


def open_in_excel(scene: Scene, _: Random) -> list[str]:
    with contextlib.ExitStack() as stack, _short_busy_pauses():
        for name in SEVERAL:
            path = f"{scene.root.name}/{name}"
            stack.enter_context(somebody_has_open(scene.server, path, access=EDITS, share=DENIES_WRITING))
        return scene.run().go()


def open_in_a_reader(scene: Scene, _: Random) -> list[str]:
    # Samba serves connections with one client id from one process, and there refuses as Windows always does.
    client = uuid4()
    with (
        contextlib.ExitStack() as stack,
        _short_busy_pauses(),
        patch("reservplan.store.smb_link.uuid4", lambda: client),
    ):
        for name in SEVERAL:
            path = f"{scene.root.name}/{name}"
            stack.enter_context(
                somebody_has_open(scene.server, path, access=READS, share=DENIES_NOTHING, client=client)
            )
        return scene.run(scene.facts(port=scene.server.port)).go()


def a_folder_instead(scene: Scene, _: Random) -> Sequence[str]:
    (scene.root / NAME).unlink()
    (scene.root / NAME).mkdir()
    (scene.root / NAME / "någons.txt").write_text("någons")
    return (NAME,)


def folder_in_the_way(scene: Scene, _: Random) -> list[str]:
    with _short_busy_pauses():
        told = scene.run().go()
    assert (scene.root / NAME / "någons.txt").read_text() == "någons"
    shutil.rmtree(scene.root / NAME)
    return told


def renamed_by_a_mac(scene: Scene, _: Random) -> Sequence[str]:
    (scene.root / WORKBOOK).rename(scene.root / unicodedata.normalize("NFD", WORKBOOK))
    return (WORKBOOK,)


def copied_by_a_mac(scene: Scene, _: Random) -> Sequence[str]:
    other = unicodedata.normalize("NFD", WORKBOOK)
    shutil.copy2(scene.root / WORKBOOK, scene.root / other)
    scene.others = (other,)
    return ()


def looked_at_afterwards(scene: Scene, _: Random) -> list[str]:
    return [*scene.run().go(), *scene.told_of_strays()]


def plain_run(scene: Scene, _: Random) -> list[str]:
    return scene.run().go()


def saved_before_its_turn(scene: Scene, chance: Random) -> list[str]:
    """The groups are written in their order: in the first half of a run the last one's turn has not come."""
    name = chance.choice(list(scene.generation.hashes)[-4:])
    return _saved_after(scene, name, chance.randrange(scene.traffic_bytes // 4, scene.traffic_bytes // 2))


def saved_in_the_very_moment(scene: Scene, chance: Random) -> list[str]:
    # Where somebody has a file of the name that ours would get beside, ours gets another one: that is another case.
    names = [name for name in scene.generation.hashes if beside(name) not in FOREIGN]
    return _saved_after(scene, chance.choice(names), chance.randrange(scene.traffic_bytes))


def _saved_after(scene: Scene, name: str, passed_bytes: int) -> list[str]:
    parsed = parse_artifact_name(name)
    assert parsed is not None
    content = rendered(Cell(parsed.plan_date, parsed.team), parsed.format, parsed.kind, "planeraren")
    scene.onlooker.allow(name, content)

    def save() -> None:
        temp = scene.root / "~WRL0001.tmp"
        temp.write_bytes(content)
        temp.replace(scene.root / name)

    scene.kept = {name: content}
    scene.wire.after(passed_bytes, save)
    return scene.run().go()


# Ourselves


def killed(scene: Scene, chance: Random) -> list[str]:
    child = _in_another_process(scene.run())
    _at_any_moment(scene, chance, lambda: os.kill(child.pid or 0, signal.SIGKILL))
    child.start()
    child.join(60)
    assert child.exitcode is not None
    return []


def two_at_once(scene: Scene, chance: Random) -> list[str]:
    theirs, ours = scene.run(), scene.run()
    begun = threading.Event()
    _at_any_moment(scene, chance, begun.set)
    child = _in_another_process(theirs)
    child.start()
    assert begun.wait(60)
    told = ours.go()
    child.join(60)
    assert child.exitcode == 0
    return told


def _in_another_process(run: Run) -> "multiprocessing.process.BaseProcess":
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.publishing", "reservplan.store.smb"])
    return context.Process(target=run.go)


# Our own records

Spoil = Callable[[Path, Random], None]


def _first_manifest(scene: Scene) -> Path:
    return scene.root / manifest_name(CELLS[0].plan_date)


def damaged_manifest(scene: Scene, chance: Random) -> Sequence[str]:
    path = _first_manifest(scene)
    content = path.read_bytes()
    path.write_bytes(chance.choice([b"", content[: chance.randrange(len(content))], chance.randbytes(2000)]))
    return ()


def missing_manifest(scene: Scene, _: Random) -> Sequence[str]:
    _first_manifest(scene).unlink()
    return ()


def both_missing(scene: Scene, _: Random) -> Sequence[str]:
    _first_manifest(scene).unlink()
    (scene.root / backup_name(CELLS[0].plan_date)).unlink()
    return ()


def own_folder_missing(scene: Scene, _: Random) -> Sequence[str]:
    shutil.rmtree(scene.root / OWN_FOLDER)
    return tuple(scene.generation.hashes)


def cleared_away_by_hand(scene: Scene, chance: Random) -> list[str]:
    told = looked_at_afterwards(scene, chance)
    for name in scene.generation.hashes:
        (scene.root / name).unlink()
    # What lies beside is whole, and stays until there is something newer.
    scene.read_anew()
    return told


def newer_manifest(scene: Scene, _: Random) -> list[str]:
    path = _first_manifest(scene)
    before = path.read_bytes()
    path.write_text(json.dumps({**json.loads(before), "schema": 2}))
    told = scene.run().go()
    assert json.loads(path.read_bytes())["schema"] == 2, "overwritten"
    path.write_bytes(before)
    return told


def _lying(change: Callable[[dict[str, Any], Scene], None]) -> Prepare:
    def lie(scene: Scene, _: Random) -> Sequence[str]:
        path = _first_manifest(scene)
        manifest = json.loads(path.read_bytes())
        change(manifest, scene)
        path.write_text(json.dumps(manifest))
        return ()

    return lie


def _hashes_of_nothing(manifest: dict[str, Any], _: Scene) -> None:
    for cell in manifest["cells"].values():
        for artifact in cell["artifacts"]:
            artifact["sha256"] = "0" * 64


def _other_sizes_and_times(manifest: dict[str, Any], _: Scene) -> None:
    for cell in manifest["cells"].values():
        for artifact in cell["artifacts"]:
            artifact |= {"bytes": artifact["bytes"] + 1, "mtime": "2022-06-01T03:00:00Z"}


def _a_planners_document(manifest: dict[str, Any], scene: Scene) -> None:
    """Somebody else's document as a stand-in of ours, with its own hash."""
    name = "Semesterschema 2022.xlsx"
    digest, mtime_ns = scene.foreign_now()[name]
    first = manifest["cells"]["Ullared"]["artifacts"][0]
    mtime = datetime.fromtimestamp(mtime_ns // 1_000_000_000, UTC).isoformat()
    size = (scene.root / name).stat().st_size
    lie = {**first, "name": name, "sha256": digest, "bytes": size, "mtime": mtime, "stands_in_for": first["name"]}
    manifest["cells"]["Ullared"]["artifacts"].append(lie)


def _files_that_are_not_there(manifest: dict[str, Any], _: Scene) -> None:
    first = manifest["cells"]["Ullared"]["artifacts"][0]
    name = first["name"].replace(".pdf", " (ny 0333).pdf")
    manifest["cells"]["Ullared"]["artifacts"].append({**first, "name": name, "stands_in_for": first["name"]})


def _groups_that_are_not_there(manifest: dict[str, Any], _: Scene) -> None:
    manifest["cells"]["Källsjö"] = manifest["cells"].pop("Ullared")


def _another_day(manifest: dict[str, Any], _: Scene) -> None:
    manifest["plan_date"] = "2022-06-19"


CASES = (
    Case(
        "the connection is cut at any moment",
        "at a random byte of a run: the line closes, the server's process for us is killed, or a cable is pulled",
        cut,
        tries=200,
        varies=True,
        short=3,
    ),
    Case(
        "the connection is cut and stays away",
        "at a random byte the line closes, and nobody can connect until the run has given up",
        cut_and_away,
        tries=40,
        varies=True,
        short=2,
    ),
    Case(
        "the server is killed and comes back",
        "at a random byte all of Samba's processes are killed, and it is started again",
        server_killed,
        tries=20,
        varies=True,
    ),
    Case(
        "the server hangs for longer than the time limit",
        f"SIGSTOP at a random byte, for {HUNG_SECONDS} s where the limit is 1 s",
        hung,
        tries=10,
        varies=True,
    ),
    Case(
        "the server hangs and does not come back",
        "SIGSTOP at a random byte, until the run has given up",
        hung_for_good,
        tries=5,
        short=0,
        varies=True,
    ),
    Case("the share is closed", "`smbcontrol close-share` at a random byte", share_closed, tries=20, varies=True),
    Case(
        "the disk is full",
        "a disk of 16 MB, which others fill at a random byte",
        full,
        tries=20,
        varies=True,
        disk=partial(disk_that_fills, size_bytes=16_000_000),
        possible=can_mount,
    ),
    Case(
        "a quota is reached",
        "a btrfs disk whose quota falls below what is used, at a random byte",
        full,
        tries=10,
        varies=True,
        disk=disk_with_quota,
        possible=has_quota,
    ),
    Case("the share is read-only", "`read only = yes`", read_only, tries=3),
    Case(
        "no permission on one file",
        "`chattr +i`: nobody may change, replace or remove it",
        write_protected,
        tries=3,
        possible=can_protect,
    ),
    Case("a wrong password", "another password; the server's log counts the tries: one", wrong_password, tries=3),
    Case("the account is disabled", "`pdbedit -c [D]`", account_disabled, tries=3),
    Case(
        "the account is locked",
        "a lock after three wrong passwords: a run of ours does not set it off, somebody else's tries do",
        account_locked,
        tries=3,
    ),
    Case("the host is unknown", "a name that no DNS knows", host_unknown, tries=3),
    Case("the share is missing", "the name of no share", share_missing, tries=3),
    Case("the server does not encrypt", "`server smb encrypt = off`", not_encrypted, tries=3),
    Case(
        "a target is open in Excel",
        "three files open for editing, which others may only read",
        open_in_excel,
        tries=5,
    ),
    Case(
        "a target is open in a reader",
        "three files open for reading by a program that denies nothing",
        open_in_a_reader,
        tries=5,
    ),
    Case(
        "a folder is in the way",
        "one of our files is removed, and a folder of its name with a file in it lies there",
        folder_in_the_way,
        tries=3,
        prepare=a_folder_instead,
    ),
    Case(
        "our file's name is in the other Unicode form",
        "a Mac has renamed it: NFD instead of NFC",
        plain_run,
        tries=3,
        prepare=renamed_by_a_mac,
        furnish_anew=True,
    ),
    Case(
        "a copy of our file lies there in the other Unicode form",
        "both forms of the name side by side; the copy is somebody's, and is told by the watch",
        looked_at_afterwards,
        tries=3,
        prepare=copied_by_a_mac,
        furnish_anew=True,
    ),
    Case(
        "a planner saves a file while we write",
        "in the first half of a run a file of the last group is replaced by a person's: it stays, ours lies beside it",
        saved_before_its_turn,
        tries=10,
        furnish_anew=True,
    ),
    Case(
        "a planner saves a file in the very moment",
        "at a random byte any file of ours is replaced by a person's",
        saved_in_the_very_moment,
        tries=30,
        varies=True,
        short=0,
        furnish_anew=True,
        has_gap=True,
    ),
    Case(
        "our own process is killed at any moment",
        "SIGKILL at a random byte of a run",
        killed,
        tries=100,
        short=2,
    ),
    Case(
        "two publishers at once",
        "a second run, begun at a random byte of the first",
        two_at_once,
        tries=20,
        varies=True,
    ),
    Case(
        "a manifest is damaged",
        "cut short, empty or full of noise",
        plain_run,
        tries=10,
        prepare=damaged_manifest,
        furnish_anew=True,
    ),
    Case(
        "a manifest is missing",
        "the one before is there",
        plain_run,
        tries=3,
        prepare=missing_manifest,
        furnish_anew=True,
    ),
    Case(
        "a manifest and the one before are missing",
        "both removed by hand",
        plain_run,
        tries=3,
        prepare=both_missing,
        furnish_anew=True,
    ),
    Case(
        "all our records are missing",
        "the folder `.reservplan` removed by hand; ours goes beside until somebody moves the old copies away",
        cleared_away_by_hand,
        tries=3,
        prepare=own_folder_missing,
        furnish_anew=True,
    ),
    Case("a manifest is of a newer version", "`schema` 2", newer_manifest, tries=3),
    *(
        Case(f"a manifest lies: {what}", how, plain_run, tries=3, short=short, prepare=_lying(lie), furnish_anew=True)
        for short, what, how, lie in (
            (1, "hashes", "hashes of files that are nowhere", _hashes_of_nothing),
            (0, "sizes", "sizes and times that no file has", _other_sizes_and_times),
            (
                1,
                "a planner's document",
                "names a document of somebody else as ours, with its own hash",
                _a_planners_document,
            ),
            (0, "files", "names a stand-in that is not there", _files_that_are_not_there),
            (0, "groups", "gives one group's files to another", _groups_that_are_not_there),
            (0, "the day", "speaks of another day", _another_day),
        )
    ),
)
