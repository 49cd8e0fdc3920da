"""Days that were missed, and days without the export: what the archive still knows, what the export still knows."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from reservplan.domain.words import WORDS

from tests.time.office import Office, local, ordinary, row

DAY = timedelta(days=1)
MONDAY = date(2026, 11, 23)
TUESDAY, WEDNESDAY, THURSDAY = (MONDAY + n * DAY for n in (1, 2, 3))


def at(day: date, clock: str = "05:00") -> datetime:
    return local(f"{day} {clock}")


def files_of(office: Office, day: date) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in office.copies.glob(f"{day:%y%m%d} *")}


def lose(office: Office, day: date) -> None:
    """The day's copies and its record are gone from the share."""
    for path in (*office.copies.glob(f"{day:%y%m%d} *"), *(office.copies / ".reservplan").glob(f"{day:%y%m%d}.*")):
        path.unlink()


def listed(office: Office, when: datetime) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(office.at(when, "archive", "list", "--json").out)["captures"]
    return found


def test_a_day_that_is_gone_is_made_of_its_archived_capture_byte_for_byte(office: Office) -> None:
    assert office.captured(at(MONDAY), ordinary(MONDAY, TUESDAY)).status == 0
    before = files_of(office, MONDAY)
    assert len(before) == 4
    lose(office, MONDAY)
    # The export has moved on: nobody but the archive knows Monday any more.
    office.export(ordinary(WEDNESDAY, THURSDAY, visits=5), at(WEDNESDAY, "04:45"))
    done = office.at(at(WEDNESDAY), "snapshot", "--date", str(MONDAY))
    assert (done.status, done.err) == (0, "")
    assert files_of(office, MONDAY) == before
    assert "EFTERSKAPAD" not in office.paper(MONDAY)
    assert "Hämtat 23 november 2026 kl. 04:45" in office.paper(MONDAY)


def test_a_day_that_only_the_export_still_knows_is_marked_as_made_afterwards(office: Office) -> None:
    office.captured(at(MONDAY), ordinary(MONDAY))
    done = office.captured(at(THURSDAY), ordinary(WEDNESDAY, THURSDAY), "--date", str(WEDNESDAY))
    assert (done.status, done.err) == (0, "")
    assert "EFTERSKAPAD" in office.paper(WEDNESDAY)
    assert "Hämtat 26 november 2026 kl. 04:45" in office.paper(WEDNESDAY)


def test_a_day_that_nobody_knows_is_not_invented_and_status_says_so(office: Office) -> None:
    office.captured(at(MONDAY), ordinary(MONDAY, TUESDAY))
    done = office.captured(at(THURSDAY), ordinary(THURSDAY), "--date", str(WEDNESDAY))
    assert done.status == 1
    assert "varken" in done.err
    assert f"{WEDNESDAY:%y%m%d}" not in office.days()
    (wednesday,) = (c for c in office.coverage(at(THURSDAY))["cells"] if c["plan_date"] == str(WEDNESDAY))
    assert wednesday["state"] == "missing"
    assert "varken" in json.dumps(wednesday, ensure_ascii=False)


def test_a_copy_that_was_captured_later_is_never_replaced_by_an_earlier_capture(office: Office) -> None:
    office.captured(at(MONDAY), ordinary(MONDAY, visits=5))
    (morning,) = [capture["captured_at"] for capture in listed(office, at(MONDAY, "06:00"))]
    office.captured(at(MONDAY, "16:00"), ordinary(MONDAY, visits=20))
    assert len(listed(office, at(MONDAY, "17:00"))) == 2
    later = files_of(office, MONDAY)
    for path in (office.root / "archive" / "captures" / f"{MONDAY:%y%m%d}").iterdir():
        if "T1445" in path.name or "1445" in path.read_bytes().decode("latin-1")[:400]:
            path.unlink()
    left = [capture["captured_at"] for capture in listed(office, at(TUESDAY))]
    assert left == [morning]
    office.export(ordinary(TUESDAY), at(TUESDAY, "04:45"))
    done = office.at(at(TUESDAY), "snapshot", "--date", str(MONDAY))
    assert files_of(office, MONDAY) == later
    # The afternoon's visits more are none that the morning has lost.
    assert "borta" not in done.err


def test_making_a_past_day_again_changes_nothing_where_nothing_has_changed(office: Office) -> None:
    office.captured(at(MONDAY), ordinary(MONDAY, TUESDAY))
    office.export(ordinary(WEDNESDAY), at(WEDNESDAY, "04:45"))
    office.at(at(WEDNESDAY), "snapshot", "--date", str(MONDAY), "--to", str(TUESDAY))
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in files(office.copies)}
    done = office.at(at(WEDNESDAY, "05:30"), "snapshot", "--date", str(MONDAY), "--to", str(TUESDAY))
    assert done.status == 0
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in files(office.copies)} == before


