import json
import os
import unicodedata
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from reservplan.domain.errors import StoreUnreachable
from reservplan.domain.names import ARTIFACTS, Format, Kind
from reservplan.domain.plan import Cell
from reservplan.domain.standing import CellState, FileState
from reservplan.domain.verdict import Reason, Verdict
from reservplan.domain.words import LANGUAGES, WORDS
from reservplan.publish import Action, Place, compare, from_json, to_json, unchanged
from reservplan.store.inspection import inspect

from tests.unit.publish.cells import CELL, FIVE, HOUR, TODAY, WINDOW, offer
from tests.unit.publish.site import STOCKHOLM, Site, Wrapped, on, rendered

PLAIN = "220621 Brukarschema Ullared.pdf"
BESIDE = "220621 Brukarschema Ullared (Reservplan).pdf"
LATER = {"captured_at": FIVE + HOUR, "content": "later"}


def bytes_of(new, kind=Kind.LIST, fmt=Format.PDF):
    return rendered(new.cell, fmt, kind, f"{new.content} {new.captured_at}")


def snapshot_of(site: Site) -> dict[str, tuple[bytes, int]]:
    return {name: ((site.root / name).read_bytes(), (site.root / name).stat().st_mtime_ns) for name in site.names()}


# --- the plain way ---


def test_the_four_files_lie_under_their_names_and_the_manifest_says_so(site):
    sealed = site.run(offer(reasons=(Reason(code="unassigned", count=3, text="3 ej tilldelade"),)))
    assert site.holds(offer())
    assert (sealed.cells, sealed.files, sealed.failures) == (1, 4, {})
    manifest = site.record("220621.json")
    cell = manifest["cells"]["Ullared"]
    assert (manifest["schema"], manifest["plan_date"], manifest["run_id"]) == (1, "2022-06-21", "run")
    assert {artifact["name"] for artifact in cell["artifacts"]} == set(site.names())
    assert (cell["verdict"], cell["visits"], cell["captured_at"]) == ("complete", 212, "2022-06-21T03:00:00Z")
    assert cell["reasons"][0]["code"] == "unassigned"


def test_the_four_files_have_one_whole_second_as_their_time(site):
    site.at = site.at.replace(microsecond=600_000)
    at = site.at.replace(microsecond=0)
    site.run(offer())
    assert {(site.root / name).stat().st_mtime for name in site.names()} == {at.timestamp()}


def test_before_the_seal_the_manifest_says_nothing_and_the_intent_everything(site):
    published = site.publish(offer())
    assert site.own_names() == {"220621.intent.json"}
    assert site.standing(CELL).unsealed
    site.seal(published)
    assert site.own_names() == {"220621.json", "counts.json"}
    assert not site.standing(CELL).unsealed


def test_the_manifest_before_is_put_by(site):
    site.run(offer())
    before = (site.root / ".reservplan/220621.json").read_bytes()
    site.run(offer(**LATER))
    assert (site.root / ".reservplan/220621.json.bak").read_bytes() == before


def test_unchanged_means_untouched_and_nothing_is_rendered(site):
    site.run(offer())
    before = snapshot_of(site)
    site.rendered_cells.clear()
    published = site.publish(offer())
    site.seal(published)
    assert published[CELL].decision.action is Action.LEAVE
    assert snapshot_of(site) == before
    assert not site.rendered_cells


def test_a_later_capture_of_the_same_content_moves_the_manifest_only(site):
    site.run(offer())
    before = snapshot_of(site)
    sealed = site.run(offer(captured_at=FIVE + HOUR))
    entry = site.standing(CELL).entry
    assert snapshot_of(site) == before
    assert (entry.captured_at, entry.confirmed_at) == (FIVE, FIVE + HOUR)
    assert sealed.confirmed == 1


def test_the_first_run_of_a_day_writes_the_same_content_anew_and_the_next_does_not(site):
    site.at -= timedelta(days=1)
    site.run(offer(captured_at=FIVE - 24 * HOUR))
    site.at = site.at + timedelta(days=1)
    site.run(offer())
    assert site.holds(offer())
    published = site.publish(offer(captured_at=FIVE + HOUR))
    assert published[CELL].decision.action is Action.CONFIRM


def test_force_writes_the_same_bytes_with_a_new_time(site):
    site.run(offer())
    before = snapshot_of(site)
    site.run(offer(), force=True)
    after = snapshot_of(site)
    assert {name: content for name, (content, _) in after.items()} == {n: c for n, (c, _) in before.items()}
    assert all(after[name][1] > before[name][1] for name in before)


