"""docker-compose.yaml, the Dockerfile and the secrets agree with the code, with each other, and with docker-compose."""

import re
import shlex
import shutil
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from reservplan.settings import load
from reservplan.store.connection import connection_from_environment
from reservplan_airflow.dag_defaults import PUBLISH_POOL, PUBLISH_SLOTS

from servers.airflow_home import PROJECT, read_settings
from servers.compose_services import IN_IMAGE, ComposeError, ComposeSite, composed

ONE_SHOT = {"airflow-init"}
WORKER = "airflow-worker"
SCRIPTS = sorted(PROJECT.glob("deploy/**/*.sh"))
Services = Mapping[str, Any]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> ComposeSite:
    made = ComposeSite(tmp_path_factory.mktemp("site"))
    made.install()
    return made


@pytest.fixture(scope="module")
def services(site: ComposeSite) -> Services:
    tree = composed(site.folder, profiles=["demo"], settings={"RESERVPLAN_EXPORTS": "/srv/exports"})
    found: Services = tree["services"]
    return found


def mounts(service: Mapping[str, Any]) -> dict[str, bool]:
    """Where something is mounted, and whether it may be written."""
    found = {}
    for mount in service.get("volumes", ()):
        if isinstance(mount, str):
            _, target, *mode = mount.split(":")
            found[target] = "ro" not in ",".join(mode).split(",")
        else:
            found[mount["target"]] = not mount.get("read_only", False)
    return found


def airflow_services(services: Services) -> dict[str, Any]:
    return {name: service for name, service in services.items() if name.startswith("airflow-")}


def test_the_files_are_clean() -> None:
    subprocess.run(["yamllint", "--strict", "docker-compose.yaml"], cwd=PROJECT, check=True)
    subprocess.run(["shellcheck", *SCRIPTS], check=True)


def test_without_the_folder_of_exports_it_says_what_to_do(site: ComposeSite) -> None:
    with pytest.raises(ComposeError, match="make secrets"):
        composed(site.folder)


def test_every_service_is_there(services: Services) -> None:
    named = {"api-server", "scheduler", "dag-processor", "triggerer", "worker", "init"}
    assert set(services) == {f"airflow-{name}" for name in named} | {"postgres", "redis", "samba"}


def test_every_service_is_checked_restarted_and_kept_in_bounds(services: Services) -> None:
    for name, service in services.items():
        assert ("healthcheck" in service) != (name in ONE_SHOT), name
        assert service["restart"] == ("on-failure:5" if name in ONE_SHOT else "unless-stopped"), name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert {"max-size", "max-file"} <= set(service["logging"]["options"]), name
        assert service["stop_grace_period"], name
        assert service.get("cap_drop") == ["ALL"] or name == "postgres", name


def test_every_image_is_pinned_to_a_line(services: Services) -> None:
    for name, service in services.items():
        assert re.search(r":\d+", service["image"]), f"{name}: {service['image']}"


def test_only_the_api_server_is_reached_and_only_from_this_machine(services: Services) -> None:
    assert {name for name, service in services.items() if service.get("ports")} == {"airflow-api-server"}
    (port,) = services["airflow-api-server"]["ports"]
    address = port if isinstance(port, str) else f"{port['host_ip']}:{port['published']}"
    assert address.startswith("127.0.0.1:8080")


def test_database_and_broker_have_no_way_out(site: ComposeSite, services: Services) -> None:
    tree = composed(site.folder, settings={"RESERVPLAN_EXPORTS": "/srv/exports"})
    assert tree["networks"]["inside"]["internal"] is True
    for name in ("postgres", "redis", "samba", "airflow-scheduler", "airflow-init"):
        assert set(services[name]["networks"]) == {"inside"}, name


def test_every_airflow_service_gets_all_of_airflow_env(services: Services) -> None:
    wanted = read_settings(PROJECT / "config" / "airflow.env")
    for name, service in airflow_services(services).items():
        given = service["environment"]
        assert {key: str(given[key] or "") for key in wanted} == wanted, name


def test_every_airflow_service_has_the_same_keys(services: Services) -> None:
    keys = ("AIRFLOW__CORE__FERNET_KEY", "AIRFLOW__API__SECRET_KEY", "AIRFLOW__API_AUTH__JWT_SECRET")
    for key in keys:
        (value,) = {service["environment"][key] for service in airflow_services(services).values()}
        assert len(value) >= (64 if key.endswith("JWT_SECRET") else 40)


def test_each_secret_goes_only_where_it_is_needed(services: Services) -> None:
    knows = {
        "AIRFLOW_CONN_RESERVPLAN_SHARE": {WORKER},
        "RESERVPLAN_ADMIN_PASSWORD": {"airflow-init"},
        "POSTGRES_PASSWORD": {"postgres"},
        "REDIS_PASSWORD": {"redis"},
        "SAMBA_PASSWORD": {"samba"},
    }
    for variable, names in knows.items():
        assert {name for name, service in services.items() if variable in service["environment"]} == names, variable


