"""What a step says of an export, whatever is in it: nothing of a person in log, result, error or output.

The steps run here as Airflow's tasks wrap them, but in this process, so that hundreds of broken exports can be tried.
What lies in staging between them is opened too: what nobody has mapped, and what is protected, must be gone by then.
"""

import contextlib
import io
import json
import logging
import os
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from reservplan.domain.errors import ReservplanError
from reservplan.domain.manifest import Origin
from reservplan.settings import Settings, load
from reservplan.snapshot import Snapshot, SnapshotRequest
from reservplan.store import open_store
from reservplan_airflow.task_body import step

from servers.airflow_home import PROJECT
from tests.operation.deployment import TEAMS
from tests.operation.hostile import ALL_SLIPS, USUAL_SLIPS, WHOLE, Export, Make
from tests.operation.planted import PROTECTED_COLUMNS, People
from tests.operation.traces import Search

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@dataclass
class Desk:
    """A folder with an export, settings, staging and a store; `say` keeps everything that any step makes known."""

    folder: Path
    people: People

    def __post_init__(self) -> None:
        self.told = io.StringIO()
        self.search = Search(self.people.values)
        self.staged = Search(self.people.never_leaves)

    def save(self, export: Export) -> Settings:
        tree = yaml.safe_load((PROJECT / "config" / "reservplan.yaml").read_text(encoding="utf-8"))
        tree["teams"] = list(TEAMS)
        tree["window"] = {"days_back": 14, "days_ahead": 1}
        tree["source"] |= {"path": "exports", "teams": {}, **PROTECTED_COLUMNS, **export.source}
        tree["source"]["max_age_hours"] = 10**6
        tree["stores"] = [{"name": "office", "kind": "folder", "folder": str(self.folder / "store")}]
        tree |= {name: str(self.folder / name) for name in ("staging", "archive", "reports")}
        tree["watch"] = {"folder": str(self.folder / "watch")}
        (self.folder / "exports").mkdir()
        (self.folder / "store").mkdir()
        saved = self.folder / "exports" / f"plan{export.suffix}"
        saved.write_bytes(export.content)
        # As if saved a while ago: one that is new is looked at twice, which takes its time.
        os.utime(saved, (NOW.timestamp(), NOW.timestamp()))
        file = self.folder / "reservplan.yaml"
        file.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
        return load(file)

    def run(self, export: Export, *, draw: bool = False) -> list[str]:
        """All steps until the first that fails; returns the names of those that did not."""
        snapshot = Snapshot(
            self.save(export),
            SnapshotRequest(
                run_id="manual__hunt", today=TODAY, started_at=NOW, origin=Origin.MANUAL,
                plan_dates=(TODAY, TODAY + timedelta(days=1)),
            ),
            lambda settings: open_store(settings, None),
            say=self.told.write,
        )  # fmt: skip
        batches: list[Any] = []

        def extract() -> Any:
            return snapshot.extract()

        def validate() -> Any:
            return snapshot.validate()

        def compare() -> Any:
            batches.extend(snapshot.compare())
            for alarm in snapshot.alarms():
                self.told.write(alarm)
            return [batch.model_dump() for batch in batches]

        def render() -> Any:
            return [snapshot.render(batch) for batch in batches]

        done = []
        for body in (extract, validate, compare, *([render] if draw else [])):
            if not self._tried(body):
                break
            done.append(body.__name__)
            self._look_at_staging(snapshot)
        snapshot.clear()
        assert not snapshot.staging.root.exists()
        self.search.look(self.told.getvalue(), "what was said")
        return done

    def _tried(self, body: Callable[[], Any]) -> bool:
        handler = logging.StreamHandler(self.told)
        logging.getLogger().addHandler(handler)
        try:
            with contextlib.redirect_stdout(self.told), contextlib.redirect_stderr(self.told):
                result = step(body)()
        except ReservplanError as error:
            # What Airflow logs of a fault: its words, its causes, and every line it came through.
            self.told.write("".join(traceback.format_exception(error)) + repr(error))
            return False
        finally:
            logging.getLogger().removeHandler(handler)
        self.told.write(json.dumps(result, ensure_ascii=False))
        return True

    def _look_at_staging(self, snapshot: Snapshot) -> None:
        for path in sorted(Path(str(snapshot.staging.root)).rglob("*")):
            if path.suffix == ".parquet":
                self.staged.look(pd.read_parquet(path).to_csv(), path.name)
            elif path.is_file():
                self.staged.look_into(path)


@pytest.fixture(scope="module")
def people() -> People:
    return People.random()