def test_a_file_whose_bytes_stay_is_not_written_again(site):
    site.run(offer())
    before = snapshot_of(site)

    def only_the_list_changed(_cell, kind, fmt):
        return bytes_of(offer(), kind, fmt) if kind is Kind.OVERVIEW else bytes_of(offer(**LATER), kind, fmt)

    published = site.publish(offer(**LATER), content_of=only_the_list_changed)
    site.seal(published)
    assert {name for name, was in snapshot_of(site).items() if was != before[name]} == {
        "220621 Brukarschema Ullared.pdf",
        "220621 Brukarschema Ullared.xlsx",
    }
    assert len(published[CELL].outcomes) == 2
    assert site.standing(CELL).state is CellState.WHOLE


def test_a_cell_that_was_not_rendered_is_skipped_and_the_others_are_published(site):
    other = on(offer(), team="Vessigebro")

    def content_of(cell, kind, fmt):
        return None if cell == CELL and fmt is Format.XLSX else bytes_of(other, kind, fmt)

    published = site.publish(offer(), other, content_of=content_of)
    assert published[CELL].short == "not_rendered"
    assert published[other.cell].short == ""
    assert all("Vessigebro" in name for name in site.names())


def test_a_rendered_file_that_is_gone_stops_no_other_cell(site):
    other = on(offer(), team="Vessigebro")

    def content_of(cell, kind, fmt):
        if cell == CELL:
            raise FileNotFoundError("gone")
        return bytes_of(other, kind, fmt)

    assert site.publish(offer(), other, content_of=content_of)[CELL].short == "not_rendered"
    assert len(site.names()) == 4


def test_what_was_published_goes_through_json(site):
    published = site.publish(offer(), on(offer(visits=0), team="Vessigebro"))
    assert from_json(to_json(published)) == published


def test_a_seal_from_json_is_the_same_seal(site):
    assert site.seal(from_json(to_json(site.publish(offer())))).cells == 1


def test_teams_have_their_own_folders_where_the_store_is_laid_out_so(make_site):
    site = make_site(layout="by-team")
    site.run(offer(), on(offer(), team="Vessigebro"))
    assert (site.root / "Ullared" / PLAIN).is_file()
    assert len(list((site.root / "Vessigebro").iterdir())) == 4
    assert site.publish(offer())[CELL].decision.action is Action.LEAVE


