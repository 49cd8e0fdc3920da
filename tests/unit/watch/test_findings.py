"""Findings: what should not be, said once for all groups alike, with what to do."""

from datetime import timedelta
from pathlib import Path
from time import sleep

import pytest
from reservplan.domain.alerts import Severity
from reservplan.domain.names import TEMP_PREFIX, TEMP_SUFFIX, manifest_name
from reservplan.domain.plan import Cell
from reservplan.domain.verdict import Reason, Verdict
from reservplan.settings import Contact, Contacts, Thresholds
from reservplan.store.folder import FolderStore
from reservplan.watch import coverage

from tests.unit.publish.cells import FIVE, HOUR, offer
from tests.unit.publish.site import Wrapped, site_at
from tests.unit.retain.shelf import Shared
from tests.unit.watch.lookout import DAY, TEN, TODAY, ULLARED, Lookout
from tests.unit.watch.test_states import OPENS, overwritten, put_intent

LEFTOVER = f"{TEMP_PREFIX}run-x{TEMP_SUFFIX}"


def test_a_whole_store_has_no_findings_and_is_good(lookout: Lookout) -> None:
    lookout.fill()
    found = lookout.look()
    assert (found.findings, found.good, found.critical, found.reachable) == ((), True, (), True)


def test_groups_in_the_same_state_are_one_finding(lookout: Lookout) -> None:
    teams = [f"Grupp {n}" for n in range(1, 9)]
    lookout.fill(teams)
    for team in teams:
        lookout.path(TODAY, team).unlink()
    (finding,) = lookout.look().findings
    assert finding.cells == tuple(Cell(TODAY, team) for team in teams)
    assert "tisdag 21 juni saknas för Grupp 1, Grupp 2, Grupp 3, Grupp 4, Grupp 5 och 3 till" in finding.words


@pytest.mark.parametrize(("days", "severity"), [(-1, Severity.INFO), (0, Severity.CRITICAL), (1, Severity.CRITICAL),
                                                (2, Severity.INFO)])  # fmt: skip
def test_what_somebody_prints_today_or_tomorrow_is_critical(lookout: Lookout, days: int, severity: Severity) -> None:
    lookout.fill()
    lookout.path(TODAY + days * DAY).unlink()
    (finding,) = lookout.look().findings
    assert finding.severity is severity
    assert lookout.look().critical == ((finding.words,) if severity is Severity.CRITICAL else ())
    assert not lookout.look().good


def test_an_edited_file_is_told_but_wakes_nobody(lookout: Lookout) -> None:
    lookout.fill()
    overwritten(OPENS, same_mtime=False)(lookout)
    (finding,) = lookout.look().findings
    assert (finding.code, finding.severity) == ("edited", Severity.INFO)


def test_a_copy_beside_an_open_file_is_named_until_it_has_taken_its_place(lookout: Lookout) -> None:
    lookout.fill()
    site = site_at(lookout.root)
    site.run(offer())
    later = offer(captured_at=FIVE + HOUR, content="later")
    site.seal(site.publish(later, store=Wrapped(site.store, held=[site.path(ULLARED).name])))
    (finding,) = lookout.look().findings
    assert (finding.code, finding.severity) == ("stand_in", Severity.INFO)
    assert finding.paths == ("220621 Brukarschema Ullared (ny 0530).pdf",)
    assert finding.paths[0] in finding.words
    assert not lookout.look().good
    site.run(later)
    assert lookout.codes() == []


def test_an_incomplete_copy_says_why_and_whom_to_ask(lookout: Lookout) -> None:
    lookout.changes = {"contacts": Contacts(planner=Contact(name="Planerare", phone="070-1740605"))}
    gap = Reason(code="no_visits", text="Inga besök.", severity=Verdict.INCOMPLETE)
    lookout.fill(verdict=Verdict.INCOMPLETE, reasons=(gap,))
    first, *_ = lookout.look().critical
    assert "Ullared tisdag 21 jun: Inga besök." in first
    assert "Planerare 070-1740605" in first


