"""The messages of the watch: a subject that tells all, and a body for whoever must print or mend now."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from itertools import product
from typing import Any

import pytest
from reservplan.domain.alerts import MOST_SUBJECT_CHARACTERS, Alert, Severity
from reservplan.domain.names import ARTIFACTS, artifact_name
from reservplan.domain.plan import Cell
from reservplan.domain.run_notes import RunNote
from reservplan.domain.standing import Slot
from reservplan.domain.verdict import Verdict
from reservplan.settings import Routine, Settings, StoreSettings
from reservplan.watch import Coverage
from reservplan.watch.diagnosis import Call, Diagnosis
from reservplan.watch.findings import Finding
from reservplan.watch.incidents import Event, Turn
from reservplan.watch.messages import message_of, runbook_of
from reservplan.watch.problems import Cause, Problem
from reservplan.watch.states import CellCoverage, State
from reservplan.watch.subjects import subject_of

from docs.generate_alerts import (
    NOW,
    THIS_MORNING,
    TODAY,
    YESTERDAY,
    alert_of,
    example_coverage,
    example_of,
    example_settings,
    incident_of,
)

DAY = timedelta(days=1)
ULLARED = Cell(TODAY, "Ullared")
SWEDISH = example_settings("sv")
WITH_STICK = example_settings("sv", with_stick=True)
AWAY = Finding("unreachable", Severity.CRITICAL, "")
NOTE = RunNote(job="snapshot", run_id="x", task_id="render", code="late", failed_at=NOW)
MARKS = {
    (Severity.CRITICAL, "sv"): "LARM",
    (Severity.CRITICAL, "en"): "ALARM",
    (Severity.INFO, "sv"): "Obs",
    (Severity.INFO, "en"): "Note",
}


def sites() -> list[tuple[str, tuple[Cell, ...]]]:
    """A store, and cells of few and many groups and days, with short and long names."""
    found = []
    for store in ("share", "filserver-hemtjansten-falkenberg"):
        for name in ("Å", "Hemtjänstgruppen Norra Skogstorp natt och dag", "Ö" * 100):
            for count, days in ((1, 1), (1, 2), (2, 18), (3, 1), (4, 4), (300, 2)):
                teams = [f"{name} {n}" if n else name for n in range(count)]
                found.append((store, tuple(Cell(TODAY + n * DAY, team) for n in range(days) for team in teams)))
    return found


SITES = sites()


def told(problem: Problem, turn: Turn = Turn.OPENED, settings: Settings = SWEDISH, **values: Any) -> Alert:
    """The alert of a problem."""
    diagnosis = values.pop("diagnosis", None)
    now = values.pop("now", NOW)
    event = Event(turn, incident_of(problem), None if turn is Turn.CLOSED else problem)
    return message_of(event, diagnosis, settings, now, **values)


def problem(cause: Cause, *cells: Cell, **values: Any) -> Problem:
    """A critical one at the share."""
    return Problem(cause, "share", Severity.CRITICAL, values.pop("words", ()), cells, **values)


def flat(text: str) -> str:
    """In one line, so that it does not matter where it was broken."""
    return " ".join(text.split())


def seen(*cells: CellCoverage, store: str = "share") -> Coverage:
    """A look at a store that is whole but for these."""
    found = example_coverage(SWEDISH, store)
    return replace(found, cells={**found.cells, **{one.cell: one for one in cells}})


def gone(cell: Cell, *slots: Slot) -> CellCoverage:
    """A cell of which these files are gone, or all."""
    names = tuple(artifact_name(cell.plan_date, kind, cell.team, fmt) for kind, fmt in slots)
    return CellCoverage(cell, State.MISSING, THIS_MORNING, Verdict.COMPLETE, files=names)


class Words(HTMLParser):
    """What a page says, without how it looks."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []
        self._hidden = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden = tag == "title"
        self._apart(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]
        self.loaded += [value or "" for name, value in attrs if name in ("src", "background", "onclick")]
        if tag in ("script", "link", "iframe", "img", "style"):
            self.loaded.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self._apart(tag)

    def _apart(self, tag: str) -> None:
        if tag not in ("span", "b", "a", "code"):
            self.texts.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.texts.append(data)