def test_progress_ends_with_all_files_done(site):
    seen = []
    site.publish(offer(), on(offer(), team="Vessigebro"), progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (8, 8)
    assert seen == sorted(seen)


def test_comparing_writes_nothing_and_says_what_publishing_would_do(site):
    site.run(offer())
    before = snapshot_of(site), site.own_names()
    other = on(offer(), team="Vessigebro")
    with site.store as store:
        decisions = compare(store, site.settings, [offer(), other], WINDOW, zone=STOCKHOLM)
    assert [decisions[cell].action for cell in (CELL, other.cell)] == [Action.LEAVE, Action.PUBLISH]
    assert (snapshot_of(site), site.own_names()) == before


def test_the_same_input_gives_the_same_bytes_on_every_store(make_site):
    one, two = make_site("one"), make_site("two")
    for site in (one, two):
        site.run(offer(), on(offer(), team="Vessigebro"))
        site.run(offer(**LATER))
    assert snapshot_of(one) == snapshot_of(two)
    for name in one.own_names():
        assert (one.root / ".reservplan" / name).read_bytes() == (two.root / ".reservplan" / name).read_bytes()


def test_every_code_has_words_in_both_languages():
    for key, words in WORDS.items():
        if key.startswith("publish."):
            assert set(words) == set(LANGUAGES)


# --- never worse ---


def test_an_incomplete_copy_leaves_a_complete_one_alone(site):
    site.run(offer())
    before = snapshot_of(site)
    published = site.publish(offer(verdict=Verdict.INCOMPLETE, **LATER))
    assert (published[CELL].decision.action, published[CELL].decision.alarm) == (Action.KEEP, True)
    assert snapshot_of(site) == before


def test_an_older_whole_copy_takes_the_place_of_an_incomplete_one_with_a_remark(site):
    site.run(offer(verdict=Verdict.INCOMPLETE, captured_at=FIVE + HOUR, content="partial"))
    site.run(offer())
    entry = site.standing(CELL).entry
    assert site.holds(offer())
    assert entry.verdict is Verdict.REMARKS
    assert [(reason.code, reason.text) for reason in entry.reasons] == [
        ("older_but_whole", "äldre men hel, ersätter en ofullständig")
    ]


def test_the_remark_goes_once_the_copy_is_confirmed_later(site):
    site.run(offer(verdict=Verdict.INCOMPLETE, captured_at=FIVE + HOUR, content="partial"))
    site.run(offer())
    site.run(offer(captured_at=FIVE + 2 * HOUR))
    assert site.standing(CELL).entry.verdict is Verdict.COMPLETE


def test_a_lost_file_is_put_back_alone(site):
    site.run(offer())
    before = snapshot_of(site)
    site.path(CELL).unlink()
    published = site.publish(offer())
    site.seal(published)
    assert site.holds(offer())
    assert [outcome.path for outcome in published[CELL].outcomes] == [PLAIN]
    assert {n: was for n, was in snapshot_of(site).items() if n != PLAIN} == {
        n: was for n, was in before.items() if n != PLAIN
    }


def test_a_damaged_file_is_replaced(site):
    site.run(offer())
    site.put(site.path(CELL), b"%PDF-1.7 cut sho")
    assert site.standing(CELL).state is CellState.DAMAGED
    site.run(offer())
    assert site.holds(offer())


def test_a_file_damaged_under_its_own_time_is_found_by_reading_deeply_only(site):
    site.run(offer())
    path = site.path(CELL)
    stamp = path.stat().st_mtime
    path.write_bytes(path.read_bytes().replace(b"Ullared", b"Ullar3d"))
    os.utime(path, (stamp, stamp))
    assert site.standing(CELL).state is CellState.WHOLE
    with site.store as store:
        deep = inspect(store, "flat", [CELL], deep=True)[TODAY].standings["Ullared"]
    assert deep.state is CellState.DAMAGED


def test_the_whole_files_of_a_better_copy_stay_when_one_is_mended_from_a_worse(site):
    site.run(offer(**LATER))
    site.path(CELL).unlink()
    worse = offer(verdict=Verdict.INCOMPLETE, captured_at=FIVE + 2 * HOUR, content="partial")
    site.run(worse)
    assert site.path(CELL).read_bytes() == bytes_of(worse)
    assert site.path(CELL, fmt=Format.XLSX).read_bytes() == bytes_of(offer(**LATER), fmt=Format.XLSX)
    entry = site.standing(CELL).entry
    assert entry.verdict is Verdict.REMARKS
    assert "mended_partly" in {reason.code for reason in entry.reasons}
    assert {artifact.captured_at for artifact in entry.artifacts} == {FIVE + HOUR, FIVE + 2 * HOUR}


def test_a_mended_cell_is_made_of_one_copy_again_by_the_next_good_one(site):
    site.run(offer(**LATER))
    site.path(CELL).unlink()
    site.run(offer(verdict=Verdict.INCOMPLETE, captured_at=FIVE + 2 * HOUR, content="partial"))
    site.run(offer(**LATER))
    assert site.holds(offer(**LATER))
    assert site.standing(CELL).entry.verdict is Verdict.COMPLETE


# --- hands off ---


def test_a_foreign_file_stays_and_ours_lies_beside_it(site):
    site.put(site.path(CELL), b"saved by hand")
    published = site.publish(offer())
    site.seal(published)
    assert site.path(CELL).read_bytes() == b"saved by hand"
    assert (site.root / BESIDE).read_bytes() == bytes_of(offer())
    assert (published[CELL].decision.place, published[CELL].decision.alarm) == (Place.BESIDE, True)
    assert len(site.names()) == 5
    assert site.day(CELL).strays == (PLAIN,)


def test_a_foreign_file_whose_name_differs_in_case_only_is_not_written_over(site):
    theirs = site.root / "220621 brukarschema ullared.pdf"
    site.put(theirs, b"saved by hand")
    site.run(offer())
    assert theirs.read_bytes() == b"saved by hand"
    assert (site.root / BESIDE).exists()
    assert not site.path(CELL).exists()


def test_beside_a_foreign_file_nothing_is_written_twice(site):
    site.put(site.path(CELL), b"saved by hand")
    site.run(offer())
    before = snapshot_of(site)
    assert site.publish(offer())[CELL].decision.action is Action.LEAVE
    site.run(offer(**LATER))
    assert site.path(CELL).read_bytes() == b"saved by hand"
    assert snapshot_of(site).keys() == before.keys()


def test_ours_takes_its_own_name_again_when_the_foreign_file_is_gone(site):
    site.put(site.path(CELL), b"saved by hand")
    site.run(offer())
    site.path(CELL).unlink()
    site.run(offer(**LATER))
    assert site.holds(offer(**LATER))
    assert len(site.names()) == 4


def test_where_both_names_are_foreign_ours_still_finds_a_name(site):
    site.put(site.path(CELL), b"saved by hand")
    site.put(site.root / BESIDE, b"this too")
    site.run(offer())
    assert site.path(CELL).read_bytes() == b"saved by hand"
    assert (site.root / BESIDE).read_bytes() == b"this too"
    assert (site.root / "220621 Brukarschema Ullared (ny 0515).pdf").read_bytes() == bytes_of(offer())
    assert site.standing(CELL).state is CellState.WHOLE


def test_a_foreign_file_is_adopted_where_the_store_says_so(make_site):
    site = make_site(on_foreign="adopt")
    site.put(site.path(CELL), b"saved by hand")
    published = site.publish(offer())
    site.seal(published)
    assert site.path(CELL, suffix=" (tidigare)").read_bytes() == b"saved by hand"
    assert site.holds(offer())
    assert not published[CELL].decision.alarm
    assert site.day(CELL).strays == ()


def test_a_foreign_file_that_cannot_be_adopted_stays_and_is_alarmed(make_site):
    site = make_site(on_foreign="adopt")
    site.put(site.path(CELL), b"saved by hand")
    site.put(site.path(CELL, suffix=" (tidigare)"), b"an earlier one")
    published = site.publish(offer())
    assert site.path(CELL).read_bytes() == b"saved by hand"
    assert site.path(CELL, suffix=" (tidigare)").read_bytes() == b"an earlier one"
    assert (published[CELL].decision.place, published[CELL].decision.alarm) == (Place.BESIDE, True)


def test_an_edited_file_stays_edited_and_on_record_and_ours_lies_beside_it(site):
    site.run(offer())
    edited = bytes_of(offer()).replace(b"list", b"note")
    site.put(site.path(CELL), edited)
    site.run(offer(**LATER))
    assert site.path(CELL).read_bytes() == edited
    assert (site.root / BESIDE).read_bytes() == bytes_of(offer(**LATER))
    standing = site.standing(CELL)
    assert (standing.state, standing.edited, standing.foreign) == (CellState.WHOLE, (PLAIN,), ())
    assert not standing.unsealed


def test_an_edited_file_gets_ours_beside_it_even_when_nothing_else_changed(site):
    site.run(offer())
    site.put(site.path(CELL), bytes_of(offer()).replace(b"list", b"note"))
    published = site.publish(offer())
    sealed = site.seal(published)
    assert [outcome.path for outcome in published[CELL].outcomes] == [BESIDE]
    assert sealed.failures == {}
    assert site.publish(offer())[CELL].decision.action is Action.LEAVE


def test_our_copy_beside_that_was_edited_too_is_kept_as_well(site):
    site.put(site.path(CELL), b"saved by hand")
    site.run(offer())
    edited = bytes_of(offer()).replace(b"list", b"note")
    site.put(site.root / BESIDE, edited)
    sealed = site.run(offer(**LATER))
    assert (site.root / BESIDE).read_bytes() == edited
    assert site.path(CELL).read_bytes() == b"saved by hand"
    assert sealed.failures == {}
    assert site.standing(CELL).edited == (BESIDE,)


# --- open files ---


def test_beside_an_open_file_the_new_one_stands_in_and_the_old_stays(site):
    site.run(offer())
    sealed = site.seal(site.publish(offer(**LATER), store=Wrapped(site.store, held=[PLAIN])))
    stand_in = "220621 Brukarschema Ullared (ny 0530).pdf"
    assert site.path(CELL).read_bytes() == bytes_of(offer())
    assert (site.root / stand_in).read_bytes() == bytes_of(offer(**LATER))
    entry = site.standing(CELL).entry
    by_name = {artifact.name: artifact for artifact in entry.artifacts}
    assert by_name[PLAIN].captured_at == FIVE
    assert (by_name[stand_in].stands_in_for, by_name[stand_in].captured_at) == (PLAIN, FIVE + HOUR)
    assert (sealed.cells, sealed.failures) == (1, {})


def test_the_stand_in_goes_when_the_file_can_be_replaced(site):
    site.run(offer())
    published = site.publish(offer(**LATER), store=Wrapped(site.store, held=[PLAIN]))
    assert published[CELL].short == "stood_in"
    site.seal(published)
    site.run(offer(**LATER))
    assert site.holds(offer(**LATER))
    assert len(site.names()) == 4
    assert site.standing(CELL).entry.content == "later"


def test_a_file_that_stays_open_gets_one_stand_in_not_one_a_run(site):
    site.run(offer())
    held = Wrapped(site.store, held=[PLAIN])
    for _ in range(3):
        site.seal(site.publish(offer(**LATER), store=held))
    assert [name for name in site.names() if "(ny " in name] == ["220621 Brukarschema Ullared (ny 0530).pdf"]


def test_a_newer_stand_in_takes_the_place_of_the_older(site):
    site.run(offer())
    held = Wrapped(site.store, held=[PLAIN])
    site.seal(site.publish(offer(**LATER), store=held))
    newest = offer(captured_at=FIVE + 2 * HOUR, content="newest")
    site.seal(site.publish(newest, store=held))
    stand_ins = [name for name in site.names() if "(ny " in name]
    assert stand_ins == ["220621 Brukarschema Ullared (ny 0545).pdf"]
    assert (site.root / stand_ins[0]).read_bytes() == bytes_of(newest)


def test_a_stand_in_that_is_open_stays_on_record_until_it_can_be_removed(site):
    site.run(offer())
    site.seal(site.publish(offer(**LATER), store=Wrapped(site.store, held=[PLAIN])))
    (stand_in,) = [name for name in site.names() if "(ny " in name]
    site.seal(site.publish(offer(**LATER)), store=Wrapped(site.store, held=[stand_in]))
    assert stand_in in {artifact.name for artifact in site.standing(CELL).entry.artifacts}
    site.run(offer(**LATER))
    assert len(site.names()) == 4
    assert site.standing(CELL).entry.content == "later"


def test_a_stand_in_that_somebody_edited_is_not_removed(site):
    site.run(offer())
    site.seal(site.publish(offer(**LATER), store=Wrapped(site.store, held=[PLAIN])))
    (stand_in,) = [name for name in site.names() if "(ny " in name]
    edited = bytes_of(offer(**LATER)).replace(b"list", b"note")
    site.put(site.root / stand_in, edited)
    site.run(offer(**LATER))
    assert (site.root / stand_in).read_bytes() == edited
    assert site.path(CELL).read_bytes() == bytes_of(offer(**LATER))
    assert site.standing(CELL).edited == (stand_in,)


def test_a_folder_in_the_way_stops_neither_the_cell_nor_the_others(site):
    site.path(CELL).mkdir()
    other = on(offer(), team="Vessigebro")
    published = site.publish(offer(), other)
    sealed = site.seal(published)
    assert (published[CELL].short, published[other.cell].short) == ("stood_in", "")
    assert (site.root / "220621 Brukarschema Ullared (ny 0515).pdf").is_file()
    assert sealed.cells == 2


# --- records ---


def test_a_day_of_a_newer_schema_is_not_touched_and_the_other_days_are(site):
    site.run(offer())
    manifest = site.root / ".reservplan/220621.json"
    manifest.write_text(manifest.read_text().replace('"schema": 1', '"schema": 9'))
    before = snapshot_of(site)
    tomorrow = on(offer(**LATER), day=TODAY + timedelta(days=1))
    published = site.publish(offer(**LATER), tomorrow)
    sealed = site.seal(published)
    assert (published[CELL].decision.action, published[CELL].decision.code) == (Action.WAIT, "manifest_newer")
    assert {name: was for name, was in snapshot_of(site).items() if name.startswith("220621")} == before
    assert site.holds(tomorrow)
    assert sealed.cells == 1


def lost(site):
    (site.root / ".reservplan/220621.json").unlink()


def damaged(site):
    (site.root / ".reservplan/220621.json").write_bytes(b"{")


def an_older_one_again(site):
    (site.root / ".reservplan/220621.json.bak").replace(site.root / ".reservplan/220621.json")


@pytest.mark.parametrize(("spoil", "runs"), [(lost, 1), (lost, 2), (damaged, 1), (damaged, 2), (an_older_one_again, 2)])
def test_our_own_files_stay_ours_whatever_becomes_of_their_manifest(site, spoil, runs):
    for number in range(runs):
        site.run(offer(captured_at=FIVE + number * timedelta(minutes=1), content=str(number)))
    spoil(site)
    assert site.standing(CELL).held() == set(ARTIFACTS)
    assert site.day(CELL).strays == ()
    site.run(offer(**LATER))
    assert site.holds(offer(**LATER))
    assert len(site.names()) == 4
    assert site.day(CELL).fault is None


def test_a_file_that_somebody_saved_stays_theirs_where_the_manifest_is_lost(site):
    site.run(offer())
    site.put(site.path(CELL), b"%PDF-1.7 by hand %%EOF")
    lost(site)
    site.run(offer(**LATER))
    assert site.path(CELL).read_bytes() == b"%PDF-1.7 by hand %%EOF"
    assert (site.root / BESIDE).read_bytes() == bytes_of(offer(**LATER))


def test_files_of_which_no_record_tells_more_than_that_they_are_ours_are_not_replaced_by_an_incomplete_copy(site):
    site.run(offer())
    lost(site)
    incomplete = offer(**LATER, verdict=Verdict.INCOMPLETE)
    published = site.publish(incomplete)
    assert (published[CELL].decision.action, published[CELL].decision.alarm) == (Action.KEEP, True)
    assert site.holds(offer())


def test_a_manifest_that_names_somebodys_document_is_not_believed(site):
    site.run(offer())
    site.run(offer(**LATER))
    theirs = site.root / "Semesterschema.pdf"
    theirs.write_bytes(b"%PDF-1.7 by hand %%EOF")
    manifest = site.record("220621.json")
    artifacts = manifest["cells"]["Ullared"]["artifacts"]
    digest = sha256(theirs.read_bytes()).hexdigest()
    artifacts.append({**artifacts[0], "name": theirs.name, "sha256": digest, "stands_in_for": PLAIN})
    (site.root / ".reservplan/220621.json").write_text(json.dumps(manifest))
    assert site.day(CELL).fault is not None
    newest = offer(captured_at=FIVE + 2 * HOUR, content="newest")
    site.run(newest)
    assert site.holds(newest)
    assert theirs.read_bytes() == b"%PDF-1.7 by hand %%EOF"


def test_our_file_that_a_mac_has_renamed_has_its_name_again_and_no_look_alike(site):
    site.run(offer())
    own = site.path(CELL, Kind.OVERVIEW)
    own.rename(own.with_name(unicodedata.normalize("NFD", own.name)))
    site.run(offer(**LATER))
    assert site.holds(offer(**LATER))
    assert len(site.names()) == 4


def test_a_look_alike_of_our_file_is_left_alone_and_seen(site):
    site.run(offer())
    own = site.path(CELL, Kind.OVERVIEW)
    other = own.with_name(unicodedata.normalize("NFD", own.name))
    other.write_bytes(own.read_bytes())
    site.run(offer(**LATER))
    assert site.holds(offer(**LATER))
    assert other.read_bytes() == bytes_of(offer(), Kind.OVERVIEW)
    assert site.day(CELL).strays == (other.name,)


def test_a_damaged_manifest_stops_its_day_where_nothing_else_tells_our_files(site):
    site.run(offer())
    (site.root / ".reservplan/counts.json").unlink()
    (site.root / ".reservplan/220621.json").write_bytes(b"{")
    before = snapshot_of(site)
    published = site.publish(offer(**LATER))
    assert published[CELL].decision.code == "manifest_unreadable"
    assert published[CELL].decision.alarm
    assert snapshot_of(site) == before


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"{")])
def test_the_manifest_before_is_used_where_the_manifest_is_lost(site, damage):
    site.run(offer())
    site.run(offer(captured_at=FIVE + HOUR))
    damage(site.root / ".reservplan/220621.json")
    day = site.day(CELL)
    assert day.fault is not None
    assert not day.blocks
    assert not unchanged(day, {CELL: "input"})
    site.run(offer(captured_at=FIVE))
    assert site.day(CELL).fault is None
    site.run(offer(**LATER))
    assert site.holds(offer(**LATER))
    assert site.day(CELL).fault is None


