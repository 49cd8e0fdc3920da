"""What answers and what does not, with real listeners that refuse, hang, or answer wrongly."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from reservplan.settings import Probes, Settings, Source, StoreSettings, Team, Watch
from reservplan.watch.asking import ask, ask_patiently
from reservplan.watch.diagnosis import Answer
from reservplan.watch.probing import probe

from servers.ports import free_ports
from tests.unit.watch.listeners import listener, monitor

COLUMNS = {"plan_date": "Datum", "team": "Grupp", "client_name": "Namn", "start": "Start", "minutes": "Längd"}
AN_HOUR = 3600


@contextmanager
def well() -> Iterator[str]:
    with monitor() as site:
        yield site.url


@contextmanager
def not_found() -> Iterator[str]:
    with monitor(404) as site:
        yield site.url


@contextmanager
def broken() -> Iterator[str]:
    with monitor(503) as site:
        yield site.url


@contextmanager
def round_in_circles() -> Iterator[str]:
    with monitor(302, headers=(("Location", "/again"),)) as site:
        yield site.url


@contextmanager
def closed() -> Iterator[str]:
    yield f"http://127.0.0.1:{free_ports(1)[0]}"


@contextmanager
def unknown_name() -> Iterator[str]:
    yield "http://nobody.invalid"


@contextmanager
def not_http() -> Iterator[str]:
    with listener(b"SSH-2.0-OpenSSH_9.2\r\n") as url:
        yield url


@contextmanager
def not_tls() -> Iterator[str]:
    with listener(b"SSH-2.0-OpenSSH_9.2\r\n") as url:
        yield url.replace("http:", "https:")


@contextmanager
def a_file() -> Iterator[str]:
    yield "file:///etc/hostname"


@contextmanager
def hangs() -> Iterator[str]:
    with listener() as url:
        yield url


@contextmanager
def drips() -> Iterator[str]:
    with listener(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 1000, drip_seconds=0.05) as url:
        yield url


@pytest.mark.parametrize(
    ("behaves", "expected"),
    [
        (well, Answer.OK),
        (not_found, Answer.OK),
        (round_in_circles, Answer.OK),
        (broken, Answer.WRONG),
        (closed, Answer.REFUSED),
        (unknown_name, Answer.UNKNOWN_NAME),
        (not_http, Answer.WRONG),
        (not_tls, Answer.WRONG),
        (a_file, Answer.WRONG),
        (hangs, Answer.SILENT),
        (drips, Answer.SILENT),
    ],
)
def test_an_address_is_told_by_how_it_behaves(behaves: Any, expected: Answer) -> None:
    with behaves() as url:
        begun = time.monotonic()
        assert ask(url, 0.6).answer is expected
        assert time.monotonic() - begun < 2


def test_of_a_long_page_only_the_beginning_is_read() -> None:
    with monitor(body=b"x" * 1_000_000) as site:
        assert len(ask_patiently(site.url, 2).body) == 16 * 1024


def settings(source: Source | None = None, **probes: str) -> Settings:
    return Settings(
        organisation="Provkommun",
        teams=(Team(name="Ullared"),),
        source=source or Source(kind="demo"),
        stores=(StoreSettings(name="share", kind="folder", folder="/share"),),
        watch=Watch(probes=Probes(**probes)),
    )


def test_all_are_asked_at_once_and_nobody_is_waited_for_longer_than_the_limit() -> None:
    with hangs() as one, drips() as other:
        begun = time.monotonic()
        found = probe(settings(own=one, outside=other), {"share": Answer.OK}, limit_seconds=0.5)
        assert time.monotonic() - begun < 1.5
    assert (found.own_site, found.outside, found.source) == (Answer.SILENT, Answer.SILENT, Answer.OK)
    assert found.stores == {"share": Answer.OK}


def test_without_an_own_site_nobody_is_asked() -> None:
    with well() as url:
        assert probe(settings(outside=url), {}).own_site is Answer.NOT_ASKED


def test_without_an_address_outside_the_routines_own_page_is_asked_in_its_secure_form() -> None:
    [port] = free_ports(1)
    given = settings()
    routine = given.routine.model_copy(update={"other_page": f"127.0.0.1:{port}"})
    found = probe(given.model_copy(update={"routine": routine}), {})
    assert found.outside is Answer.REFUSED


def export(path: Path, age_hours: float = 1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("Datum;Grupp\n")
    then = time.time() - age_hours * AN_HOUR
    os.utime(path, (then, then))
    return path


def probe_source(path: str) -> tuple[Answer, str]:
    with well() as outside:
        found = probe(settings(Source(kind="files", path=path, columns=COLUMNS), outside=outside), {})
    return found.source, found.words.get("source", "")


def test_a_fresh_export_is_well(tmp_path: Path) -> None:
    export(tmp_path / "exports" / "old.csv", 50)
    export(tmp_path / "exports" / "fresh.csv")
    assert probe_source(f"{tmp_path}/exports") == (Answer.OK, "")
    assert probe_source(f"{tmp_path}/exports/fresh.csv") == (Answer.OK, "")


def test_an_export_that_is_too_old_is_told_with_its_age(tmp_path: Path) -> None:
    export(tmp_path / "exports" / "old.csv", 50.5)
    answer, words = probe_source(f"{tmp_path}/exports")
    assert answer is Answer.WRONG
    assert words == "Det nyaste underlaget i exports är 50 timmar gammalt."


def test_no_export_is_told_and_neither_other_files_nor_folders_are_one(tmp_path: Path) -> None:
    export(tmp_path / "exports" / "readme.md")
    (tmp_path / "exports" / "folder.csv").mkdir()
    assert probe_source(f"{tmp_path}/exports") == (Answer.REFUSED, "Det finns inget underlag i exports.")
    assert probe_source(f"{tmp_path}/nowhere")[0] is Answer.REFUSED
    assert probe_source(f"{tmp_path}/nowhere/plan.csv")[0] is Answer.REFUSED


def test_of_one_file_a_group_and_day_the_newest_counts(tmp_path: Path) -> None:
    pattern = f"{tmp_path}/exports/{{team}}/{{plan_date:%y%m%d}} *.xlsx"
    assert probe_source(pattern)[0] is Answer.REFUSED
    export(tmp_path / "exports" / "Ullared" / "261123 plan.xlsx", 40)
    assert probe_source(pattern)[0] is Answer.WRONG
    export(tmp_path / "exports" / "Ullared" / "261124 plan.xlsx")
    assert probe_source(pattern) == (Answer.OK, "")
