"""The configuration: what it refuses, with the key's path and an example, and what it makes of paths."""

from datetime import date, time
from pathlib import Path

import pytest
import yaml
from reservplan.domain.errors import SettingsError
from reservplan.settings import CONFIG_VARIABLE, Thresholds, load

GOOD = {
    "organisation": "Falkenbergs kommun",
    "teams": ["Ullared", {"name": "Vessigebro", "active_from": "2026-11-01", "closed": ["sat", "sun"]}],
    "source": {
        "kind": "files", "path": "../exports/", "protected": "not_in_source",
        "columns": {"plan_date": "Datum", "team": "Grupp", "client_name": ["Förnamn", "Efternamn"], "start": "Starttid",
                    "minutes": "Längd"},
    },
    "stores": [{"name": "share", "kind": "smb", "connection": "reservplan_share",
                "folder": "Besöksplanering ALLA grupper"}],
}  # fmt: skip


def write(folder: Path, **changes: object) -> Path:
    path = folder / "config" / "reservplan.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump({**GOOD, **changes}, allow_unicode=True), encoding="utf-8")
    return path


def test_a_plain_name_and_a_full_entry_are_both_teams(tmp_path: Path) -> None:
    ullared, vessigebro = load(write(tmp_path)).teams
    assert (ullared.name, vessigebro.active_from) == ("Ullared", date(2026, 11, 1))
    assert vessigebro.closed_on(date(2026, 11, 22))
    assert not vessigebro.closed_on(date(2026, 11, 23))
    assert not vessigebro.expected_on(date(2026, 10, 31))


def test_relative_paths_start_at_the_files_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path)
    monkeypatch.chdir("/")
    settings = load(path)
    assert settings.source.path == str(tmp_path / "exports")
    assert settings.staging == str(tmp_path / ".run" / "staging")
    assert settings.stores[0].folder == "Besöksplanering ALLA grupper"


def test_the_variable_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CONFIG_VARIABLE, str(write(tmp_path)))
    assert load().organisation == "Falkenbergs kommun"


def source(**changes: object) -> dict[str, object]:
    return {**GOOD["source"], **changes}  # type: ignore[dict-item]


@pytest.mark.parametrize(("changes", "says"), [
    ({"tems": ["Ullared"]}, "tems: is no key"),
    ({"window": {"days_bak": 3}}, "window.days_bak: is no key"),
    ({"teams": ["Ullared", "ULLARED"]}, "teams: the group 'ULLARED' is there twice"),
    ({"teams": ["A/B"]}, "teams: the group name 'A/B' contains /"),
    ({"teams": []}, "teams: "),
    ({"timezone": "Europe/Falkenberg"}, "timezone: 'Europe/Falkenberg' is no time zone, for example Europe/Stockholm"),
    ({"language": "no"}, "language: "),
    ({"source": source(kind="sql")}, "source.kind: sql is not built yet"),
    ({"source": source(kind="http")}, "source.kind: http is not built yet"),
    ({"source": source(columns={"plan_date": "Datum"})}, "source: columns lacks client_name, start, team"),
    ({"source": source(columns={**GOOD["source"]["columns"], "diagnos": "Diagnos"})}, "no column named diagnos"),
    ({"source": source(teams={"HTJ": "Okänd"})}, "'Okänd', which is not among teams"),
    ({"stores": [{"name": "share", "kind": "smb"}]}, "needs connection"),
    ({"stores": [{"name": "x", "kind": "folder", "folder": "/a"}, {"name": "x", "kind": "folder", "folder": "/b"}]},
     "two stores have the same name"),
    ({"schedule": {"snapshot": "five o'clock"}}, "schedule.snapshot: is not a cron expression"),
    ({"schedule": {"retain": "0 25 * * *"}}, "schedule.retain: is no time that comes"),
    ({"schedule": {"watch": "0 5 31 2 *"}}, "schedule.watch: is no time that comes"),
    ({"schedule": {"due_by": 360}}, 'schedule.due_by: must be a clock time in quotes, for example "06:00"'),
    ({"stale_hours": "long"}, "stale_hours: "),
    ({"thresholds": {"unassigned_share": 10}}, "thresholds.unassigned_share: Input should be less than or equal to 1, "
     "for example unassigned_share: 0.1"),
    ({"thresholds": {"usual_incomplete_above": 200}}, "for example usual_incomplete_above: 2.0"),
    ({"thresholds": {"ignored_remarks": "outside_shift"}}, "for example ignored_remarks: [outside_shift]"),
    ({"holidays": False}, 'holidays: Input should be a valid string, for example holidays: "SE"'),
    ({"holidays": "QQ"}, "holidays: 'QQ' is no country whose holidays are known, nor empty for none"),
    ({"teams": [{"name": "A", "active_until": "23 nov"}]}, "for example active_until: 2026-11-30"),
    ({"teams": [{"name": "A", "active_from": "2026-12-01", "active_until": "2026-11-30"}]},
     "teams[0]: active_until, 2026-11-30, is before active_from, 2026-12-01"),
    ({"staging": "file:///srv/staging"}, "staging: is neither a path nor the address of a bucket"),
    ({"archive": "s3:/bucket/archive"}, "archive: is neither a path nor the address of a bucket"),
    ({"staging": "s3://"}, "staging: is neither a path nor the address of a bucket"),
    ({"archive": "s3://login:secret@bucket/archive"}, "archive: is neither a path nor the address of a bucket"),
], ids=lambda value: value[:40] if isinstance(value, str) else None)  # fmt: skip
def test_a_wrong_setting_is_refused_with_its_path(tmp_path: Path, changes: dict[str, object], says: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load(write(tmp_path, **changes))
    assert says in str(refused.value)


def test_a_missing_key_is_named_with_an_example(tmp_path: Path) -> None:
    path = write(tmp_path)
    path.write_text("organisation: X\nteams: [Ullared]\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"source: is missing, for example source: .*stores: is missing"):
        load(path)


def test_a_key_given_twice_is_refused_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path)
    path.write_text("organisation: X\norganisation: Y\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"line 2.*'organisation' is there twice"):
        load(path)


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "organisation: [unclosed\n"])
def test_a_file_that_holds_no_settings_is_refused(tmp_path: Path, text: str) -> None:
    path = write(tmp_path)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError):
        load(path)