def test_a_damaged_intent_is_noted_left_out_and_cleared_away(site):
    site.run(offer())
    (site.root / ".reservplan/220621.intent.json").write_bytes(b"{")
    assert site.day(CELL).fault is not None
    published = site.publish(offer())
    assert published[CELL].decision.action is Action.LEAVE
    site.seal(published)
    assert site.day(CELL).fault is None


# --- the seal ---


def test_a_cell_that_was_changed_before_the_seal_is_not_sealed(site):
    other = on(offer(), team="Vessigebro")
    published = site.publish(offer(), other)
    site.path(CELL).unlink()
    sealed = site.seal(published)
    assert sealed.failures == {"220621 Ullared": "not_as_written"}
    assert set(site.record("220621.json")["cells"]) == {"Vessigebro"}
    assert set(site.record("220621.intent.json")["cells"]) == {"Ullared"}
    site.run(offer())
    assert site.holds(offer())
    assert site.own_names() == {"220621.json", "220621.json.bak", "counts.json"}


def test_a_file_with_another_time_but_the_same_bytes_is_as_written(site):
    published = site.publish(offer())
    site.put(site.path(CELL), site.path(CELL).read_bytes(), datetime(2022, 6, 1, tzinfo=UTC))
    assert site.seal(published).cells == 1