@pytest.mark.parametrize(("left", "accepts"), [(16, False), (13, True)], ids=["a remark", "accepted"])
def test_a_copy_that_was_remarked_against_the_one_before_is_so_when_it_is_made_again(
    office: Office, left: int, accepts: bool
) -> None:
    office.captured(at(MONDAY), ordinary(MONDAY, visits=20))
    office.captured(at(MONDAY, "11:00"), ordinary(MONDAY, visits=left))
    if accepts:
        asked = ["accept", "--team", "Ullared", "--date", str(MONDAY), "--why", "sammanslagen"]
        office.at(at(MONDAY, "11:30"), *asked)
    before, entry = files_of(office, MONDAY), office.entry(MONDAY)
    assert (entry.verdict, entry.visits) == ("remarks", left)
    # Another day is incomplete, so that the run does not stop at "nothing has changed".
    office.at(at(MONDAY, "12:00"), "snapshot")
    office.at(at(TUESDAY), "snapshot", "--date", str(MONDAY))
    assert files_of(office, MONDAY) == before
    assert office.entry(MONDAY).reasons == entry.reasons


def test_past_days_are_drawn_again_of_the_archive_when_the_paper_has_been_mended(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.captured(at(MONDAY), ordinary(MONDAY, TUESDAY))
    office.export(ordinary(WEDNESDAY), at(WEDNESDAY, "04:45"))
    again = ("snapshot", "--date", str(MONDAY))
    assert office.at(at(WEDNESDAY), *again).status == 0
    before = files_of(office, MONDAY)
    monkeypatch.setitem(WORDS, "paper.captured", {"sv": "Läst {moment}", "en": "Read {moment}"})
    monkeypatch.setattr("reservplan.render.template_version", lambda: "mended")
    done = office.at(at(WEDNESDAY, "07:00"), *again)
    assert (done.status, done.err) == (0, "")
    after = files_of(office, MONDAY)
    assert [name for name in before if after.get(name) == before[name]] == []
    assert "Läst 23 november 2026 kl. 04:45" in office.paper(MONDAY)
    assert "EFTERSKAPAD" not in office.paper(MONDAY)


def test_a_day_made_afterwards_of_the_export_is_the_same_when_it_is_made_again_of_the_archive(office: Office) -> None:
    office.captured(at(MONDAY), ordinary(MONDAY))
    again = ("--date", str(WEDNESDAY))
    assert office.captured(at(THURSDAY), ordinary(WEDNESDAY, THURSDAY), *again).status == 0
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in files(office.copies)}
    assert office.at(at(THURSDAY, "05:30"), "snapshot", *again).status == 0
    assert office.at(at(THURSDAY, "06:30"), "snapshot", *again).status == 0
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in files(office.copies)} == before


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "lock")


def test_what_was_read_while_the_share_was_away_is_published_without_the_export(office: Office) -> None:
    away = office.copies.rename(office.root / "away")
    assert office.captured(at(MONDAY), ordinary(MONDAY, TUESDAY)).status == 2
    away.rename(office.copies)
    (office.root / "exports" / "Planering.csv").unlink()
    assert office.at(at(MONDAY, "09:00"), "snapshot").status == 2
    done = office.at(at(MONDAY, "09:05"), "snapshot", "--from-archive")
    assert (done.status, done.err) == (0, "")
    assert office.days() == [f"{MONDAY:%y%m%d}", f"{TUESDAY:%y%m%d}"]
    assert "Hämtat 23 november 2026 kl. 04:45" in office.paper(MONDAY)


def test_three_days_without_the_pipeline_are_repaired_by_one_command(office: Office) -> None:
    friday = MONDAY + 4 * DAY
    office.configure(window={"days_back": 14, "days_ahead": 1})
    office.captured(at(MONDAY), ordinary(MONDAY, TUESDAY))
    # Tuesday to Thursday nothing runs, and the share has lost what lay there for Tuesday.
    lose(office, TUESDAY)
    office.captured(at(friday), ordinary(WEDNESDAY, THURSDAY, friday, friday + DAY))
    missing = [str(day) for day in (TUESDAY, WEDNESDAY, THURSDAY)]
    assert [day for day, state in office.states(at(friday, "06:30")).items() if state == "missing"] == missing
    done = office.at(at(friday, "07:00"), "snapshot", "--date", missing[0], "--to", missing[-1])
    assert (done.status, done.err) == (0, "")
    assert office.coverage(at(friday, "07:10"))["good"]
    marked = ["EFTERSKAPAD" in office.paper(day) for day in (TUESDAY, WEDNESDAY, THURSDAY)]
    assert marked == [False, True, True]


def test_a_damaged_capture_is_said_and_the_export_is_asked(office: Office) -> None:
    office.captured(at(MONDAY), ordinary(MONDAY, TUESDAY))
    lose(office, MONDAY)
    for path in (office.root / "archive" / "captures" / f"{MONDAY:%y%m%d}").glob("*.visits.parquet"):
        path.write_bytes(path.read_bytes()[:-20])
    done = office.captured(at(TUESDAY), ordinary(MONDAY, TUESDAY), "--date", str(MONDAY))
    assert done.status == 1
    assert done.err.count("\n") == 1
    assert "EFTERSKAPAD" in office.paper(MONDAY)


