"""The services of docker-compose.yaml as processes: they start, their checks see them well, and see them dead."""

import contextlib
import os
import shlex
import shutil
import signal
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil
import pytest
from reservplan.settings import load
from reservplan_airflow.dag_defaults import PUBLISH_SLOTS

from servers.airflow_api import AirflowApi
from servers.airflow_home import read_settings
from servers.compose_services import ComposeService, ComposeSite
from servers.ports import HOST, free_ports
from servers.postgres import PostgresServer
from servers.redis import RedisServer

AIRFLOW = ("airflow-api-server", "airflow-scheduler", "airflow-dag-processor", "airflow-triggerer", "airflow-worker")
HEALTHY_SECONDS = 240.0
# A heartbeat counts for thirty seconds; a check takes some itself.
DEAD_SECONDS = 150.0
Services = Mapping[str, ComposeService]


def addresses(site: ComposeSite, database: PostgresServer, broker: RedisServer) -> dict[str, str]:
    """What the services call each other in their network, and what that is here."""
    secrets = site.folder / "secrets"
    of_database = read_settings(secrets / "postgres.env")["POSTGRES_PASSWORD"]
    of_broker = read_settings(secrets / "redis.env")["REDIS_PASSWORD"]
    (port,) = free_ports(1)
    return {
        f"{of_database}@postgres:5432": f"{database.password}@{HOST}:{database.port}",
        f"{of_broker}@redis:6379": f"{broker.password}@{HOST}:{broker.port}",
        "airflow-api-server:8080": f"{HOST}:{port}",
        "127.0.0.1:8080": f"{HOST}:{port}",
        "0.0.0.0": HOST,  # noqa: S104 - in a container of its own
        "8080": str(port),
    }


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    site = ComposeSite(tmp_path_factory.mktemp("site"))
    site.install()
    with contextlib.ExitStack() as stack:
        database, broker = stack.enter_context(PostgresServer()), stack.enter_context(RedisServer())
        found = site.services(addresses(site, database, broker))
        for service in found.values():
            stack.callback(end, service)
        yield found


def end(service: ComposeService) -> None:
    """Kill what runs of a service, with children that lead sessions of their own."""
    for process in service.session.processes():
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in process.children(recursive=True):
                child.send_signal(signal.SIGKILL)
    service.session.kill()


def wait_for(service: ComposeService, healthy: bool, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while service.check() != healthy:
        if time.monotonic() > deadline:
            pytest.fail(f"{service.name} is not {'healthy' if healthy else 'unhealthy'}:\n{service.session.log_tail()}")
        time.sleep(1)


@pytest.mark.long
def test_every_airflow_service_starts_after_the_first_step_and_is_healthy_until_it_is_killed(
    services: Services,
) -> None:
    init = services["airflow-init"]
    for _ in range(2):
        done = init.run()
        assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    password = init.environment["RESERVPLAN_ADMIN_PASSWORD"]
    assert password not in done.stdout + done.stderr

    for name in AIRFLOW:
        services[name].start()
    for name in AIRFLOW:
        wait_for(services[name], True, HEALTHY_SECONDS)

    address = f"http://{HOST}:{services['airflow-api-server'].environment['AIRFLOW__API__PORT']}"
    api = AirflowApi(address, "admin", password)
    assert api.unhealthy_parts() == []
    pool = api.ask("GET", "/api/v2/pools/reservplan_publish")
    assert pool["slots"] == PUBLISH_SLOTS
    wait_for_dags(api)
    assert all(dag["is_paused"] for dag in api.ask("GET", "/api/v2/dags")["dags"]), "Nothing begins by itself."

    assert administrators_after_admin_was_removed(init) == {"kim"}

    for name in AIRFLOW:
        assert password not in services[name].session.log_file.read_text(encoding="utf-8", errors="replace"), name
    for name in AIRFLOW:
        end(services[name])
    for name in AIRFLOW:
        wait_for(services[name], False, DEAD_SECONDS)


def administrators_after_admin_was_removed(init: ComposeService) -> set[str]:
    """Have the first administrator replaced by another, begin anew, and see who is there."""
    named = "--username kim --firstname Kim --lastname K --email kim@example.org"
    steps = [
        f"airflow users create --role Admin --use-random-password {named}",
        "airflow users delete --username admin",
        shlex.join(init.command),
        "airflow users list --output plain",
    ]
    command = ["bash", "-ec", "\n".join(steps)]
    done = ComposeService(init.name, {**init.service, "command": command}, init.folder, init.replaced).run()
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    table = done.stdout[done.stdout.rindex("username") :].splitlines()[1:]
    return {line.split()[1] for line in table if line.strip()}


def wait_for_dags(api: AirflowApi, seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while len(api.dag_ids()) < 4 and time.monotonic() < deadline:
        time.sleep(1)
    assert len(api.dag_ids()) == 4


class TestBroker:
    @pytest.fixture
    def broker(self, tmp_path: Path) -> Iterator[ComposeService]:
        site = ComposeSite(tmp_path / "site")
        site.install()
        (port,) = free_ports(1)
        replaced = {
            "redis-server -": f"redis-server - --port {port} --bind {HOST}",
            "redis-cli": f"redis-cli -p {port}",
        }
        service = site.services(replaced)["redis"]
        yield service
        end(service)

    def test_is_healthy_until_it_is_killed(self, broker: ComposeService) -> None:
        broker.start()
        wait_for(broker, True, 20)
        end(broker)
        assert not broker.check()

    def test_without_a_password_it_does_not_start(self, broker: ComposeService) -> None:
        given = {**broker.service, "environment": {}}
        done = ComposeService(broker.name, given, broker.folder, broker.replaced).run()
        assert done.returncode != 0
        assert "make secrets" in done.stderr


def test_the_check_of_the_database_sees_it_well_and_dead(tmp_path: Path) -> None:
    site = ComposeSite(tmp_path / "site")
    site.install()
    with PostgresServer() as database:
        program = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_isready"))), None) or "pg_isready"
        service = site.services({})["postgres"]
        given = {**service.service, "environment": {"PGPORT": str(database.port)}}
        here = ComposeService("postgres", given, service.folder, {"pg_isready": str(program)})
        assert here.check()
    assert not here.check()


class TestDemoShare:
    @pytest.fixture
    def share(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ComposeService]:
        site = ComposeSite(tmp_path_factory.mktemp("s"))
        site.install()
        found = site.services({}, profiles=["demo"])["samba"]
        (port,) = free_ports(1)
        scripts = site.folder / "deploy" / "samba"
        here = {
            **found.service,
            "command": [str(scripts / "serve.sh")],
            "healthcheck": {"test": ["CMD", str(scripts / "check.sh")]},
            "environment": {
                **found.service["environment"],
                "SAMBA_FOLDER": str(site.folder / "smb"), "SAMBA_PORT": str(port), "SAMBA_ADDRESS": HOST,
            },
        }  # fmt: skip
        service = ComposeService("samba", here, site.folder, {})
        yield service
        end(service)

    def test_is_healthy_until_it_is_killed(self, share: ComposeService) -> None:
        assert shutil.which("smbclient")
        share.start()
        wait_for(share, True, 20)
        (store,) = load(share.folder / "config" / "reservplan.yaml").stores
        assert (share.folder / "smb" / "share" / store.folder).is_dir(), "a store never makes its own folder"
        login = share.folder / "smb" / "login"
        assert os.stat(login).st_mode & 0o077 == 0
        end(share)
        assert not share.check()