def test_sealing_twice_says_the_same(site):
    published = site.publish(offer())
    assert site.seal(published) == site.seal(published)


def test_a_cell_that_another_run_has_written_since_is_left_to_it(site):
    first = site.publish(offer(), run_id="first")
    second = site.publish(offer(**LATER), run_id="second")
    assert site.seal(first, "first").failures == {"220621 Ullared": "superseded"}
    assert site.seal(second, "second").failures == {}
    assert site.holds(offer(**LATER))


def test_runs_of_other_teams_keep_each_others_intents(site):
    one = site.publish(offer(), run_id="one")
    other = site.publish(on(offer(), team="Vessigebro"), run_id="other")
    assert set(site.record("220621.intent.json")["cells"]) == {"Ullared", "Vessigebro"}
    site.seal(one, "one")
    site.seal(other, "other")
    assert set(site.record("220621.json")["cells"]) == {"Ullared", "Vessigebro"}
    assert "220621.intent.json" not in site.own_names()


def test_visits_are_counted_for_eight_weeks(site):
    long_ago = on(offer(), day=TODAY - timedelta(weeks=8, days=1))
    counts = site.root / ".reservplan/counts.json"
    counts.parent.mkdir()
    old = {long_ago.cell.plan_date.isoformat(): {"Ullared": {"visits": 1, "verdict": "complete"}}}
    counts.write_text(json.dumps({"schema": 1, "cells": old}))
    site.run(offer(), on(offer(verdict=Verdict.REMARKS, visits=7), team="Vessigebro"))
    record = site.record("counts.json")
    files = {team: count.pop("files") for team, count in record["cells"]["2022-06-21"].items()}
    assert record == {
        "schema": 1,
        "cells": {
            "2022-06-21": {
                "Ullared": {"visits": 212, "verdict": "complete"},
                "Vessigebro": {"visits": 7, "verdict": "remarks"},
            }
        },
    }
    assert {len(set(marks)) for marks in files.values()} == {4}, "by which its files are known again"