def test_in_place_of_a_damaged_capture_comes_the_one_before_and_not_what_is_known_afterwards(office: Office) -> None:
    office.captured(at(MONDAY), ordinary(MONDAY, TUESDAY))
    office.captured(at(TUESDAY), ordinary(TUESDAY, visits=5))
    lose(office, TUESDAY)
    newest = max((office.root / "archive" / "captures" / f"{TUESDAY:%y%m%d}").glob("*.visits.parquet"))
    newest.write_bytes(b"")
    done = office.captured(at(WEDNESDAY), ordinary(TUESDAY, WEDNESDAY), "--date", str(TUESDAY))
    assert done.status == 1
    assert "damaged" in done.err
    assert "Hämtat 23 november 2026 kl. 04:45" in office.paper(TUESDAY)
    assert "EFTERSKAPAD" not in office.paper(TUESDAY)


def test_an_export_that_cannot_be_read_keeps_nothing_of_the_archive_from_the_share(office: Office) -> None:
    office.captured(at(MONDAY), ordinary(MONDAY, TUESDAY))
    lose(office, MONDAY)
    (office.root / "exports" / "Planering.csv").write_bytes(b"")
    done = office.at(at(WEDNESDAY, "07:00"), "snapshot", "--date", str(MONDAY), "--to", str(TUESDAY))
    assert done.status == 0
    assert len(files_of(office, MONDAY)) == 4


def test_a_lost_third_of_the_visits_is_kept_from_the_share_until_somebody_says_that_it_is_right(office: Office) -> None:
    office.captured(at(MONDAY), ordinary(MONDAY, visits=20))
    before = files_of(office, MONDAY)
    lacking = office.captured(at(MONDAY, "11:00"), ordinary(MONDAY, visits=13))
    assert lacking.status == 1
    assert "Ullared måndag 23 nov: " in lacking.err
    assert "7" in lacking.err
    assert files_of(office, MONDAY) == before
    asked = ["accept", "--team", "Ullared", "--date", str(MONDAY), "--why", "sammanslagen med Glommen"]
    done = office.at(at(MONDAY, "11:30"), *asked)
    assert (done.status, done.err) == (0, "")
    assert "Ullared måndag 23 nov: godkänd med 13 besök" in done.out
    entry = office.entry(MONDAY)
    assert (entry.verdict, entry.visits) == ("remarks", 13)
    assert "Glommen" not in office.manifest(MONDAY).model_dump_json()
    assert "godkänd" in office.paper(MONDAY).lower()
    # What is accepted is what was there: ten of these thirteen are another matter.
    assert office.captured(at(MONDAY, "12:00"), ordinary(MONDAY, visits=9)).status == 1
    assert office.entry(MONDAY).visits == 13


@pytest.mark.parametrize(("why", "says"), [
    ("", "--why"), ("x" * 201, "--why"), ("Elsa, 19121212-1212", "identity number"),
])  # fmt: skip
def test_a_reason_that_says_nothing_or_names_somebody_is_refused(office: Office, why: str, says: str) -> None:
    office.export(ordinary(MONDAY), at(MONDAY, "04:45"))
    done = office.at(at(MONDAY), "accept", "--team", "Ullared", "--date", str(MONDAY), "--why", why)
    assert done.status == 2
    assert says in done.err
    assert "1212" not in done.err
    assert not (office.copies / ".reservplan" / "accepted.json").exists()


def test_a_whole_day_has_nothing_to_accept(office: Office) -> None:
    office.captured(at(MONDAY), ordinary(MONDAY))
    done = office.at(at(MONDAY, "06:00"), "accept", "--team", "Ullared", "--date", str(MONDAY), "--why", "prov")
    assert (done.status, done.err) == (0, "")
    assert "inget att godkänna" in done.out
    assert not (office.copies / ".reservplan" / "accepted.json").exists()


def test_a_group_without_a_single_visit_is_closed_once_that_is_accepted(office: Office) -> None:
    office.configure(teams=["Ullared", "Glommen"])
    glommen = row(MONDAY, "08:00").replace("Ullared", "Glommen")
    assert (
        office.captured(
            at(MONDAY), [glommen, row(MONDAY, "09:00", client="Kund2").replace("Ullared", "Glommen")]
        ).status
        == 1
    )
    office.at(at(MONDAY, "06:00"), "accept", "--team", "Ullared", "--date", str(MONDAY), "--why", "stängt")
    states = {(c["team"], c["plan_date"]): c["state"] for c in office.coverage(at(MONDAY, "07:00"))["cells"]}
    assert states["Ullared", str(MONDAY)] == "closed"