def test_a_store_that_cannot_be_reached_is_a_critical_finding_and_no_error(lookout: Lookout) -> None:
    lookout.fill()
    lookout.root.rename(lookout.root.with_name("gone"))
    found = lookout.look()
    assert [(f.code, f.severity) for f in found.findings] == [("unreachable", Severity.CRITICAL)]
    assert (found.cells, found.reachable, found.good) == ({}, False, False)
    assert "IT-service" in found.critical[0]
    assert found.findings[0].words in lookout.table()


@pytest.mark.parametrize(("off", "codes"), [(-6, ["clock"]), (-4, []), (4, []), (6, ["clock"])])
def test_a_clock_that_differs_by_more_than_five_minutes_is_found(lookout: Lookout, off: int, codes: list[str]) -> None:
    lookout.fill()
    lookout.clock_off = timedelta(minutes=off)
    assert lookout.codes() == codes


class SlowToReach(Shared):
    """A store whose clock goes on while it is being connected to."""

    def __enter__(self) -> "SlowToReach":
        sleep(0.3)
        self.time += timedelta(seconds=0.3)
        super().__enter__()
        return self


def test_the_time_that_connecting_takes_is_no_difference_between_clocks(lookout: Lookout) -> None:
    lookout.fill()
    lookout.changes["thresholds"] = Thresholds(clock_skew_minutes=0.2 / 60)
    store = SlowToReach(FolderStore("share", lookout.root), lookout.now)
    assert coverage(store, lookout.store_settings, lookout.settings, lookout.now).findings == ()


def test_copies_that_retention_left_are_overdue_and_the_edited_ones_are_named_apart(lookout: Lookout) -> None:
    lookout.fill(true_at=TEN.replace(hour=4))
    old = TODAY - 15 * DAY
    lookout.put_days([old], ["Ullared"])
    lookout.put_file(lookout.path(old).name, OPENS)
    late, edited = lookout.look().findings
    assert (late.code, len(late.paths)) == (edited.code, 3) == ("overdue", 3)
    assert edited.paths == (lookout.path(old).name,)
    assert "--include-edited" in edited.words
    lookout.now = TEN.replace(hour=6, minute=29)
    assert lookout.codes() == []


def test_records_of_an_old_day_without_files_are_not_overdue(lookout: Lookout) -> None:
    lookout.fill()
    old = TODAY - 20 * DAY
    lookout.put_days([old], ["Ullared"])
    for path in lookout.root.glob("220601*"):
        path.unlink()
    assert lookout.codes() == []


@pytest.mark.parametrize("day", [TODAY, TODAY - 40 * DAY, TODAY + 30 * DAY])
def test_a_file_under_our_names_that_nobody_recorded_is_stray_and_takes_nothing_from_our_copies(
    lookout: Lookout, day: object
) -> None:
    lookout.fill()
    name = f"{day:%y%m%d} Brukarschema Egen.xlsx"
    lookout.put_file(name, b"by hand")
    found = lookout.look()
    assert [(f.code, f.paths) for f in found.findings] == [("stray", (f"{day:%y%m%d} Brukarschema ….xlsx",))]
    assert found.good


def test_a_stray_file_is_told_by_its_group_only_where_the_settings_know_it(lookout: Lookout) -> None:
    lookout.fill()
    for rest in ("Elsa Ekdahl.pdf", "Ullared - Elsa Ekdahl.pdf", "Ullared (ny 0512).pdf"):
        lookout.put_file(f"220621 Brukarschema {rest}", b"x")
    (finding,) = lookout.look().findings
    assert finding.paths == (
        "220621 Brukarschema Ullared (ny 0512).pdf", "220621 Brukarschema ….pdf", "220621 Brukarschema ….pdf",
    )  # fmt: skip
    assert "Ekdahl" not in finding.words


def test_other_files_and_adopted_ones_are_nobodys_business(lookout: Lookout) -> None:
    lookout.fill()
    for name in ("Instruktion.docx", "220621 Brukarschema Ullared (tidigare).pdf", "209999 Brukarschema Ullared.pdf"):
        lookout.put_file(name, b"x")
    assert lookout.codes() == []