def test_a_date_that_does_not_exist_is_told_as_such(tmp_path: Path) -> None:
    path = write(tmp_path)
    path.write_text("teams: [{name: Ullared, active_from: 2026-11-31}]\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"reservplan.yaml: a date in it is none .*for example 2026-11-30"):
        load(path)


def test_a_missing_file_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no configuration at .*/none.yaml"):
        load(tmp_path / "none.yaml")


def test_due_by_is_a_clock_time(tmp_path: Path) -> None:
    assert load(write(tmp_path, schedule={"due_by": "06:30"})).schedule.due_by == time(6, 30)


def test_the_example_configuration_can_be_loaded() -> None:
    example = Path(__file__).parents[2] / "config" / "reservplan.yaml"
    settings = load(example)
    assert len(settings.teams) == 11
    assert settings.stores[0].folder == "Besöksplanering ALLA grupper"


def test_the_examples_thresholds_are_all_there_are_with_their_defaults_and_may_be_taken_as_they_stand() -> None:
    example = Path(__file__).parents[2] / "config" / "reservplan.yaml"
    text = example.read_text(encoding="utf-8").partition("\nthresholds: {}")[2]
    named = yaml.safe_load("\n".join(line[1:] for line in text.splitlines() if line.startswith("#   ")))
    assert set(named) == set(Thresholds.model_fields)
    assert Thresholds.model_validate(named) == Thresholds()


def test_thresholds_of_which_none_is_named_are_the_defaults(tmp_path: Path) -> None:
    assert load(write(tmp_path, thresholds=None)).thresholds == Thresholds()


@pytest.mark.parametrize("changes", [
    {"staging": "../exports"}, {"staging": "..", "archive": "/elsewhere"}, {"staging": "../x", "archive": "../x/../x"},
    {"staging": "s3://bucket/rp", "archive": "s3://bucket/rp/"}, {"staging": "s3://bucket/rp", "archive": "s3://bucket"},
    {"staging": "../copies/tmp", "stores": [{"name": "x", "kind": "folder", "folder": "../copies"}]},
    {"stores": [{"name": "x", "kind": "folder", "folder": "../a"}, {"name": "y", "kind": "folder", "folder": "../a"}]},
], ids=["staging is the source", "the source in staging", "staging is the archive", "one address for both",
        "staging in the archive's bucket folder", "staging in a store",
        "one folder for two stores"])  # fmt: skip
def test_folders_that_hold_one_another_are_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match="one lies in the other"):
        load(write(tmp_path, **changes))
