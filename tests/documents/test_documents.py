"""What the documents name is there: commands that parse, files, headings, tests.

Who reads them at night has no time to find out what was meant.
"""

import argparse
import re
import shlex
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml
from reservplan import cli
from reservplan.domain.rules import RULES
from reservplan.settings import Thresholds

from servers.airflow_home import PROJECT

DOCS = PROJECT / "docs"
RUNBOOKS = DOCS / "runbooks"
DOCUMENTS = sorted([PROJECT / "README.md", *DOCS.rglob("*.md")])
CODE = sorted(
    file for name in ("dags", "plugins", "include", "config", "deploy") for file in (PROJECT / name).rglob("*.*")
)
KNOWN_NAMES = {"reservplan_publish", "reservplan_share", "reservplan_airflow", "reservplan_plugin"}

_FENCED = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_RUNBOOK = re.compile(r"runbooks/([\w-]+\.md)")
_TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
_TESTS = re.compile(r"`(tests/[\w/]+/)`")
# A synopsis, or a command that is told by its beginning only.
_NOT_WHOLE = re.compile(r"[\[…]|\.\.\.|--help")


def label(file: Path) -> str:
    return str(file.relative_to(PROJECT))


def commands_in(text: str) -> Iterator[str]:
    """Every whole command line that the text quotes, in blocks and within lines, as it is typed in a container too."""
    blocks = [
        line.strip() for kind, block in _FENCED.findall(text) if kind in ("", "sh") for line in block.splitlines()
    ]
    spans = [" ".join(span.split()) for span in _SPAN.findall(_FENCED.sub("", text))]
    for quoted in (*blocks, *spans):
        command = re.sub(r"^docker compose exec (-\S+ )*\S+ ", "", quoted).removeprefix(".venv/bin/")
        if re.match(r"(airflow|reservplan|make) ", command) and not _NOT_WHOLE.search(command):
            yield command


@cache
def airflow_parser() -> argparse.ArgumentParser:
    from airflow.cli.cli_parser import get_parser

    return get_parser()


@cache
def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):(?!=)", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def fault_of_command(command: str) -> str:
    """Why a command cannot be given as it stands; empty where it can."""
    words = shlex.split(command, comments=True)
    if words[0] == "make":
        asked = [word for word in words[1:] if "=" not in word]
        return "" if set(asked) <= make_targets() else "no such target"
    dags = {file.stem for file in (PROJECT / "dags").glob("*.py")}
    if unknown := {word for word in words if re.fullmatch(r"reservplan_\w+", word)} - dags - KNOWN_NAMES:
        return f"nothing is called {', '.join(sorted(unknown))}"
    parser = airflow_parser() if words[0] == "airflow" else cli._parser()
    try:
        parser.parse_args(words[1:])
    except SystemExit:
        return "does not parse"
    return ""


