"""The paper routine, the week pack's cover and the forms, read back as a reader does."""

import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from reservplan.domain.verdict import Verdict
from reservplan.domain.words import LANGUAGES
from reservplan.render import (
    WeekCover,
    WeekDay,
    as_json,
    paper_content_hash,
    render_papers,
    show_blanks,
    show_routine,
    show_week_cover,
)
from reservplan.settings import Settings

from tests.paper.sheets import MM, sheets_of, type_sizes

from .conftest import make_settings

MONDAY = date(2022, 6, 20)
CAPTURED = datetime(2022, 6, 22, 3, 0, tzinfo=UTC)
HOSTILE = '#panic("x") <b>$x^2$</b> 🧸 ' + "Ö" * 60


def cover() -> WeekCover:
    missing = ["not_there", "", "", "", "edited", "not_due", "closed"]
    verdicts = [None, Verdict.COMPLETE, Verdict.INCOMPLETE, Verdict.REMARKS, None, None, None]
    days, page = [], 2
    for n, why in enumerate(missing):
        day = MONDAY + timedelta(days=n)
        if why:
            days.append(WeekDay(day, None, None, None, None, False, why))
        else:
            days.append(WeekDay(day, page, page + 18, CAPTURED, verdicts[n], n == 1, ""))
            page += 19
    return WeekCover("Ullared", MONDAY, tuple(days), page)


def many(**changes: Any) -> Settings:
    contact = {"name": HOSTILE, "phone": "0346-88 55 55", "email": "support@intraphone.suocrm.eu", "hint": HOSTILE * 3}
    stores = [
        {"name": f"s{n}", "kind": "folder", "folder": f"/x/{n}", "shown_as": f"V:\\Plats {n} {'ord ' * 20}"}
        for n in range(8)
    ]
    return make_settings(
        organisation=HOSTILE,
        teams=[f"Grupp {n}" for n in range(300)],
        stores=stores,
        contacts=dict.fromkeys(("it_service", "vendor", "planner", "protected"), contact),
        routine={"version": "2.1", "owner": HOSTILE[:80], "review_date": "2027-11-01", "kept_at": "röda pärmen " * 9},
        **changes,
    )


def documents() -> dict[str, dict[str, Any]]:
    found = {}
    for language in LANGUAGES:
        settings = make_settings(language=language, routine={"owner": "Enhetschef", "review_date": "2027-11-01"})
        found[f"routine {language}"] = show_routine(settings)
        found[f"week {language}"] = show_week_cover(cover(), settings)
        found[f"blanks {language}"] = show_blanks("Ullared", settings)
        found[f"hostile {language}"] = show_routine(many(language=language))
    return found


@pytest.fixture(scope="module")
def drawn() -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    failed = render_papers({name: as_json(document) for name, document in documents().items()}, files.__setitem__)
    assert failed == {}
    return files


def text_of(pdf: bytes) -> str:
    pages = PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text().replace("\u200b", "").split()) for page in pages)


PAGES = {"routine": 2, "hostile": 2, "week": 1, "blanks": 2}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("paper", PAGES)
def test_each_fits_its_pages_inside_the_margins_in_type_that_can_be_read(
    drawn: dict[str, bytes], paper: str, language: str, tmp_path: Path
) -> None:
    pdf = drawn[f"{paper} {language}"]
    sheets = sheets_of(pdf, tmp_path)
    assert len(sheets) == PAGES[paper]
    assert min(type_sizes(pdf)) >= 6.7
    for sheet in sheets:
        assert list(sheet.overlaps()) == []
        assert [w.text for w in sheet.words if w.left < 9 * MM or w.right > sheet.width - 9 * MM] == []
        assert [w.text for w in sheet.words if w.top < 8.5 * MM or w.bottom > sheet.height - 5 * MM] == []
        assert sum(len(w.text) for w in sheet.words) > 60, "A page with nothing on it is no page."


def test_the_routine_says_what_the_settings_say_and_the_municipality_s_routine_asks(drawn: dict[str, bytes]) -> None:
    text = text_of(drawn["routine sv"])
    for words in (
        "Ullared", "Vessigebro", "0346-88 55 55", "0200-44 30 00", "support@intraphone.suocrm.eu", "vardagar 08–",
        "www.sr.se", "00 LÄS MIG FÖRST.html", "220621 Brukarschema Ullared", "220621 Översiktsschema Ullared",
        "14 dagar bakåt", "3 dagar framåt", "annan dator", "nowhere", "en privat telefon", "privat telefon",
        "Skriv ut den aktuella veckan", "Fördela de besök som inte fanns med", "all dokumentation", "Enhetschef",
        "1 november 2027", "känd av alla och finnas på papper",
    ):  # fmt: skip
        assert words in text, words


def test_the_cover_says_which_days_are_here_on_which_pages_and_which_are_missing(drawn: dict[str, bytes]) -> None:
    text = text_of(drawn["week sv"])
    for words in (
        "VECKA 25", "20 juni 2022 – 26 juni 2022", "3 av 7 dagar", "sidan 2–20", "sidan 21–39", "OFULLSTÄNDIG",
        "EFTERSKAPAD", "Måndag 20 juni 2022 SAKNAS", "har ändrat i dagens fil", "inte hämtad än", "har stängt",
        "från sidan 59",
    ):  # fmt: skip
        assert words in text, words


def test_the_forms_have_rows_high_enough_for_a_hand(drawn: dict[str, bytes]) -> None:
    assert "Ullared" in text_of(drawn["blanks sv"])
    assert "Utfört från" in text_of(drawn["blanks sv"])
    assert "Handing over" in text_of(drawn["blanks en"])


def test_the_same_paper_is_the_same_bytes_and_another_setting_another_content(drawn: dict[str, bytes]) -> None:
    again: dict[str, bytes] = {}
    render_papers({name: as_json(document) for name, document in documents().items()}, again.__setitem__, workers=1)
    assert again == drawn
    one, other = show_routine(make_settings()), show_routine(make_settings(organisation="En annan kommun"))
    assert paper_content_hash(one) == paper_content_hash(show_routine(make_settings()))
    assert paper_content_hash(one) != paper_content_hash(other)


def test_one_paper_that_cannot_be_drawn_costs_no_other_and_names_nobody() -> None:
    good, bad = show_blanks("Ullared", make_settings()), show_blanks("Hemlig", make_settings())
    bad["visits"]["labels"] = "Hemlig"
    drawn: dict[str, bytes] = {}
    failed = render_papers({"good": as_json(good), "bad": as_json(bad)}, drawn.__setitem__)
    assert set(drawn) == {"good"}
    assert set(failed) == {"bad"}
    assert "Hemlig" not in failed["bad"]
