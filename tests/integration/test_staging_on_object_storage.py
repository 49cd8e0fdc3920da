"""Staging and the archive on a real S3 service: what lies there, what is told when it is not as it should be."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from reservplan.check import Level, check
from reservplan.domain.errors import PassingError, SettingsError, StagingRefused, StagingUnreachable
from reservplan.extract.pseudonyms import Pseudonyms
from reservplan.settings import load
from reservplan.staging import Staging, clear_leftovers
from reservplan.store import open_store

from servers.airflow_home import PROJECT
from servers.object_store import ObjectStore
from servers.ports import HOST, free_ports

STAGE = "import sys; from reservplan.staging import Staging; Staging.of_run(sys.argv[1], 'run').write('a', b'')"
PSEUDONYM = (
    "import sys; from reservplan.extract.pseudonyms import Pseudonyms; print(Pseudonyms(sys.argv[1]).of('c', 'x'))"
)


def forbid(bucket: ObjectStore, *actions: str) -> None:
    denied = {"Effect": "Deny", "Principal": "*", "Action": actions, "Resource": f"arn:aws:s3:::{bucket.bucket}/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [denied]})
    bucket.client.put_bucket_policy(Bucket=bucket.bucket, Policy=policy)


def test_what_one_worker_stages_another_reads_and_lists_at_once(bucket: ObjectStore) -> None:
    here = Staging.of_run(bucket.staging, "run")
    assert list(here.names("published/share")) == []
    for number in range(2):
        code = "import sys; from reservplan.staging import Staging; "
        code += "Staging.of_run(sys.argv[1], 'run').write(sys.argv[2], 'å'.encode())"
        name = f"published/share/{number}.json"
        subprocess.run([sys.executable, "-c", code, bucket.staging, name], check=True)
        assert list(here.names("published/share"))[-1] == name
        assert here.read(name) == "å".encode()


def test_all_of_a_run_is_removed_and_nothing_of_another(bucket: ObjectStore) -> None:
    for run in ("one", "one-and-a-half"):
        for number in range(3):
            Staging.of_run(bucket.staging, run).write(f"rendered/{number} Översiktsschema Ätran.pdf", b"x")
    for _ in range(2):
        Staging.of_run(bucket.staging, "one").clear()
    assert len(bucket.names()) == 4
    assert all(name.startswith("staging/run-one-and-a-half/") for name in bucket.names())


def test_what_a_killed_run_left_is_removed_once_somebody_knows_that_it_has_ended(bucket: ObjectStore) -> None:
    for run in ("killed", "running"):
        Staging.of_run(bucket.staging, run).write("visits.parquet", b"x")
    bucket.client.put_object(Bucket=bucket.bucket, Key="staging/run-of-somebody-else/file", Body=b"x")
    assert clear_leftovers(bucket.staging, {"killed": True, "running": False}.__getitem__) == 1
    assert {name.split("/")[1] for name in bucket.names()} == {"run-running", "run-of-somebody-else"}


@pytest.mark.parametrize(
    ("base", "says"),
    [
        ("s3://there-is-none/staging", r"no bucket for staging at s3://there-is-none/staging\. Make it"),
        ("gs://bucket/staging", r"gs:// is not installed.*Install gcsfs"),
        ("nope://bucket/staging", r"nope:// is no kind of object storage.*s3://bucket/reservplan"),
    ],
)
def test_a_wrong_address_is_told_with_what_to_do(bucket: ObjectStore, base: str, says: str) -> None:
    with pytest.raises((StagingRefused, SettingsError), match=says):
        Staging.of_run(base, "run").write("a", b"")
    assert bucket.names() == []


def test_a_refusal_is_told_without_the_services_words(bucket: ObjectStore) -> None:
    Staging.of_run(bucket.staging, "run").write("a", b"")
    forbid(bucket, "s3:PutObject", "s3:GetObject")
    staging = Staging.of_run(bucket.staging, "run")
    for act in (lambda: staging.read("a"), lambda: staging.write("a", b"")):
        with pytest.raises(StagingRefused, match="refuses us") as refused:
            act()
        assert refused.value.__cause__ is None
        assert bucket.key not in str(refused.value)


def test_what_may_not_be_removed_is_not_passed_over_in_silence(bucket: ObjectStore) -> None:
    staging = Staging.of_run(bucket.staging, "run")
    staging.write("visits.parquet", b"x")
    forbid(bucket, "s3:DeleteObject")
    with pytest.raises(StagingRefused, match=r"write but not remove.*Remove run-run there by hand"):
        staging.clear()
    assert bucket.names() != []


def check_lines(base: str, folder: Path) -> list[Any]:
    tree = yaml.safe_load((PROJECT / "config" / "reservplan.yaml").read_text(encoding="utf-8"))
    tree |= {"staging": base, "source": {"kind": "demo"}, "archive": "archive", "reports": "reports"}
    tree["stores"] = [{"name": "folder", "kind": "folder", "folder": "copies"}]
    (folder / "copies").mkdir(exist_ok=True)
    (folder / "reservplan.yaml").write_text(yaml.safe_dump(tree), encoding="utf-8")
    settings = load(folder / "reservplan.yaml")
    lines = check(settings, lambda store: open_store(store, None), datetime.now(UTC))
    return [line for line in lines if line.subject in ("disk", "staging")]


def test_check_tries_what_a_run_needs_of_the_bucket_and_leaves_nothing(bucket: ObjectStore, tmp_path: Path) -> None:
    (line,) = check_lines(bucket.staging, tmp_path)
    assert (line.level, line.text) == (Level.OK, f"{bucket.staging}: går att skriva, läsa och tömma")
    assert bucket.names() == []
    forbid(bucket, "s3:DeleteObject")
    (line,) = check_lines(bucket.staging, tmp_path)
    assert line.level is Level.FAULT
    assert "not remove" in line.text


def test_workers_that_share_no_disk_share_the_key_for_pseudonyms(bucket: ObjectStore) -> None:
    archive = f"s3://{bucket.bucket}/archive"
    other = subprocess.run([sys.executable, "-c", PSEUDONYM, archive], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == Pseudonyms(archive).of("c", "x")
    assert bucket.names() == ["archive/pseudonym.key"]


def said_elsewhere(code: str, base: str, **environment: str) -> str:
    """What a process with another environment says at last; a client keeps what it has begun with."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    given = ours | {"AWS_EC2_METADATA_DISABLED": "true", "HOME": "/nonexistent"} | environment
    done = subprocess.run([sys.executable, "-c", code, base], env=given, capture_output=True, text=True, check=False)
    return done.stderr.strip().splitlines()[-1]


def test_without_a_key_in_the_environment_it_is_said_so(bucket: ObjectStore) -> None:
    said = said_elsewhere(STAGE, bucket.staging, AWS_ENDPOINT_URL_S3=bucket.address)
    assert said.startswith("reservplan.domain.errors.StagingRefused: ")
    assert "in every worker's environment" in said


def test_a_service_that_is_away_may_come_back(bucket: ObjectStore) -> None:
    (port,) = free_ports(1)
    environment = bucket.environment() | {"AWS_ENDPOINT_URL_S3": f"http://{HOST}:{port}", "AWS_MAX_ATTEMPTS": "1"}
    said = said_elsewhere(STAGE, bucket.staging, **environment)
    assert said.startswith("reservplan.domain.errors.StagingUnreachable: ")
    assert f"{bucket.staging} does not answer (EndpointConnectionError)" in said
    assert issubclass(StagingUnreachable, PassingError)
    # The archive holds a secret: while it cannot be read no other is made up.
    said = said_elsewhere(PSEUDONYM, f"s3://{bucket.bucket}/archive", **environment)
    assert said.startswith("reservplan.domain.errors.SourceNotReady: The key for pseudonyms cannot be read now")
    assert bucket.names() == []