def anchors_of(file: Path) -> set[str]:
    """The headings of a document as links name them."""
    heads = re.findall(r"^#+ (.+)$", _FENCED.sub("", file.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def fault_of_link(link: str, folder: Path) -> str:
    """Why a link leads nowhere; empty where it leads somewhere or out of the project."""
    if "://" in link:
        return ""
    path, _, anchor = link.partition("#")
    target = folder / path
    if not target.exists():
        return "no such file"
    return "" if not anchor or not path or anchor in anchors_of(target) else "no such heading"


def broken_tables(text: str) -> list[str]:
    """The rows of tables that have more or fewer cells than their heading."""
    broken, width = [], 0
    for line in _FENCED.sub("", text).splitlines():
        row = line.strip()
        cells = len(re.findall(r"(?<!\\)\|", row)) if row.startswith("|") else 0
        width = width if cells and width else cells
        if cells != width:
            broken.append(row)
        width = width if cells else 0
    return broken


@pytest.mark.parametrize("file", DOCUMENTS, ids=label)
class TestEachDocument:
    def test_quotes_commands_that_can_be_given(self, file: Path) -> None:
        found = {command: fault_of_command(command) for command in commands_in(file.read_text(encoding="utf-8"))}
        assert {command: fault for command, fault in found.items() if fault} == {}

    def test_links_to_what_is_there(self, file: Path) -> None:
        links = _LINK.findall(_FENCED.sub("", file.read_text(encoding="utf-8")))
        found = {link: fault_of_link(link, file.parent) for link in links}
        assert {link: fault for link, fault in found.items() if fault} == {}

    def test_has_whole_tables(self, file: Path) -> None:
        assert broken_tables(file.read_text(encoding="utf-8")) == []

    def test_names_tests_that_are_there(self, file: Path) -> None:
        for path, name in _TEST.findall(file.read_text(encoding="utf-8")):
            assert (PROJECT / path).is_file(), f"{path} is not there."
            assert f"def {name}" in (PROJECT / path).read_text(encoding="utf-8"), f"{path} has no {name}."
        for path in _TESTS.findall(file.read_text(encoding="utf-8")):
            assert any((PROJECT / path).glob("**/test_*.py")), f"{path} has no tests."


def test_every_runbook_that_anything_names_is_there() -> None:
    named = {
        (name, label(file))
        for file in (*DOCUMENTS, *CODE)
        if file.suffix in (".py", ".md", ".yaml", ".env", ".sh")
        for name in _RUNBOOK.findall(file.read_text(encoding="utf-8"))
    }
    assert {name for name, _ in named} >= {"backfill.md", "failed-run.md", "manifest-damaged.md"}
    assert {(name, where) for name, where in named if not (RUNBOOKS / name).is_file()} == set()


def test_every_runbook_is_in_the_index_and_tells_what_it_must() -> None:
    index = (RUNBOOKS / "README.md").read_text(encoding="utf-8")
    for file in sorted(RUNBOOKS.glob("*.md")):
        if file.name == "README.md":
            continue
        assert f"({file.name})" in index
        text = file.read_text(encoding="utf-8").lower()
        for part in ("for staff", "check", "well again|see that it works", "to call"):
            assert re.search(part, text), f"{file.name} does not tell: {part}."


def test_every_container_in_which_a_command_is_given_is_a_service() -> None:
    services = yaml.safe_load((PROJECT / "docker-compose.yaml").read_text(encoding="utf-8"))["services"]
    named = {
        name
        for file in DOCUMENTS
        for name in re.findall(r"docker compose exec (?:-\S+ )*(\S+)", file.read_text(encoding="utf-8"))
    }
    assert named >= {"airflow-scheduler", "airflow-worker"}
    assert named <= set(services)


def test_every_dag_is_in_the_table_of_how_to_run_again() -> None:
    table = (RUNBOOKS / "README.md").read_text(encoding="utf-8").partition("## How to run again")[2]
    for file in (PROJECT / "dags").glob("*.py"):
        assert f"| `{file.stem}` |" in table


def test_the_backfill_stands_alone_in_the_first_block_of_its_runbook() -> None:
    blocks = _FENCED.findall((RUNBOOKS / "backfill.md").read_text(encoding="utf-8"))
    kind, block = blocks[0]
    assert kind == "sh"
    assert re.fullmatch(r"airflow backfill create --dag-id reservplan_snapshot [^\n]*\n", block)
    assert "T23:59:59+" in block, "A bare last day would be left out."


def test_what_is_signed_is_this_version() -> None:
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    said = re.findall(r"(?:Version|Reservplan): (\d\S*\d)\.", (DOCS / "security.md").read_text(encoding="utf-8"))
    assert said == [version, version]


@pytest.mark.parametrize(
    "text",
    [
        "```sh\nairflow backfill create --dag reservplan_snapshot\n```",
        "`airflow dags trigger reservplan_snapshots`",
        "`docker compose exec airflow-scheduler airflow dags tigger reservplan_watch`",
        "`reservplan snapshot --day 2026-11-20`",
        "`.venv/bin/reservplan snapshot --date 20.11.2026`",
        "`make tests`",
    ],
)
def test_a_command_that_cannot_be_given_is_found(text: str) -> None:
    [command] = commands_in(text)
    assert fault_of_command(command)


@pytest.mark.parametrize("link", ["runbooks/nothing.md", "security.md#nothing"])
def test_a_link_to_nowhere_is_found(link: str) -> None:
    assert fault_of_link(link, DOCS)


def test_a_broken_table_is_found() -> None:
    assert broken_tables("| a | b |\n|---|---|\n| c | d | e |\n\n| f |\n|---|\n") == ["| c | d | e |"]


def test_the_page_on_completeness_names_every_rule_and_every_threshold() -> None:
    page = (PROJECT / "docs" / "validation.md").read_text(encoding="utf-8")
    rows = {line.split("|")[1].strip(): line for line in page.splitlines() if line.startswith("| `")}
    for rule in RULES:
        verdict = "remark" if rule.severity.whole else "incomplete"
        assert f"| {verdict} |" in rows[f"`{rule.code}`"]
    others = {"retention_late_hours", "most_dates_removed_at_once"}
    for name, field in Thresholds.model_fields.items():
        assert name in others or f"`{name}`" in page
        if f"`{name}` (" in page and isinstance(field.default, int | float):
            assert f"`{name}` ({field.default}" in page
