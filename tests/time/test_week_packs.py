"""What lies beside the cells through the days: the week in one file, the page to read first, the routine."""

import os
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from pypdf import PdfReader
from reservplan import publish, shelf
from reservplan.domain.errors import RenderError, StoreBusy
from reservplan.domain.names import START_PAGE_NAME, is_paper_name
from reservplan.papers.packs import Pack
from reservplan.store.folder import FolderStore

from tests.time.office import ULLARED, Office, as_once, local, ordinary, row

DAY = timedelta(days=1)
MONDAY = date(2026, 11, 9)
TUESDAY, FRIDAY = MONDAY + DAY, MONDAY + 4 * DAY
PACK, NEXT_PACK = "26v46 Brukarschema Ullared.pdf", "26v47 Brukarschema Ullared.pdf"
NAMES = ("MÅNDAG", "TISDAG", "ONSDAG", "TORSDAG", "FREDAG", "LÖRDAG", "SÖNDAG")
COVER_ROW = re.compile(r"(\w+) (\d+) november 2026 sidan (\d+)(?:–(\d+))?")


@pytest.fixture(autouse=True)
def _three_days_ahead(office: Office) -> None:
    office.configure(window={"days_back": 14, "days_ahead": 3})


@pytest.fixture(scope="module")
def first_office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first office that has been captured on MONDAY is kept for the others."""
    return tmp_path_factory.mktemp("monday") / "office"


@pytest.fixture
def monday(office: Office, first_office: Path) -> Office:
    """An office with what the run of MONDAY left."""
    as_once(office, first_office, lambda: capture(office, MONDAY))
    return office


def capture(office: Office, day: date, clock: str = "05:00", *more: str, visits: int = 4) -> None:
    lines = [line for n in range(-1, 5) for line in ordinary(day + n * DAY, visits=visits)]
    done = office.captured(local(f"{day} {clock}"), lines, *more)
    assert (done.status, done.err) == (0, "")


def capture_two(office: Office, day: date) -> Any:
    """Two groups' run, and what it said."""
    lines = [line for n in range(-1, 5) for line in ordinary(day + n * DAY)]
    return office.captured(local(f"{day} 05:00"), [*lines, *(line.replace(ULLARED, "Okome") for line in lines)])


def links(office: Office) -> list[str]:
    """The files that the page leads to."""
    return [unquote(link) for link in re.findall(r'href="([^"#:]+)"', start_page(office))]


def dead_links(office: Office) -> list[str]:
    return [link for link in links(office) if not (office.copies / link).is_file()]


def text(page: Any) -> str:
    return " ".join(page.extract_text().replace("\u200b", "").split())


def pack(office: Office, name: str = PACK) -> list[str]:
    return [text(page) for page in PdfReader(office.copies / name).pages]


def cover_of(pages: list[str]) -> dict[int, tuple[int, int]]:
    """Day of the month to the first and last page that the cover names."""
    return {int(day): (int(first), int(last or first)) for _, day, first, last in COVER_ROW.findall(pages[0])}


def start_page(office: Office) -> str:
    return (office.copies / START_PAGE_NAME).read_text(encoding="utf-8")


def beside_the_cells(office: Office) -> dict[str, tuple[int, bytes]]:
    return {
        path.name: (path.stat().st_mtime_ns, path.read_bytes())
        for path in office.copies.iterdir()
        if is_paper_name(path.name)
    }


def test_the_pack_holds_the_published_pages_where_its_cover_says(monday: Office) -> None:
    pages = pack(monday)
    said = cover_of(pages)
    assert sorted(said) == [9, 10, 11, 12]
    assert "VECKA 46" in pages[0]
    assert "4 av 7 dagar finns här" in pages[0]
    for n, (first, last) in enumerate(said.values()):
        day = MONDAY + n * DAY
        assert pages[first - 1 : last] == [" ".join(page.split()) for page in monday.pages(day)]
        assert all(f"{NAMES[n]} {day.day} NOVEMBER 2026" in page for page in pages[first - 1 : last])
    blanks = int(re.search(r"från sidan (\d+)", pages[0])[1])  # type: ignore[index]
    assert blanks == max(last for _, last in said.values()) + 1
    assert len(pages) >= blanks
    assert all("NOVEMBER" not in page for page in pages[blanks - 1 :])
    assert pages[0].count("SAKNAS: dagen är inte hämtad än.") == 3