def test_counts_of_a_newer_version_are_left_alone(site):
    counts = site.root / ".reservplan/counts.json"
    counts.parent.mkdir()
    counts.write_text('{"schema": 2, "cells": []}')
    site.run(offer())
    assert counts.read_text() == '{"schema": 2, "cells": []}'


# --- nothing changed at all ---


def test_a_day_is_unchanged_only_when_all_its_cells_came_of_this_very_input(site):
    other = Cell(TODAY, "Vessigebro")
    site.run(offer())
    day = site.day(CELL, other)
    assert unchanged(day, {CELL: "input"})
    assert not unchanged(day, {CELL: "other input"})
    assert not unchanged(day, {CELL: "input", other: "input"})


def test_a_cell_that_was_left_counts_as_made_of_the_new_input(site):
    site.run(offer())
    site.run(offer(source_sha256="new input"))
    assert unchanged(site.day(CELL), {CELL: "new input"})


@pytest.mark.parametrize(
    "change",
    [
        lambda site: site.path(CELL).unlink(),
        lambda site: site.put(site.path(CELL), bytes_of(offer()).replace(b"list", b"note")),
        lambda site: site.publish(offer(**LATER)),
        lambda site: site.run(offer(verdict=Verdict.INCOMPLETE, content="partial", cell=CELL)),
    ],
    ids=["missing", "edited", "unsealed", "kept"],
)
def test_a_day_is_not_unchanged_when_something_waits(site, change, request):
    site.run(offer())
    change(site)
    expected = request.node.callspec.id == "kept"
    assert unchanged(site.day(CELL), {CELL: "input"}) == expected


