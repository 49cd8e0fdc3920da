"""The table and its JSON: a glance tells what is wrong and where."""

import json
from datetime import date, datetime, timedelta

from reservplan.domain.plan import Cell
from reservplan.settings import Team
from reservplan.watch import coverage_json, coverage_table

from tests.unit.retain.shelf import STOCKHOLM
from tests.unit.watch.lookout import DAY, TEN, TODAY, Lookout
from tests.unit.watch.test_states import OPENS, overwritten


def test_the_table_shows_groups_by_days_with_state_and_age(lookout: Lookout) -> None:
    lookout.fill(["Ullared", "Ätran"])
    lookout.changes = {"teams": (Team(name="Ullared"), Team(name="Ätran", active_from=TODAY - DAY))}
    overwritten(OPENS, same_mtime=False)(lookout)
    lookout.path(TODAY - 3 * DAY).unlink()
    lines = lookout.table().splitlines()
    assert lines[0].endswith("sett 21 juni 2022 kl. 10:00")
    assert lines[1:7] == [
        "                                                   I DAG",
        "        ti on to fr lö sö må ti on to fr lö sö må  ti      on      to      fr",
        "        07 08 09 10 11 12 13 14 15 16 17 18 19 20  21      22      23      24",
        "Ullared ok ok ok ok ok ok ok ok ok ok ok SA ok ok  ÄN  5h  ok  0h  ok  0h  ok  0h",
        "Ätran                                          ok  ok  5h  ok  0h  ok  0h  ok  0h",
        "23 kopior: 1 saknas, 1 ändrad av någon, 21 ok.",
    ]
    assert lines[-1].startswith("Tecken: SA = saknas, SK = skadad")


def test_where_the_month_turns_the_months_stand_below_the_days(lookout: Lookout) -> None:
    lookout.now = datetime(2022, 7, 2, 10, tzinfo=STOCKHOLM)
    lookout.changes = {"teams": (Team(name="Ullared"),)}
    lookout.put_days([date(2022, 6, 18)], ["Ullared"])
    months = lookout.table().splitlines()[4]
    assert months.split() == ["/6", "/7"]
    assert months.index("/7") == lookout.table().splitlines()[3].index(" 01 ") + 1


def test_days_that_nobody_expects_take_no_room(lookout: Lookout) -> None:
    lookout.now = TEN
    lookout.changes = {"teams": (Team(name="Ullared"),)}
    lookout.put_days([TODAY - 2 * DAY, TODAY], ["Ullared"])
    lines = lookout.table().splitlines()
    assert lines[3:5] == [
        "        19 20  21      22      23      24",
        "Ullared ok SA  ok  5h  SA      SA      SA",
    ]


def test_the_oldest_copy_that_somebody_would_print_is_named(lookout: Lookout) -> None:
    lookout.fill(["Ullared", "Ätran"])
    entry = lookout.put_cell(Cell(TODAY + DAY, "Ätran"), true_at=TEN - timedelta(hours=9))
    other = lookout.put_cell(Cell(TODAY + DAY, "Ullared"))
    lookout.put_manifest(TODAY + DAY, {"Ullared": other, "Ätran": entry})
    assert "Äldst från i dag och framåt: 9h, Ätran onsdag 22 juni." in lookout.table().splitlines()


def test_what_lies_there_is_counted(lookout: Lookout) -> None:
    lookout.fill()
    lookout.path(TODAY).unlink()
    found = lookout.look()
    assert (found.files, found.bytes) == (71, sum(path.stat().st_size for path in lookout.root.glob("2*")))
    assert "71 filer, 1 MB." in lookout.table().splitlines()
    (store,) = coverage_json([found])["stores"]
    assert (store["files"], store["bytes"]) == (found.files, found.bytes)


def test_english_is_spoken_where_it_is_asked_for(lookout: Lookout) -> None:
    lookout.changes = {"language": "en"}
    lookout.fill()
    lookout.path(TODAY).unlink()
    text = lookout.table()
    assert "TODAY" in text
    assert "MI  5h" in text
    assert "Tuesday 21 June is missing for Ullared" in text


def test_sixty_groups_stay_narrow_and_the_heading_returns(lookout: Lookout) -> None:
    teams = [f"Grupp {n} med ett ovanligt långt namn" for n in range(60)]
    lookout.now = datetime(2022, 6, 21, 10, tzinfo=STOCKHOLM)
    lookout.changes = {"teams": tuple(Team(name=team) for team in teams)}
    lines = lookout.table().splitlines()
    grid = [line for line in lines if line.startswith(("Grupp", " "))]
    assert max(map(len, grid)) <= 110
    assert sum("I DAG" in line for line in grid) == 3


def test_the_age_turns_to_days_when_the_hours_are_many(lookout: Lookout) -> None:
    lookout.fill(true_at=datetime(2022, 6, 14, 10, tzinfo=STOCKHOLM))
    assert "GA  7d" in lookout.table()


def test_several_stores_share_one_legend(lookout: Lookout) -> None:
    lookout.fill()
    text = coverage_table([lookout.look(), lookout.look()], lookout.settings)
    assert text.count("Tecken:") == 1
    assert text.count("I DAG") == 2


def test_the_json_has_every_cell_with_state_and_age(lookout: Lookout) -> None:
    lookout.fill()
    lookout.path(TODAY).unlink()
    (store,) = json.loads(json.dumps(coverage_json([lookout.look()])))["stores"]
    assert (store["store"], store["good"], store["today"], len(store["cells"])) == ("share", False, "2022-06-21", 18)
    (cell,) = [cell for cell in store["cells"] if cell["plan_date"] == "2022-06-21"]
    assert (cell["team"], cell["state"], cell["age_hours"], cell["visits"]) == ("Ullared", "missing", 5.0, 9)
    assert cell["files"] == [lookout.path(TODAY).name]
    (finding,) = store["findings"]
    assert (finding["code"], finding["severity"]) == ("missing", "critical")
    assert finding["cells"] == [{"plan_date": "2022-06-21", "team": "Ullared"}]


def test_a_copy_that_seems_to_come_from_the_future_is_no_age_below_zero(lookout: Lookout) -> None:
    lookout.fill(true_at=datetime(2022, 6, 21, 10, tzinfo=STOCKHOLM) + timedelta(hours=2))
    assert "GA  0h" in lookout.table()