def test_bookmarks_lead_to_each_day_and_employee(monday: Office) -> None:
    reader = PdfReader(monday.copies / PACK)
    said = cover_of(pack(monday))
    tops = [item for item in reader.outline if not isinstance(item, list)]
    inner = [item for item in reader.outline if isinstance(item, list)]
    starts = {item.title: reader.get_destination_page_number(item) + 1 for item in tops}  # type: ignore[arg-type]
    headings = [f"{NAMES[n]} {9 + n} NOVEMBER 2026 · vecka 46" for n in range(4)]
    assert [starts[heading] for heading in headings] == [first for first, _ in said.values()]
    for items, (first, last) in zip(inner, said.values(), strict=False):
        people = {item.title: reader.get_destination_page_number(item) + 1 for item in items}
        assert list(people) == ["Elias Ek", "Tuva Lind", "Tillkomna besök"]
        assert all(first < page <= last for page in people.values())


def test_a_day_later_the_same_file_holds_a_day_more_and_the_page_is_of_today(monday: Office) -> None:
    assert 'data-today="2026-11-09"' in start_page(monday)
    capture(monday, TUESDAY)
    pages = pack(monday)
    assert sorted(cover_of(pages)) == [9, 10, 11, 12, 13]
    first, last = cover_of(pages)[9]
    assert pages[first - 1 : last] == [" ".join(page.split()) for page in monday.pages(MONDAY)]
    assert 'data-today="2026-11-10"' in start_page(monday)


def test_what_has_not_changed_is_left_untouched(monday: Office) -> None:
    before = beside_the_cells(monday)
    assert sorted(before) == sorted([START_PAGE_NAME, PACK, "Säkerhetsrutiner vid driftstopp.pdf"])
    again = monday.at(local(f"{MONDAY} 05:20"), "snapshot")
    assert (again.status, again.err) == (0, "")
    assert beside_the_cells(monday) == before


def test_the_next_week_begins_when_the_days_ahead_reach_it(office: Office) -> None:
    capture(office, FRIDAY)
    assert sorted(cover_of(pack(office))) == [13, 14, 15]
    assert pack(office)[0].count("SAKNAS: det finns ingen lista för dagen. Ring planeraren.") == 4
    assert sorted(cover_of(pack(office, NEXT_PACK))) == [16]
    page = start_page(office)
    assert "Vecka 46" in page or "vecka 46" in page
    assert "26v47" in page


def test_a_late_run_of_the_day_before_does_not_turn_the_pages_back(office: Office) -> None:
    capture(office, TUESDAY, "00:30")
    before = beside_the_cells(office)
    # The run of Monday that waited: its clock is the machine's, its day the one it was started for.
    capture(office, MONDAY, "23:50", "--force")
    assert beside_the_cells(office) == before


def test_a_list_that_somebody_has_edited_is_left_out_and_the_cover_says_so(monday: Office) -> None:
    edited = monday.copies / f"{MONDAY:%y%m%d} Brukarschema {ULLARED}.pdf"
    edited.write_bytes(edited.read_bytes() + b"\n% note\n%%EOF\n")
    capture(monday, TUESDAY)
    pages = pack(monday)
    assert sorted(cover_of(pages)) == [10, 11, 12, 13]
    assert "Måndag 9 november 2026 SAKNAS här: någon har ändrat i dagens fil. Skriv ut den för sig." in pages[0]
    assert not any("MÅNDAG" in page for page in pages[1:])
    assert edited.name.replace(" ", "%20") in start_page(monday)


