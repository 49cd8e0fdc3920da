"""Whom to call, as a table: the first row that fits what was found and what answers."""

from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from reservplan.domain.alerts import Severity
from reservplan.domain.run_notes import RunNote
from reservplan.settings import Contact, Contacts, Settings, Source, StoreSettings, Team
from reservplan.watch.diagnosis import Answer, Call, Diagnosis, Probed, diagnose, is_closed
from reservplan.watch.problems import Cause, Problem

STOCKHOLM = ZoneInfo("Europe/Stockholm")
TUESDAY_AT_SIX = datetime(2026, 11, 24, 6, tzinfo=STOCKHOLM)
TUESDAY_AT_TEN = datetime(2026, 11, 24, 10, tzinfo=STOCKHOLM)

OK, REFUSED, SILENT, WRONG, UNKNOWN = (
    Answer.OK, Answer.REFUSED, Answer.SILENT, Answer.WRONG, Answer.UNKNOWN_NAME,
)  # fmt: skip
IT, VENDOR, PLANNER, US = Call.IT_SERVICE, Call.VENDOR, Call.PLANNER, Call.OPERATIONS
WELL = Probed(source=OK, own_site=OK, outside=OK, stores={"share": OK})
NOTHING_ASKED = Probed()


def probed(source: Answer = OK, outside: Answer = OK, own: Answer = OK, share: Answer = OK) -> Probed:
    return Probed(source=source, outside=outside, own_site=own, stores={"share": share})


def note(code: str, job: str = "snapshot") -> RunNote:
    return RunNote(job=job, run_id="r", code=code, failed_at=TUESDAY_AT_SIX)


def found(cause: Cause, what: Probed, code: str = "", run: str = "", at: datetime = TUESDAY_AT_TEN) -> Diagnosis:
    problem = Problem(cause, "share", Severity.CRITICAL, (), note=note(code) if code else None)
    return diagnose(problem, what, settings(), at, run=run)


def settings(language: Literal["sv", "en"] = "sv") -> Settings:
    vendor = Contact(name="IntraPhone", phone="0200-44 30 00", hours="vardagar 08–17")
    contacts = Contacts(vendor=vendor, operations=Contact(name="Driftgruppen"))
    return Settings(
        organisation="Provkommun",
        teams=(Team(name="Ullared"),),
        source=Source(kind="demo"),
        stores=(StoreSettings(name="share", kind="folder", folder="/share"),),
        contacts=contacts,
        language=language,
    )


TABLE = [
    # The store is away: what lies there matters to nobody until it is back.
    (Cause.STORE_AWAY, probed(share=REFUSED), "", "store", IT),
    (Cause.STORE_AWAY, probed(share=SILENT), "", "store", IT),
    (Cause.STORE_AWAY, probed(share=UNKNOWN), "", "store", IT),
    (Cause.STORE_AWAY, probed(share=SILENT, outside=SILENT, own=SILENT), "", "store_internet", IT),
    (Cause.STORE_AWAY, probed(share=SILENT, outside=REFUSED, own=Answer.NOT_ASKED), "", "store_internet", IT),
    (Cause.STORE_AWAY, probed(share=SILENT, outside=SILENT, own=OK), "", "store_away", IT),
    (Cause.STORE_AWAY, probed(share=WRONG), "", "store_refused", IT),
    (Cause.STORE_AWAY, probed(share=WRONG, outside=SILENT, own=SILENT), "", "store_refused", IT),
    (Cause.STORE_AWAY, probed(share=REFUSED), "store_refused", "store_refused", IT),
    (Cause.STORE_AWAY, probed(share=REFUSED), "store_full", "store_full", IT),
    (Cause.STORE_AWAY, probed(source=WRONG, share=SILENT), "source", "store", IT),
    (Cause.STORE_AWAY, NOTHING_ASKED, "", "store_away", IT),
    # Nothing came to be saved.
    (Cause.NOT_SAVED, probed(source=REFUSED, outside=SILENT, own=SILENT), "", "internet", IT),
    (Cause.NOT_SAVED, probed(source=WRONG, outside=UNKNOWN, own=Answer.NOT_ASKED), "", "internet", IT),
    (Cause.NOT_SAVED, probed(source=REFUSED, outside=SILENT, own=OK), "", "internet_only", IT),
    (Cause.NOT_SAVED, probed(source=REFUSED, outside=REFUSED, own=SILENT), "source_late", "internet", IT),
    (Cause.NOT_SAVED, probed(source=REFUSED), "", "source", VENDOR),
    (Cause.NOT_SAVED, probed(source=SILENT), "source_late", "source", VENDOR),
    (Cause.NOT_SAVED, probed(source=WRONG, own=SILENT), "source", "source", VENDOR),
    (Cause.NOT_SAVED, probed(source=WRONG, outside=Answer.NOT_ASKED), "", "source_untold", VENDOR),
    (Cause.NOT_SAVED, WELL, "source", "source_read", VENDOR),
    (Cause.NOT_SAVED, WELL, "source_late", "source_read", VENDOR),
    (Cause.NOT_SAVED, WELL, "settings", "settings", US),
    (Cause.NOT_SAVED, WELL, "staging", "staging", IT),
    (Cause.NOT_SAVED, WELL, "unwritten", "unwritten", IT),
    (Cause.NOT_SAVED, WELL, "store", "it_service", IT),
    (Cause.NOT_SAVED, WELL, "store_full", "store_full", IT),
    (Cause.NOT_SAVED, WELL, "store_refused", "store_refused", IT),
    (Cause.NOT_SAVED, WELL, "fault", "operations", US),
    (Cause.NOT_SAVED, WELL, "late", "operations", US),
    (Cause.NOT_SAVED, WELL, "", "not_run", US),
    (Cause.NOT_SAVED, NOTHING_ASKED, "", "run", US),
    (Cause.NOT_SAVED, Probed(source=OK, outside=OK, scheduler=WRONG), "", "airflow", US),
    (Cause.NOT_SAVED, Probed(source=OK, outside=OK, database=WRONG), "", "airflow", US),
    # The export is there, the plan in it is not whole.
    (Cause.INCOMPLETE, WELL, "", "incomplete", PLANNER),
    (Cause.INCOMPLETE, NOTHING_ASKED, "", "planner", PLANNER),
    (Cause.INCOMPLETE, probed(source=WRONG), "", "source", VENDOR),
    (Cause.INCOMPLETE, probed(source=WRONG, outside=SILENT, own=SILENT), "", "internet", IT),
    # A failed run of which no other problem tells.
    (Cause.RUN_FAILED, WELL, "source", "source_read", VENDOR),
    (Cause.RUN_FAILED, probed(source=REFUSED), "source_late", "source", VENDOR),
    (Cause.RUN_FAILED, WELL, "settings", "settings", US),
    (Cause.RUN_FAILED, WELL, "fault", "operations", US),
    # Somebody has a file, or had one.
    (Cause.OPEN, WELL, "", "planner", PLANNER),
    (Cause.OPEN, WELL, "unwritten", "planner", PLANNER),
    (Cause.EDITED, WELL, "", "planner", PLANNER),
    (Cause.STRAY, WELL, "", "planner", PLANNER),
    (Cause.UNKNOWN_TEAM, WELL, "", "planner", PLANNER),
    (Cause.RETENTION, WELL, "retention", "it_service", IT),
    (Cause.OVERDUE, WELL, "", "it_service", IT),
    (Cause.CLOCK, WELL, "", "it_service", IT),
    (Cause.RECORD, WELL, "record", "it_service", IT),
    (Cause.MISSING, WELL, "", "operations", US),
    # That the source is away too explains no file that was deleted by hand.
    (Cause.MISSING, probed(source=REFUSED, outside=SILENT), "", "operations", US),
    (Cause.MISSING, WELL, "store_full", "store_full", IT),
    (Cause.DAMAGED, WELL, "", "operations", US),
    (Cause.NOT_HEALED, WELL, "", "operations", US),
    (Cause.AIRFLOW, WELL, "", "airflow", US),
]