class TestTheSubject:
    @pytest.mark.parametrize("language", ["sv", "en"])
    @pytest.mark.parametrize("turn", Turn)
    @pytest.mark.parametrize("cause", Cause)
    def test_fits_and_keeps_severity_and_day_however_many_and_long_the_names_are(
        self, cause: Cause, turn: Turn, language: str
    ) -> None:
        today = {"sv": "i dag", "en": "today"}[language]
        for (store, cells), severity in product(SITES, Severity):
            found = Problem(cause, store, severity, (), cells, note=NOTE)
            both = tuple(StoreSettings(name=name, kind="folder", folder=f"/{name}") for name in (store, "stick"))
            settings = SWEDISH.model_copy(update={"language": language, "stores": both})
            subject = subject_of(Event(turn, incident_of(found), None if turn is Turn.CLOSED else found), settings, NOW)
            assert len(subject) <= MOST_SUBJECT_CHARACTERS
            if turn is Turn.CLOSED:
                assert re.fullmatch(r"(Löst|Solved): .* \(2 h 30 min\)", subject)
            else:
                assert subject.startswith(MARKS[severity, language])
                assert today in subject
            # Nothing is cut off but the store's own name.
            assert all(store.startswith(cut) for cut in re.findall(r"(\S+)…", subject))

    def test_names_the_group_the_day_and_the_place(self) -> None:
        assert told(problem(Cause.MISSING, ULLARED)).subject == "LARM: Ullared saknas i dag på share"

    def test_tells_three_groups_by_name_and_more_by_their_number(self) -> None:
        three = [Cell(TODAY, team) for team in ("Ullared", "Glommen", "Ätran")]
        four = [*three, Cell(TODAY, "Heberg")]
        assert told(problem(Cause.MISSING, *three)).subject == "LARM: Ullared, Glommen, Ätran saknas i dag på share"
        assert told(problem(Cause.MISSING, *four)).subject == "LARM: 4 grupper saknas i dag på share"

    def test_tells_since_when_nothing_was_saved(self) -> None:
        found = replace(example_coverage(SWEDISH), sealed_at=YESTERDAY)
        cells = [Cell(TODAY, team.name) for team in SWEDISH.teams]
        subject = told(problem(Cause.NOT_SAVED, *cells), coverages=[found]).subject
        assert subject == "LARM: Planen ej sparad sedan i går kl. 05:00, 11 grupper"

    def test_tells_by_when_it_should_have_been_saved_where_nobody_knows_more(self) -> None:
        assert told(problem(Cause.NOT_SAVED)).subject == "LARM: Planen ej sparad i dag kl. 06:00, 11 grupper på share"
        at_four = told(problem(Cause.NOT_SAVED), now=datetime(2026, 11, 24, 3, 0, tzinfo=UTC)).subject
        assert at_four == "LARM: Planen ej sparad i går kl. 06:00, 11 grupper på share"

    def test_tells_that_it_has_ended_and_how_long_it_lasted(self) -> None:
        assert told(problem(Cause.STORE_AWAY), Turn.CLOSED).subject == "Löst: share nås igen (2 h 30 min)"
        later = told(problem(Cause.STORE_AWAY), Turn.CLOSED, now=NOW + 3 * DAY).subject
        assert later == "Löst: share nås igen (3 dygn 2 h)"

    def test_counts_to_the_look_that_did_not_find_it_any_more(self) -> None:
        ended = incident_of(problem(Cause.STORE_AWAY)).model_copy(update={"gone_at": NOW - timedelta(minutes=30)})
        alert = message_of(Event(Turn.CLOSED, ended), None, SWEDISH, NOW)
        assert alert.subject == "Löst: share nås igen (2 h)"
        assert "Det varade i 2 h, från i dag kl. 04:00 till i dag kl. 06:00." in alert.plain

    def test_tells_apart_what_is_told_again(self) -> None:
        found = problem(Cause.MISSING, ULLARED)
        assert told(found, Turn.WORSE).subject == "LARM, värre: Ullared saknas i dag på share"
        assert told(found, Turn.REMINDED).subject == "LARM kvarstår: Ullared saknas i dag på share"
        calm = replace(found, severity=Severity.INFO)
        assert told(calm, Turn.REMINDED).subject == "Obs, kvarstår: Ullared saknas i dag på share"

    @pytest.mark.parametrize(
        ("days", "words"),
        [
            ((-1,), "i går"),
            ((1,), "i morgon"),
            ((3,), "fre 27 nov"),
            ((0, 1), "i dag och i morgon"),
            ((0, 1, 2, 3), "i dag och 3 dagar till"),
            ((-4, -3, -2), "3 dagar 20–22 nov"),
            ((2, 7), "2 dagar 26 nov–1 dec"),
        ],
    )
    def test_tells_the_days_as_one_says_them(self, days: tuple[int, ...], words: str) -> None:
        cells = [Cell(TODAY + n * DAY, "Ullared") for n in days]
        assert f"Ullared saknas {words}" in told(problem(Cause.MISSING, *cells)).subject

    def test_names_the_group_of_a_file_that_is_open(self) -> None:
        found = problem(Cause.OPEN, paths=("Ullared/261124 Brukarschema Ullared (ny 0512).pdf",))
        assert told(found).subject == "LARM: Öppen fil för Ullared i dag på share"

    def test_does_without_a_group_where_none_is_concerned(self) -> None:
        found = problem(Cause.EDITED, paths=("00 LÄS MIG FÖRST.html",))
        assert told(found).subject == "LARM: Ändrad kopia i dag på share"