@pytest.mark.parametrize("path", [LEFTOVER, f".reservplan/{LEFTOVER}"])
def test_our_leftovers_are_stray_unless_a_run_is_at_work(lookout: Lookout, path: str) -> None:
    lookout.fill()
    lookout.put_file(path, b"x")
    assert lookout.codes() == ["stray"]
    with lookout.store() as opened, opened.lock("run"):
        assert lookout.codes() == []


def test_a_damaged_manifest_is_found_although_the_one_before_stands_in(lookout: Lookout) -> None:
    lookout.fill()
    record = lookout.root / manifest_name(TODAY)
    Path(f"{record}.bak").write_bytes(record.read_bytes())
    record.write_bytes(b"{")
    assert lookout.codes() == ["record"]


def test_a_newer_manifest_is_found_and_nothing_is_claimed_of_its_day(lookout: Lookout) -> None:
    lookout.fill()
    record = lookout.root / manifest_name(TODAY)
    record.write_bytes(record.read_bytes().replace(b'"schema": 1', b'"schema": 9'))
    (finding,) = lookout.look().findings
    assert (finding.code, finding.severity) == ("damaged", Severity.CRITICAL)
    assert "går att skriva ut" in finding.words
    assert "Upgrade Reservplan" in finding.words
    assert "Kör en snapshot" not in finding.words, "it would touch nothing"


def test_a_record_of_a_day_that_nobody_expects_is_told_all_the_same(lookout: Lookout) -> None:
    lookout.fill()
    lookout.put_file(manifest_name(TODAY - 30 * DAY), b"{")
    assert lookout.codes() == ["record"]


def test_copies_that_were_written_but_never_sealed_are_told_when_the_run_is_long_gone(lookout: Lookout) -> None:
    lookout.fill()
    entry = lookout.put_cell(ULLARED, true_at=TEN - timedelta(hours=3))
    put_intent(lookout, entry.model_copy(update={"content": "later"}), TEN - timedelta(hours=3))
    assert lookout.codes() == ["unsealed"]
    put_intent(lookout, entry.model_copy(update={"content": "later"}), TEN - timedelta(minutes=3))
    assert lookout.codes() == []


def test_a_group_that_the_settings_do_not_know_is_told(lookout: Lookout) -> None:
    lookout.fill()
    lookout.put_days([TODAY], ["Ullared", "Nya gruppen"])
    (finding,) = lookout.look().findings
    assert finding.code == "unknown_team"
    assert "Nya gruppen" in finding.words


def test_copies_under_a_name_that_means_another_group_since_are_told_until_they_are_removed(lookout: Lookout) -> None:
    lookout.fill()
    lookout.put_days([TODAY], ["Ullared", "HTJ Ullared dag"])
    renamed = lookout.settings.source.model_copy(update={"teams": {"HTJ Ullared dag": "Ullared"}})
    lookout.changes = {**lookout.changes, "source": renamed}
    (finding,) = lookout.look().findings
    assert finding.code == "unknown_team"
    assert "HTJ Ullared dag. De förnyas inte. Ta bort dem för hand" in finding.words
    for path in lookout.root.glob("* HTJ Ullared dag.*"):
        path.unlink()
    assert lookout.codes() == []


def test_a_copy_whose_time_lies_in_the_future_is_told_apart_from_an_old_one(lookout: Lookout) -> None:
    lookout.fill(["Ullared", "Vessigebro"])
    old = lookout.put_cell(ULLARED, true_at=TEN - timedelta(hours=30))
    ahead = lookout.put_cell(Cell(TODAY, "Vessigebro"), true_at=TEN + timedelta(days=7))
    lookout.put_manifest(TODAY, {"Ullared": old, "Vessigebro": ahead})
    first, second = lookout.look().critical
    assert "Ullared: den stämde senast för 30 timmar sedan" in first
    assert "Vessigebro, så långt man kan veta: dess tid ligger i framtiden" in second