def test_an_incomplete_cell_is_never_unchanged(site):
    site.run(offer(verdict=Verdict.INCOMPLETE))
    assert not unchanged(site.day(CELL), {CELL: "input"})


# --- interruptions ---


def changes_of_a_run(site: Site, *offers) -> int:
    counting = Wrapped(site.store, breaks_after=10_000)
    site.seal(site.publish(*offers, store=counting), store=counting)
    return 10_000 - counting.left


@pytest.mark.parametrize("before", ["nothing", "an older copy", "an older copy, half of it gone"])
def test_after_an_interruption_at_any_point_the_next_run_makes_all_whole(make_site, before):
    other = on(offer(**LATER), team="Vessigebro")

    def prepared(name: str) -> Site:
        site = make_site(name)
        if before != "nothing":
            site.run(offer(), replace(other, captured_at=FIVE, content="as-is"))
        if "gone" in before:
            site.path(CELL).unlink()
            site.path(CELL, Kind.OVERVIEW).unlink()
        return site

    steps = changes_of_a_run(prepared("counted"), offer(**LATER), other)
    assert steps >= 11
    for step in range(steps):
        site = prepared(f"broken after {step}")
        interrupt(site, step, offer(**LATER), other)
        standings = site.day(CELL, other.cell).standings.values()
        assert not any(standing.edited or standing.foreign for standing in standings)
        sealed = site.run(offer(**LATER), other, run_id="next")
        assert sealed.failures == {}
        assert site.holds(offer(**LATER))
        assert site.holds(other)
        assert len(site.names()) == 8
        assert "220621.intent.json" not in site.own_names()
        entries = site.day(CELL, other.cell)
        assert all(not standing.unsealed and standing.entry.content for standing in entries.standings.values())


