"""docs/dags.md says what the DAGs are; a change of a DAG that it does not tell fails here."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from docs.generate_dags import PAGE, page_of
from tests.airflow_for_tests import dags_folder


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], str]:
    """The page of the DAG files in a folder, by the settings' defaults."""

    def read(folder: Path) -> str:
        from airflow.dag_processing.dagbag import DagBag

        monkeypatch.setenv("RESERVPLAN_CONFIG", str(tmp_path / "no-configuration.yaml"))
        bag = DagBag(str(folder))
        assert bag.import_errors == {}
        return page_of(bag.dags)

    return read


def test_the_page_tells_the_dags_as_they_are(page: Callable[[Path], str]) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(dags_folder()), "docs/dags.md is out of date: run `make docs`."


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("reservplan_watch.py", "One look at a time.", "Two looks at a time."),
        ("reservplan_watch.py", 'timetable("watch")', 'timetable("refresh")'),
        ("reservplan_watch.py", "    allowed_run_types=NOT_BACKFILLABLE,\n", ""),
        ("reservplan_watch.py", "accept_request() >> [settle(), requests]", "accept_request() >> requests"),
        ("reservplan_watch.py", '__doc__)', '__doc__, max_active_runs=2)'),
        ("reservplan_retain.py", ", params=retain_params()", ""),
        ("reservplan_snapshot.py", "[whole, cleared])", "cleared)"),
        ("reservplan_snapshot.py", "= render.partial(", "= render.override(retries=1).partial("),
    ],
    ids=["docstring", "schedule", "run types", "a step gone", "runs at a time", "parameters", "order", "retries"],
)  # fmt: skip
def test_a_dag_that_changes_changes_the_page(
    page: Callable[[Path], str], tmp_path: Path, file: str, old: str, new: str
) -> None:
    folder = tmp_path / "dags"
    shutil.copytree(dags_folder(), folder, ignore=shutil.ignore_patterns("__pycache__"))
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")
    assert page(folder) != PAGE.read_text(encoding="utf-8")