class TestTheBody:
    @pytest.mark.parametrize("language", ["sv", "en"])
    @pytest.mark.parametrize("turn", Turn)
    @pytest.mark.parametrize("cause", Cause)
    def test_says_the_same_as_text_and_as_html(self, cause: Cause, turn: Turn, language: str) -> None:
        alert = alert_of(cause, turn, example_settings(language))
        as_text = re.sub(r"^ *\d\. |^-{40}$", "", alert.plain, flags=re.MULTILINE).casefold().split()
        assert sorted(as_text) == sorted("".join(Words(alert.html).texts).casefold().split())

    @pytest.mark.parametrize("cause", Cause)
    def test_loads_nothing_and_has_lines_that_fit(self, cause: Cause) -> None:
        alert = alert_of(cause, Turn.OPENED, SWEDISH)
        assert Words(alert.html).loaded == []
        assert [line for line in alert.plain.splitlines() if len(line) > 78 and " " in line.strip()] == []

    @pytest.mark.parametrize("cause", Cause)
    def test_tells_what_it_means_what_to_do_whom_to_call_where_to_read_on_and_when_to_hear_again(
        self, cause: Cause
    ) -> None:
        text = alert_of(cause, Turn.OPENED, SWEDISH).plain
        for part in ("VAD HAR HÄNT", "FÖR DEN SOM SKRIVER UT", "GÖR SÅ HÄR", "\nRING\n"):
            assert part in text
        assert f"Steg för steg: {runbook_of(cause)}" in text
        assert "Nästa besked: när det är löst, annars en påminnelse om 24 timmar" in text

    def test_is_harmless_whatever_a_group_in_the_export_is_called(self) -> None:
        found = problem(Cause.UNKNOWN_TEAM, paths=('<img src="x" onerror="y">',), words=("share: <script>1</script>",))
        page = told(found).html
        assert Words(page).loaded == []
        assert "<img" not in page
        assert "<script" not in page

    def test_shows_each_group_and_day_and_which_are_well(self) -> None:
        cells = (ULLARED, Cell(TODAY + DAY, "Glommen"))
        text = told(problem(Cause.MISSING, *cells), coverages=[seen(*map(gone, cells))]).plain
        assert "Grupp    i dag   i morgon\nUllared  saknas  ok\nGlommen  ok      saknas\n" in text

    def test_lists_the_days_of_each_group_where_they_are_many(self) -> None:
        cells = [Cell(TODAY + n * DAY, "Ullared") for n in (0, 1, 2, -5, -2, -3)]
        assert "\nUllared  saknas 19 nov, 21–22 nov, 24–26 nov\n" in told(problem(Cause.MISSING, *cells)).plain

    def test_counts_groups_by_the_day_where_they_are_many(self) -> None:
        cells = [Cell(TODAY + n * DAY, f"Grupp {m}") for n in (0, 1) for m in range(300)]
        text = flat(told(problem(Cause.MISSING, *cells)).plain)
        assert "i dag, i morgon: saknas 300 grupper (Grupp 0, Grupp 1, Grupp 2 och 297 till)" in text
        assert len(text) < 2500

    def test_puts_the_number_to_call_on_a_line_of_its_own_and_makes_it_one_to_touch(self) -> None:
        diagnosis = Diagnosis("source", Call.VENDOR, "Planeringssystemet svarar inte, men internet fungerar.")
        alert = told(problem(Cause.NOT_SAVED), diagnosis=diagnosis)
        assert "\nIntraPhone\n0200-44 30 00\nsupport@intraphone.suocrm.eu\nvardagar 08–17\n" in alert.plain
        assert "tel:0200443000" in Words(alert.html).links
        assert "VARFÖR\nPlaneringssystemet svarar inte, men internet fungerar.\n" in alert.plain

    def test_leads_to_the_page_in_airflow_where_the_settings_know_it(self) -> None:
        found = example_of(Cause.RUN_FAILED, SWEDISH).problem
        run = "https://airflow.example.org/dags/reservplan_verify/runs/scheduled__2026-11-24T00:30:00+00:00"
        assert run in Words(told(found).html).links
        unknown = SWEDISH.model_copy(update={"watch": SWEDISH.watch.model_copy(update={"airflow": ""})})
        assert Words(told(found, settings=unknown).html).links == []

    def test_tells_the_step_that_failed_and_what_the_program_said(self) -> None:
        text = flat(alert_of(Cause.NOT_SAVED, Turn.OPENED, SWEDISH).plain)
        assert "reservplan_snapshot stannade i steget extract i dag kl. 05:55: ingen ny plan att hämta." in text
        assert "Det har hänt 2 gånger i rad. Programmet säger: The newest export" in text

    def test_tells_a_fault_that_has_no_words_all_the_same(self) -> None:
        note = RunNote(job="drill", run_id="x", code="unheard_of", failed_at=NOW)
        text = flat(told(Problem(Cause.RUN_FAILED, "", Severity.INFO, (), note=note)).plain)
        assert "reservplan_drill stannade i dag kl. 06:30: unheard_of." in text

    def test_gives_the_command_that_confirms_a_deletion_after_the_one_that_shows_it(self) -> None:
        lines = alert_of(Cause.RETENTION, Turn.OPENED, SWEDISH).plain.splitlines()
        show = lines.index("   reservplan retain")
        assert lines.index("   reservplan retain --store share --apply --confirm 3f9ac1e07b2d45") > show

    def test_names_who_has_a_file_open(self) -> None:
        found = problem(Cause.OPEN, paths=("261124 Brukarschema Ullared (ny 0512).pdf",))
        assert (
            "ÖPPEN HOS\nBrukarschema är öppen hos K. Karlsson\n"
            in told(found, open_files=["Brukarschema är öppen hos K. Karlsson"]).plain
        )

    def test_says_how_long_it_has_lasted_when_it_is_told_again(self) -> None:
        assert "Det har varat i" not in told(problem(Cause.STORE_AWAY)).plain
        assert (
            "Det har varat i 2 h 30 min, sedan i dag kl. 04:00." in told(problem(Cause.STORE_AWAY), Turn.REMINDED).plain
        )

    def test_says_what_it_concerned_and_that_it_mended_itself_when_it_has_ended(self) -> None:
        text = told(problem(Cause.MISSING, ULLARED), Turn.CLOSED, healing=True).plain
        assert "Det varade i 2 h 30 min, från i dag kl. 04:00 till i dag kl. 06:30." in text
        assert "Det gällde 1 kopia för Ullared." in text
        assert "Reservplan lagade det av sig självt" in text
        assert "GÖR SÅ HÄR" not in text