def test_two_interruptions_in_a_row_never_make_our_own_files_look_foreign(make_site):
    newest = offer(captured_at=FIVE + 2 * HOUR, content="newest")
    for first in range(1, 6):
        for second in range(1, 6):
            site = make_site(f"{first} and {second}")
            site.run(offer())
            interrupt(site, first, offer(**LATER))
            interrupt(site, second, newest)
            standing = site.standing(CELL)
            assert not standing.edited
            assert not standing.foreign
            site.run(newest, run_id="next")
            assert site.holds(newest)
            assert len(site.names()) == 4
            assert "220621.intent.json" not in site.own_names()


def test_an_interrupted_replacement_is_not_made_older_by_an_earlier_capture(site):
    site.run(offer())
    interrupt(site, 3, offer(captured_at=FIVE + 2 * HOUR, content="newest"))
    before = snapshot_of(site)
    published = site.publish(offer(**LATER))
    assert published[CELL].decision.action is Action.KEEP
    assert snapshot_of(site) == before


def test_a_newer_file_left_by_an_interruption_is_not_made_older_though_the_sealed_copy_stands_beside_it(site):
    site.seal(site.publish(offer(), store=Wrapped(site.store, held=[PLAIN])))
    interrupt(site, 2, offer(**LATER))
    assert site.path(CELL).read_bytes() == bytes_of(offer(**LATER))
    site.run(offer())
    assert site.path(CELL).read_bytes() == bytes_of(offer(**LATER))


def test_a_copy_that_was_written_but_never_sealed_is_sealed_by_the_next_run(site):
    site.publish(offer(), run_id="crashed")
    published = site.publish(offer(), run_id="next")
    assert published[CELL].decision.action is Action.LEAVE
    assert site.seal(published, "next").adopted == 1
    assert not site.standing(CELL).unsealed


def test_a_seal_takes_up_other_teams_copies_of_an_interrupted_run(site):
    other = on(offer(), team="Vessigebro")
    site.publish(other, run_id="crashed")
    sealed = site.run(offer(), run_id="next")
    assert (sealed.cells, sealed.adopted) == (1, 1)
    assert set(site.record("220621.json")["cells"]) == {"Ullared", "Vessigebro"}


def test_after_an_interruption_among_stand_ins_the_next_run_makes_all_whole(make_site):
    for step in range(1, 12):
        site = make_site(f"broken after {step}")
        site.run(offer())
        interrupt(site, step, offer(**LATER), held=[PLAIN])
        assert not site.standing(CELL).edited
        site.run(offer(**LATER), run_id="next")
        assert site.holds(offer(**LATER)), step
        assert site.day(CELL).strays == ()
        assert len(site.names()) == 4


def test_in_a_mixture_each_file_keeps_its_own_state(site):
    site.run(offer())
    interrupt(site, 3, offer(**LATER))
    standing = site.standing(CELL)
    assert sorted(standing.files.values()) == [FileState.OLDER, FileState.OLDER, FileState.WHOLE, FileState.WHOLE]
    assert (standing.state, standing.entry.content, standing.unsealed) == (CellState.WHOLE, "", False)
    assert len(standing.held()) == len(ARTIFACTS)


def interrupt(site: Site, after: int, *offers, held=()) -> None:
    """A run whose store breaks away after so many changes."""
    breaking = Wrapped(site.store, breaks_after=after, held=held)
    with suppress(StoreUnreachable):
        site.seal(site.publish(*offers, store=breaking), store=breaking)