@pytest.mark.parametrize(
    ("cause", "what", "code", "expected", "call"),
    TABLE,
    ids=[f"{row[0]}-{row[2] or 'no_note'}-{row[3]}-{n}" for n, row in enumerate(TABLE)],
)
def test_the_first_row_that_fits_says_whom_to_call(
    cause: Cause, what: Probed, code: str, expected: str, call: Call
) -> None:
    diagnosis = found(cause, what, code)
    assert (diagnosis.code, diagnosis.call) == (expected, call)


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_somebody_to_call_whatever_answers(cause: Cause) -> None:
    for source in Answer:
        for outside in Answer:
            for code in ("", "source", "settings", "unheard_of"):
                assert found(cause, probed(source=source, outside=outside, share=source), code).call in Call


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_row_has_its_words_in_both_languages(language: Literal["sv", "en"]) -> None:
    for cause, what, code, _, _ in TABLE:
        problem = Problem(cause, "share", Severity.CRITICAL, (), note=note(code) if code else None)
        words = diagnose(problem, what, settings(language), TUESDAY_AT_TEN).words
        assert "{" not in words


def test_before_the_vendor_opens_it_says_so_and_what_to_do_until_then() -> None:
    early = found(Cause.NOT_SAVED, probed(source=REFUSED), at=TUESDAY_AT_SIX).words
    assert "IntraPhone har stängt just nu (vardagar 08–17): skriv ut från lagret till dess." in early
    assert found(Cause.NOT_SAVED, probed(source=REFUSED)).words.endswith("IntraPhone svarar vardagar 08–17.")


def test_it_says_what_the_source_lacks() -> None:
    what = Probed(source=WRONG, outside=OK, words={"source": "Det nyaste underlaget är 30 timmar gammalt."})
    assert "30 timmar gammalt" in found(Cause.NOT_SAVED, what).words


@pytest.mark.parametrize(
    ("run", "says"),
    [("paused", "är pausad"), ("running", "är inte klar"), ("queued", "står i kö"), ("failed", "misslyckades"),
     ("never", "Ingen körning har startat")],
)  # fmt: skip
def test_it_says_why_the_run_has_not_come(run: str, says: str) -> None:
    assert says in found(Cause.NOT_SAVED, WELL, run=run).words
    assert says in found(Cause.NOT_SAVED, NOTHING_ASKED, run=run).words


@pytest.mark.parametrize(
    ("hours", "at", "closed"),
    [
        ("vardagar 08–17", "2026-11-24 08:00", False),
        ("vardagar 08–17", "2026-11-24 17:00", True),
        ("vardagar 08–17", "2026-11-24 07:59", True),
        ("vardagar 08–17", "2026-11-28 12:00", True),
        ("alla dagar 7.30-22", "2026-11-28 07:29", True),
        ("alla dagar 7.30-22", "2026-11-28 07:30", False),
        ("mån–fre 8:00–16:30", "2026-11-24 16:29", False),
        ("dygnet runt", "2026-11-28 03:00", False),
        ("", "2026-11-28 03:00", False),
        ("kl 22-06", "2026-11-24 12:00", False),
    ],
)
def test_hours_in_words_are_read_as_far_as_they_can_be(hours: str, at: str, closed: bool) -> None:
    assert is_closed(hours, datetime.fromisoformat(at).replace(tzinfo=STOCKHOLM)) is closed