class TestWhatItMeansForWhoPrints:
    def effect(self, found: Problem, *coverages: Coverage, settings: Settings = SWEDISH, **values: Any) -> str:
        text = told(found, settings=settings, coverages=coverages, **values).plain
        part = text.partition("FÖR DEN SOM SKRIVER UT\n")[2].partition("\n\n")[0]
        return flat(part)

    def test_an_old_list_is_there_and_says_from_when(self) -> None:
        old = [CellCoverage(Cell(TODAY, team), State.STALE, YESTERDAY) for team in ("Ullared", "Glommen")]
        words = self.effect(problem(Cause.NOT_SAVED, *(one.cell for one in old)), seen(*old))
        assert words == (
            "Listan för i dag finns, hämtad i går kl. 05:00 för Ullared, Glommen. Skriv ut den; det som ändrats sedan "
            "dess är inte med."
        )

    def test_a_plan_that_was_not_saved_leaves_the_lists_of_the_day_before(self) -> None:
        words = self.effect(problem(Cause.NOT_SAVED), seen())
        assert "Listan för i dag och i morgon finns, hämtad i dag kl. 05:00 för alla 11 grupper." in words

    def test_a_list_that_is_gone_is_replaced_by_the_day_before(self) -> None:
        words = self.effect(problem(Cause.MISSING, ULLARED), seen(gone(ULLARED)))
        assert words == (
            "Det finns ingen lista för i dag för Ullared. Behövs den nu: skriv ut dagen före och ring Planerare."
        )

    def test_the_day_before_is_not_offered_where_it_is_gone_too(self) -> None:
        before = Cell(TODAY - DAY, "Ullared")
        words = self.effect(problem(Cause.MISSING, ULLARED), seen(gone(ULLARED), gone(before)))
        assert "Dagen före finns inte heller för alla." in words

    def test_a_list_that_is_gone_is_printed_from_another_store_that_has_it(self) -> None:
        words = self.effect(
            problem(Cause.MISSING, ULLARED), seen(gone(ULLARED)), seen(store="stick"), settings=WITH_STICK
        )
        assert words == (
            "Det finns ingen lista för i dag för Ullared. På stick (USB-minnet på kontoret) finns listan för i dag för "
            "Ullared, hämtad i dag kl. 05:00: skriv ut därifrån."
        )

    def test_a_store_that_is_away_too_is_not_offered(self) -> None:
        away = replace(seen(store="stick"), cells={}, findings=(AWAY,))
        words = self.effect(problem(Cause.MISSING, ULLARED), seen(gone(ULLARED)), away, settings=WITH_STICK)
        assert "stick" not in words

    def test_some_files_that_are_gone_leave_the_list(self) -> None:
        overview = gone(ULLARED, ARTIFACTS[2], ARTIFACTS[3])
        words = self.effect(problem(Cause.MISSING, ULLARED), seen(overview))
        assert words.startswith("Listan för i dag finns för Ullared, men inte alla filer: 261124 Översiktsschema")

    def test_nobody_prints_from_a_store_that_is_away(self) -> None:
        kept = SWEDISH.model_copy(update={"routine": Routine(kept_at="röda pärmen på kontoret")})
        assert self.effect(problem(Cause.STORE_AWAY), settings=kept) == (
            "Ingen kan skriva ut från Besöksplanering ALLA grupper nu. Det finns inget annat lager att skriva ut från. "
            "Använd USB-minnet eller pärmen, om ni har dem. Minne och pärm: röda pärmen på kontoret."
        )
        words = self.effect(problem(Cause.STORE_AWAY), seen(store="stick"), settings=WITH_STICK)
        assert "På stick (USB-minnet på kontoret) finns listan för i dag för alla 11 grupper" in words

    def test_a_copy_that_is_held_back_can_be_printed(self) -> None:
        held = CellCoverage(ULLARED, State.OK, YESTERDAY, Verdict.COMPLETE, held_back=True)
        words = self.effect(problem(Cause.INCOMPLETE, ULLARED), seen(held))
        assert words.startswith("Listan för i dag finns, hämtad i går kl. 05:00 för Ullared.")

    def test_what_concerns_no_day_that_is_printed_keeps_nobody_from_printing(self) -> None:
        found = Problem(Cause.MISSING, "share", Severity.INFO, (), (Cell(TODAY - 3 * DAY, "Ullared"),))
        assert self.effect(found) == "Det här hindrar ingen från att skriva ut i dag eller i morgon."