def test_addresses_carry_the_passwords_of_database_and_broker(services: Services) -> None:
    given = services[WORKER]["environment"]
    database = services["postgres"]["environment"]
    expected = f"postgresql+psycopg2://airflow:{database['POSTGRES_PASSWORD']}@postgres:5432/airflow"
    assert given["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == expected
    assert given["AIRFLOW__CELERY__RESULT_BACKEND"] == f"db+{expected}"
    broker = services["redis"]["environment"]["REDIS_PASSWORD"]
    assert given["AIRFLOW__CELERY__BROKER_URL"] == f"redis://:{broker}@redis:6379/0"


def test_every_place_that_the_settings_name_is_a_mount(services: Services, site: ComposeSite) -> None:
    settings = load(site.folder / "config" / "reservplan.yaml")
    in_container = {
        str(Path(place)).replace(str(site.folder), IN_IMAGE): writable
        for place, writable in (
            (settings.source.path, False),
            (settings.staging, True),
            (settings.archive, True),
            (settings.reports, True),
            (settings.watch.folder, True),
        )
    }
    reports, watch = f"{IN_IMAGE}/.run/reports", f"{IN_IMAGE}/.run/watch"
    may_see = {"airflow-api-server": {reports}, "airflow-dag-processor": {watch}}
    found = mounts(services[WORKER])
    assert {place: found.get(place) for place in in_container} == in_container
    for name, service in airflow_services(services).items():
        assert mounts(service)[f"{IN_IMAGE}/config"] is False, f"{name} could change the settings."
        if name not in {WORKER, *ONE_SHOT}:
            seen = set(in_container) & set(mounts(service))
            assert seen <= may_see.get(name, set()), f"{name} needs no plan."
    assert mounts(services["airflow-api-server"])[reports] is False, "It shows the reports, and writes none."
    assert mounts(services["airflow-dag-processor"])[watch], "It notes what no task can tell: the watch reads it."
    assert services[WORKER]["environment"]["RESERVPLAN_CONFIG"] == f"{IN_IMAGE}/config/reservplan.yaml"


def test_every_command_is_one_of_airflow(services: Services) -> None:
    from airflow.cli.cli_parser import get_parser

    for name, service in airflow_services(services).items():
        commands = [service["command"]]
        if name in ONE_SHOT:
            script = (PROJECT / "deploy" / "initialize.sh").read_text(encoding="utf-8").replace("\\\n", " ")
            lines = re.findall(r"^[^#]*?\bairflow ([a-z][^)\n]*)\)?$", script, re.MULTILINE)
            commands = [["airflow", *shlex.split(line)] for line in lines]
            assert len(commands) == 4
        for program, *arguments in commands:
            assert program == "airflow", name
            get_parser().parse_args(arguments)


def test_the_pool_is_the_one_that_publishing_waits_for() -> None:
    script = (PROJECT / "deploy" / "initialize.sh").read_text(encoding="utf-8")
    assert f"airflow pools set {PUBLISH_POOL} {PUBLISH_SLOTS} " in script


class TestSecrets:
    def test_are_looked_after_each_time_though_their_folder_is_there(self, tmp_path: Path) -> None:
        shutil.copy(PROJECT / "Makefile", tmp_path)
        (tmp_path / "secrets").mkdir()
        told = subprocess.run(["make", "-n", "secrets"], cwd=tmp_path, capture_output=True, text=True, check=True)
        # Below another make it says where it is, too.
        assert "deploy/make-secrets.sh" in told.stdout.splitlines()

    def test_are_private_random_and_never_made_twice(self, tmp_path: Path) -> None:
        first, second = ComposeSite(tmp_path / "one"), ComposeSite(tmp_path / "two")
        for made in (first, second):
            made.install()
        before = self.contents(first)
        subprocess.run([first.folder / "deploy" / "make-secrets.sh"], stdin=subprocess.DEVNULL, check=True)
        assert self.contents(first) == before
        for file in (first.folder / "secrets").iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name
        assert stat.S_IMODE((first.folder / "secrets").stat().st_mode) == 0o700
        values = [value for made in (first, second) for value in self.values(made)]
        assert len(values) == len(set(values)), "Two secrets are the same."
        assert all(len(value) >= 24 for value in values)

    def test_that_are_missing_are_made_and_fit_those_that_are_there(self, tmp_path: Path) -> None:
        site = ComposeSite(tmp_path / "site")
        site.install()
        (site.folder / "secrets" / "airflow.env").unlink()
        subprocess.run([site.folder / "deploy" / "make-secrets.sh"], stdin=subprocess.DEVNULL, check=True)
        secrets = site.folder / "secrets"
        password = read_settings(secrets / "postgres.env")["POSTGRES_PASSWORD"]
        assert f":{password}@postgres:" in (secrets / "airflow.env").read_text(encoding="utf-8")

    def test_of_the_demo_name_its_own_file_server(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        site = ComposeSite(tmp_path / "site")
        site.install()
        (site.folder / "secrets" / "share.env").unlink()
        command = [site.folder / "deploy" / "make-secrets.sh", "--demo"]
        subprocess.run(command, stdin=subprocess.DEVNULL, check=True)
        share = read_settings(site.folder / "secrets" / "share.env")["AIRFLOW_CONN_RESERVPLAN_SHARE"]
        monkeypatch.setenv("AIRFLOW_CONN_RESERVPLAN_SHARE", share)
        facts = connection_from_environment("reservplan_share")
        assert (facts.host, facts.port, facts.share, facts.login) == ("samba", 1445, "reservplan", "reservplan")
        assert facts.password == read_settings(site.folder / "secrets" / "samba.env")["SAMBA_PASSWORD"]

    def test_typed_by_hand_reach_the_code_as_they_were_typed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        site = ComposeSite(tmp_path / "site")
        site.install()
        (site.folder / "secrets" / "share.env").unlink()
        typed = ["fs01.example.org", "V$", "svc reservplan", "EXAMPLE", "å/#@:%$'\" &?"]
        script = shlex.quote(str(site.folder / "deploy" / "make-secrets.sh"))
        # `script` gives it the terminal that it asks at.
        subprocess.run(
            ["script", "--quiet", "--return", "--command", script, "/dev/null"],
            input="\n".join([*typed, ""]), text=True, check=True, capture_output=True,
        )  # fmt: skip
        tree = composed(site.folder, settings={"RESERVPLAN_EXPORTS": "/srv/exports"})
        share = tree["services"][WORKER]["environment"]["AIRFLOW_CONN_RESERVPLAN_SHARE"]
        assert not set("$#'\" ") & set(share), "The versions of compose read these differently."
        monkeypatch.setenv("AIRFLOW_CONN_RESERVPLAN_SHARE", share)
        facts = connection_from_environment("reservplan_share")
        assert [facts.host, facts.share, facts.login, facts.domain, facts.password] == typed

    def contents(self, site: ComposeSite) -> dict[str, str]:
        return {file.name: file.read_text(encoding="utf-8") for file in (site.folder / "secrets").iterdir()}

    def values(self, site: ComposeSite) -> list[str]:
        found = {
            key: value
            for file in (site.folder / "secrets").glob("*.env")
            for key, value in read_settings(file).items()
            if re.search("PASSWORD|SECRET|FERNET", key)
        }
        return list(found.values())


def test_no_password_stands_in_a_committed_file() -> None:
    done = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True)
    listed = done.stdout.split()
    assert not [name for name in listed if name.startswith("secrets/") or name == ".env"]
    names = r"\w*(?:PASSWORD|SECRET_KEY|FERNET_KEY|JWT_SECRET)\w*"
    given = re.compile(rf"^[\s#-]*{names}\s*[=:]\s*(?!\$)[\w'\"]", re.MULTILINE)
    files = ["docker-compose.yaml", "Dockerfile", "config/airflow.env", "deploy/site.env", "deploy/samba/Dockerfile"]
    for name in [*files, *(str(script.relative_to(PROJECT)) for script in SCRIPTS)]:
        assert name in listed, f"{name} is not committed."
        assert not given.search((PROJECT / name).read_text(encoding="utf-8")), name


class TestImage:
    text = (PROJECT / "Dockerfile").read_text(encoding="utf-8")

    def test_copies_only_what_is_there_and_reaches_the_builder(self) -> None:
        lines = re.findall(r"^COPY (?!--from)(.*)$", self.text, re.MULTILINE)
        copied = [part for line in lines for part in line.split()[:-1]]
        allowed = {line[1:] for line in (PROJECT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
        assert set(copied) == allowed, "What is copied and what reaches the builder differ."
        assert all((PROJECT / name).exists() for name in copied)

    def test_is_the_airflow_of_the_lock(self) -> None:
        (version,) = re.findall(r"^apache-airflow==(\S+)", (PROJECT / "requirements.txt").read_text(), re.MULTILINE)
        (tag,) = re.findall(r"^ARG BASE_IMAGE=apache/airflow:(\S+)$", self.text, re.MULTILINE)
        assert tag == f"slim-{version}-python3.11"
        compose = yaml.safe_load((PROJECT / "docker-compose.yaml").read_text(encoding="utf-8"))
        assert tag in compose["services"]["airflow-init"]["build"]["args"]["BASE_IMAGE"]

    def test_is_not_run_by_root(self) -> None:
        assert re.findall(r"^USER (\S+)$", self.text, re.MULTILINE)[-1] == "airflow"

    def test_the_two_locks_agree(self) -> None:
        def pins(name: str) -> dict[str, set[str]]:
            found: dict[str, set[str]] = {}
            for package, version in re.findall(
                r"^([a-z0-9._-]+)==([^\s;]+)", (PROJECT / name).read_text(), re.MULTILINE
            ):
                found.setdefault(package, set()).add(version)
            return found

        both, more = pins("requirements.txt"), pins("requirements-deployment.txt")
        assert {name: more[name] for name in more if name in both and more[name] != both[name]} == {}