@pytest.fixture
def desk(tmp_path: Path, people: People) -> Iterator[Desk]:
    levels = {name: logging.getLogger(name).level for name in ("", "reservplan")}
    logging.getLogger().setLevel(logging.DEBUG)
    logging.getLogger("reservplan").setLevel(logging.DEBUG)
    try:
        yield Desk(tmp_path, people)
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def run(desk: Desk, make: Make, *, draw: bool = False) -> list[str]:
    rows = desk.people.rows_of([TODAY + timedelta(days=n) for n in (-1, 0, 1, 2)], TEAMS)
    done = desk.run(make(desk.people, rows), draw=draw)
    assert desk.search.traces == set(), desk.told.getvalue()
    assert desk.staged.traces == set()
    return done


def test_a_good_export_goes_through_and_is_searched_on_its_way(desk: Desk) -> None:
    assert run(desk, WHOLE["a good one"], draw=True) == ["extract", "validate", "compare", "render"]
    assert desk.staged.places > 20
    assert "extract: " in desk.told.getvalue()


def test_the_search_sees_what_is_said_and_what_is_staged(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without this, the others would prove nothing: a value of each person, put there on purpose, is found."""
    client, protected = desk.people.clients[1], desk.people.clients[-1]
    monkeypatch.setattr("reservplan_airflow.task_body.in_words", lambda _: client.last)
    monkeypatch.setattr("reservplan.extract.capture.protect", lambda *_: None)
    rows = desk.people.rows_of([TODAY], TEAMS)
    with contextlib.suppress(Exception):
        desk.run(WHOLE["a good one"](desk.people, rows))
    desk.search.look(desk.told.getvalue(), "what was said")
    assert f"client {client.number}'s last name" in {trace.what for trace in desk.search.traces}
    assert f"client {protected.number}'s last name" in {trace.what for trace in desk.staged.traces}


@pytest.mark.parametrize("name", [*WHOLE, *USUAL_SLIPS])
def test_a_broken_export_is_told_without_a_word_of_it(desk: Desk, name: str) -> None:
    run(desk, {**WHOLE, **USUAL_SLIPS}[name])


@pytest.mark.long
@pytest.mark.parametrize("name", ALL_SLIPS)
def test_any_value_in_any_cell_is_told_without_a_word_of_it(desk: Desk, name: str) -> None:
    run(desk, ALL_SLIPS[name], draw=name.startswith(("name", "many digits")))


@pytest.mark.parametrize("name", [
    "control letters", *(pytest.param(name, marks=pytest.mark.long) for name in ("an endless note", "lone surrogates")),
])  # fmt: skip
def test_what_cannot_be_drawn_is_told_by_its_cell(desk: Desk, name: str) -> None:
    run(desk, WHOLE[name], draw=True)


FAULTS: Mapping[str, tuple[str, Callable[[str], BaseException]]] = {
    "pandas": ("reservplan.extract.capture.visit_frame", lambda value: _raised(lambda: pd.to_datetime([value]))),
    "a lost key": ("reservplan.extract.capture.visit_frame", lambda value: KeyError(value)),
    "a chain of causes": ("reservplan.extract.capture.protect", lambda value: _chained(value)),
    "a file named by a person": ("reservplan.extract.capture.protect", lambda value: OSError(28, value, value)),
    "notes of its own": ("reservplan.extract.capture.protect", lambda value: _noted(value)),
    "several at once": (
        "reservplan.extract.capture.protect",
        lambda value: ExceptionGroup(value, [ValueError(value), TypeError(value)]),
    ),
    "no memory": ("reservplan.extract.capture.protect", lambda value: MemoryError(value)),
    "too deep": ("reservplan.extract.capture.protect", lambda value: RecursionError(value)),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_that_nobody_foresaw_is_told_without_its_own_words(
    desk: Desk, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, make = FAULTS[name]
    error = make(f"{desk.people.clients[1].first} {desk.people.clients[1].last}")

    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(where, fail)
    assert run(desk, WHOLE["a good one"]) == []
    assert type(error).__name__ in desk.told.getvalue()


def _raised(body: Callable[[], Any]) -> BaseException:
    try:
        body()
    except Exception as error:
        return error
    raise AssertionError("It was to fail.")


def _chained(value: str) -> BaseException:
    def fail() -> None:
        try:
            int(value)
        except ValueError as error:
            raise RuntimeError(value) from error

    return _raised(fail)


def _noted(value: str) -> BaseException:
    error = ValueError(value)
    error.add_note(value)
    return error


def test_the_faults_of_this_list_do_hold_the_value() -> None:
    for name, (_, make) in FAULTS.items():
        error = make("Kråxvild Ögstråmla")
        assert "Kråxvild" in "".join(traceback.format_exception(error)), name