class TestWhatToDo:
    def commands(self, found: Problem, **values: Any) -> list[str]:
        lines = told(found, **values).plain.splitlines()
        return [line.strip() for line in lines if line.startswith("   reservplan ")]

    def test_today_and_coming_days_are_made_again_together(self) -> None:
        cells = [Cell(TODAY + n * DAY, "Ullared") for n in range(3)]
        assert self.commands(problem(Cause.MISSING, *cells)) == ["reservplan snapshot --team Ullared"]

    def test_days_that_have_passed_are_named(self) -> None:
        cells = [Cell(TODAY - n * DAY, team) for n in (2, 3) for team in ("Ullared", "Ätran norra")]
        assert self.commands(problem(Cause.MISSING, *cells)) == [
            "reservplan snapshot --date 2026-11-21 --to 2026-11-22 --team Ullared --team 'Ätran norra'"
        ]

    def test_many_groups_are_made_again_all_at_once(self) -> None:
        cells = [Cell(TODAY, team.name) for team in SWEDISH.teams]
        assert self.commands(problem(Cause.MISSING, *cells)) == ["reservplan snapshot"]

    def test_what_heals_by_itself_is_waited_for(self) -> None:
        text = flat(told(problem(Cause.MISSING, ULLARED), healing=True).plain)
        assert "1. Vänta: Reservplan begär kopiorna på nytt av sig självt inom 60 minuter, högst 3 gånger." in text
        assert "2. Behövs de genast: reservplan snapshot --team Ullared" in text

    def test_a_file_that_is_open_is_to_be_closed_though_its_copy_is_asked_for_again(self) -> None:
        text = told(problem(Cause.OPEN, paths=("261124 Brukarschema Ullared (ny 0512).pdf",)), healing=True).plain
        assert "1. Be den som har filen öppen att stänga den utan att spara." in text
        assert "Vänta:" not in text

    def test_a_plan_that_falls_short_is_mended_by_its_reasons(self) -> None:
        text = flat(alert_of(Cause.INCOMPLETE, Turn.OPENED, SWEDISH).plain)
        assert "Ullared tisdag 24 nov: 61 besök, brukar vara 204–221." in text
        assert "1. Be Planerare se efter att exporten har alla slingor och hela dagen." in text
        assert 'reservplan accept --team Ullared --date 2026-11-24 --why "…"' in text


class TestTheShortForm:
    @pytest.mark.parametrize("language", ["sv", "en"])
    @pytest.mark.parametrize("cause", Cause)
    def test_fits_two_text_messages_and_begins_with_the_subject(self, cause: Cause, language: str) -> None:
        alert = alert_of(cause, Turn.OPENED, example_settings(language))
        assert alert.short.startswith(f"{alert.subject}. ")
        assert len(alert.short) <= 300

    def test_has_the_number_to_call(self) -> None:
        assert "Ring IT-service 0346-88 55 55." in alert_of(Cause.STORE_AWAY, Turn.OPENED, SWEDISH).short


def test_each_cause_has_words_of_its_own_in_each_language() -> None:
    for language in ("sv", "en"):
        settings = example_settings(language)
        subjects = {alert_of(cause, Turn.OPENED, settings).subject for cause in Cause}
        assert len(subjects) == len(Cause)