def test_a_file_that_does_not_open_is_not_offered(monday: Office) -> None:
    broken = monday.copies / f"{MONDAY:%y%m%d} Översiktsschema {ULLARED}.pdf"
    seen = broken.stat()
    broken.write_bytes(b"half a fi")
    os.utime(broken, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    capture(monday, TUESDAY)
    assert f"{MONDAY:%y%m%d} Brukarschema {ULLARED}.pdf" in links(monday)
    assert broken.name not in links(monday)


def test_every_link_of_the_page_leads_to_a_file_on_every_day(office: Office) -> None:
    office.configure(window={"days_back": 3, "days_ahead": 3})
    for n in range(0, 9, 4):
        today = MONDAY + n * DAY
        capture(office, today)
        done = office.at(local(f"{today} 05:30"), "retain", "--apply")
        assert (done.status, done.err) == (0, ""), done.out
        assert len(links(office)) > 10
        assert dead_links(office) == []
    assert not (office.copies / PACK).exists()
    assert (office.copies / NEXT_PACK).exists()


def test_the_paper_beside_a_file_that_is_not_ours(office: Office) -> None:
    (office.copies / "Säkerhetsrutiner vid driftstopp.pdf").write_bytes(b"%PDF-1.4 the municipality's own")
    capture(office, MONDAY)
    assert (office.copies / "Säkerhetsrutiner vid driftstopp.pdf").read_bytes().endswith(b"own")
    assert Path(office.copies / "Säkerhetsrutiner vid driftstopp (Reservplan).pdf").is_file()
    assert "driftstopp%20%28Reservplan%29.pdf" in start_page(office) or "(Reservplan)" in start_page(office)


def test_a_night_of_another_client_is_in_the_pack_too(office: Office) -> None:
    lines = [line for n in range(-1, 5) for line in ordinary(MONDAY + n * DAY)]
    lines.append(row(MONDAY, "23:30", "60", client="Nattbrukare", who="Nils Natt"))
    assert office.captured(local(f"{MONDAY} 05:00"), lines).status == 0
    assert any("Nattbrukare" in page for page in pack(office)[1:])


# --- one paper's fault is one paper's


def test_a_list_that_is_held_open_costs_its_own_day_and_pack_alone(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.configure(teams=[ULLARED, "Okome"], window={"days_back": 14, "days_ahead": 3})
    held, read_many = f"{TUESDAY:%y%m%d} Brukarschema {ULLARED}.pdf", FolderStore.read_many

    def refuses(store: FolderStore, paths: Any) -> Any:
        if held in paths:
            raise StoreBusy(f"disk: {held} is open elsewhere.")
        return read_many(store, paths)

    with monkeypatch.context() as patched:
        patched.setattr(FolderStore, "read_many", refuses)
        done = capture_two(office, MONDAY)
    assert done.status == 1
    assert f"disk: {PACK}: saknar dagar vars lista inte gick att läsa just nu" in done.err
    assert sorted(cover_of(pack(office))) == [9, 11, 12]
    assert "Tisdag 10 november 2026 SAKNAS" in pack(office)[0]
    assert sorted(cover_of(pack(office, "26v46 Brukarschema Okome.pdf"))) == [9, 10, 11, 12]
    assert 'data-today="2026-11-09"' in start_page(office)
    assert dead_links(office) == []
    # What was missing is put in by the next run that has anything to do.
    done = office.at(local(f"{MONDAY} 05:30"), "snapshot", "--force")
    assert (done.status, done.err) == (0, "")
    assert sorted(cover_of(pack(office))) == [9, 10, 11, 12]


def test_a_pack_that_cannot_be_made_costs_that_pack_alone_and_says_why_without_its_own_words(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.configure(teams=[ULLARED, "Okome"], window={"days_back": 14, "days_ahead": 3})
    documents = shelf._documents

    def fails(pack: Pack | None, *more: Any) -> Any:
        if pack is not None and pack.team == ULLARED:
            raise ValueError("Kund0800")
        return documents(pack, *more)

    monkeypatch.setattr(shelf, "_documents", fails)
    done = capture_two(office, MONDAY)
    assert done.status == 1
    assert f"disk: {PACK}: kunde inte göras" in done.err
    assert "ValueError at" in done.err
    assert "Kund0800" not in done.err
    assert not (office.copies / PACK).exists()
    assert {"26v46 Brukarschema Okome.pdf", "Säkerhetsrutiner vid driftstopp.pdf"} <= set(links(office))
    assert dead_links(office) == []


def test_what_the_renderer_says_of_one_pack_is_told(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from reservplan import render

    office.configure(teams=[ULLARED, "Okome"], window={"days_back": 14, "days_ahead": 3})
    draw = render.render_papers

    def refuses_one(documents: Any, write: Any, **how: Any) -> Any:
        failed = {name: "The renderer stopped." for name in documents if name.startswith(PACK)}
        return {**draw({n: d for n, d in documents.items() if n not in failed}, write, **how), **failed}

    monkeypatch.setattr(render, "render_papers", refuses_one)
    done = capture_two(office, MONDAY)
    assert f"{PACK}: kunde inte göras; det som fanns ligger kvar, och nästa körning försöker igen (The renderer" in (
        done.err
    )
    assert (office.copies / "26v46 Brukarschema Okome.pdf").is_file()


def test_where_no_paper_can_be_drawn_the_page_is_of_today_all_the_same(
    monday: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    from reservplan import render

    def gone(*_: Any, **__: Any) -> Any:
        raise RenderError("The renderer does not start.")

    monkeypatch.setattr(render, "render_papers", gone)
    lines = [line for n in range(-1, 5) for line in ordinary(TUESDAY + n * DAY)]
    done = monday.captured(local(f"{TUESDAY} 05:00"), lines)
    assert (done.status, done.err.strip()) == (1, "disk: The renderer does not start.")
    assert 'data-today="2026-11-10"' in start_page(monday)
    assert {PACK, "Säkerhetsrutiner vid driftstopp.pdf"} <= set(links(monday))
    assert dead_links(monday) == []


# --- of what lies there


def test_a_run_that_is_cut_off_before_the_seal_does_not_stop_the_pack(
    monday: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(*_: Any, **__: Any) -> Any:
        raise OSError("power")

    with monkeypatch.context() as patched:
        patched.setattr(publish, "seal", cut_off)
        lines = [line for n in range(5) for line in ordinary(MONDAY + n * DAY, visits=5)]
        assert monday.captured(local(f"{MONDAY} 16:00"), lines).status == 1
    capture(monday, TUESDAY)
    pages = pack(monday)
    first, last = cover_of(pages)[9]
    assert pages[first - 1 : last] == [" ".join(page.split()) for page in monday.pages(MONDAY)]
    assert "9 november 2026 kl. 15:45" in pages[first - 1]
    assert "9 november 2026 kl. 15:45" in pages[0]
    assert "Hämtat 9 november kl. 15:45" in start_page(monday)


@pytest.mark.long
def test_a_pack_of_a_short_window_holds_no_day_whose_copies_go(office: Office) -> None:
    office.configure(window={"days_back": 2, "days_ahead": 1})
    for n in range(5):
        capture(office, MONDAY + n * DAY)
        done = office.at(local(f"{MONDAY + n * DAY} 05:30"), "retain", "--apply")
        assert (done.status, done.err) == (0, "")
        assert PACK in links(office)
        assert dead_links(office) == []
    pages = pack(office)
    assert sorted(cover_of(pages)) == [11, 12, 13, 14]
    assert pages[0].count("SAKNAS: dagen har passerat och dess kopior är borttagna.") == 2


def test_a_day_accepted_as_without_visits_is_closed_on_page_and_cover(office: Office) -> None:
    office.configure(teams=["Okome", ULLARED], window={"days_back": 14, "days_ahead": 3})
    lines = [line for n in range(-1, 5) for line in ordinary(MONDAY + n * DAY)]
    lines += [line.replace(ULLARED, "Okome") for line in lines if str(MONDAY) not in line]
    assert office.captured(local(f"{MONDAY} 05:00"), lines).status == 1
    why = ("--why", "studiedag")
    accepted = office.at(local(f"{MONDAY} 06:00"), "accept", "--team", "Okome", "--date", str(MONDAY), *why)
    assert (accepted.status, accepted.err) == (0, "")
    done = office.captured(local(f"{MONDAY} 07:00"), lines)
    assert (done.status, done.err) == (0, "")
    day = start_page(office).partition('<div class="day first"')[2].partition("</div>")[0]
    assert "Gruppen har stängt, inga besök." in day
    assert "SAKNAS" not in day
    assert "Måndag 9 november 2026 Gruppen har stängt, inga besök." in pack(office, "26v46 Brukarschema Okome.pdf")[0]


@pytest.mark.long
def test_a_pack_of_a_week_past_that_somebody_took_away_is_forgotten(office: Office) -> None:
    sunday = MONDAY + 6 * DAY
    capture(office, sunday)
    (office.copies / PACK).unlink()
    capture(office, sunday + DAY)
    assert dead_links(office) == []
    assert PACK not in start_page(office)
    verified = office.at(local(f"{sunday + DAY} 06:00"), "verify")
    assert (verified.status, verified.err) == (0, "")
    again = office.at(local(f"{sunday + DAY} 06:10"), "snapshot")
    assert "unchanged" in again.out


def test_a_pack_of_this_week_that_somebody_took_away_is_made_again(monday: Office) -> None:
    (monday.copies / PACK).unlink()
    done = monday.at(local(f"{MONDAY} 05:20"), "snapshot")
    assert (done.status, done.err) == (0, "")
    assert (monday.copies / PACK).is_file()


@pytest.mark.long
def test_each_week_has_one_link_whatever_layout_or_letters_its_earlier_packs_had(office: Office) -> None:
    capture(office, MONDAY)
    edited = office.copies / PACK
    edited.write_bytes(edited.read_bytes() + b"\n% note\n%%EOF\n")
    capture(office, TUESDAY)
    beside = "26v46 Brukarschema Ullared (Reservplan).pdf"
    assert [link for link in links(office) if "26v46" in link] == [beside]
    stores = [{"name": "disk", "kind": "folder", "folder": "copies", "layout": "by-team"}]
    office.configure(window={"days_back": 14, "days_ahead": 3}, stores=stores)
    capture(office, TUESDAY + DAY)
    assert [link for link in links(office) if "26v46" in link] == [f"{ULLARED}/{PACK}"]
    assert dead_links(office) == []


def test_a_group_that_the_settings_do_not_know_has_its_own_place_on_the_page(office: Office) -> None:
    done = capture_two(office, MONDAY)
    assert done.status == 0
    assert f"{MONDAY:%y%m%d} Brukarschema Okome.pdf" in links(office)
    assert re.findall(r'<h2 id="g\d+">([^<]*)</h2>', start_page(office)) == ["Okome", ULLARED]
    assert dead_links(office) == []
    assert sorted(name for name in beside_the_cells(office) if "v46" in name) == [PACK]
    capture(office, TUESDAY)
    office.configure(window={"days_back": 14, "days_ahead": 3}, source={"ignore_teams": ["Okome"]})
    capture(office, TUESDAY + DAY)
    assert not any("Okome" in link for link in links(office))


def test_a_day_of_an_export_that_was_old_when_it_was_read_is_called_old_on_the_cover(office: Office) -> None:
    office.export(
        [line for n in range(-1, 4) for line in ordinary(MONDAY + n * DAY)], local(f"{MONDAY - 2 * DAY} 05:00")
    )
    office.at(local(f"{MONDAY} 05:00"), "snapshot")
    assert pack(office)[0].count("OFULLSTÄNDIG · GAMMAL") == 4
