"""An S3 service of our own on loopback: where a run's staging lies when its workers share no disk.

It keeps its objects in memory and believes every key; what it speaks is S3 as real services do.
"""

import os
import re
import secrets
import shutil
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from servers.own_session import OwnSession
from servers.ports import HOST, free_ports

START_SECONDS = 60.0
REQUEST_SECONDS = 5.0
POLL_SECONDS = 0.1
REGION = "eu-north-1"


class ObjectStoreError(RuntimeError):
    """The server is not there or does not start; the text says what to do or shows its log."""


class ObjectStore:
    """One service, in a folder of its own below the system's temporary folder; `bucket` is made at its start."""

    def __init__(self, bucket: str = "reservplan-staging") -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="reservplan-s3-"))
        self.bucket = bucket
        self.port = 0
        self.key_id = f"RP{secrets.token_hex(9).upper()}"
        self.key = secrets.token_urlsafe(30)
        self._session = OwnSession(self.folder / "server.json", self.folder / "server.log")

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://{HOST}:{self.port}"

    @property
    def staging(self) -> str:
        """An address for the setting `staging`."""
        return f"s3://{self.bucket}/staging"

    @property
    def log_file(self) -> Path:
        """What the server printed: every request on a line."""
        return self._session.log_file

    def environment(self) -> dict[str, str]:
        """What those who use it need, as the environment variables that every S3 client reads."""
        return {
            "AWS_ENDPOINT_URL_S3": self.address,
            "AWS_ACCESS_KEY_ID": self.key_id,
            "AWS_SECRET_ACCESS_KEY": self.key,
            "AWS_DEFAULT_REGION": REGION,
        }

    def start(self) -> None:
        """Start it, wait until it answers, and make the bucket."""
        program = Path(sys.executable).parent / "moto_server"
        if not program.is_file():
            raise ObjectStoreError("moto_server is not in this environment. Please run: make env-dev")
        (self.port,) = free_ports(1)
        home = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(self.folder), "LANG": "C.UTF-8"}
        self._session.start([program, "--host", HOST, "--port", str(self.port)], home, self.folder)
        self._wait_until_ready()
        self.client.create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})

    def names(self) -> list[str]:
        """Every object of the bucket by name."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        return [found["Key"] for page in pages for found in page.get("Contents", ())]

    def read(self, name: str) -> bytes:
        """The content of an object."""
        content: bytes = self.client.get_object(Bucket=self.bucket, Key=name)["Body"].read()
        return content

    def written(self) -> set[str]:
        """Every object that was ever put into the bucket by name, by the server's own account."""
        told = self.log_file.read_text(encoding="utf-8", errors="replace")
        paths = re.findall(rf'"(?:PUT|POST) /{re.escape(self.bucket)}/([^?\s]+)\S* HTTP', told)
        return {urllib.parse.unquote(path) for path in paths}

    def remove(self) -> None:
        """End it and take away all that it has."""
        self._session.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    @cached_property
    def client(self) -> Any:
        """A client of Amazon's own library, which shares nothing with the one that Reservplan uses."""
        import boto3

        return boto3.client(
            "s3", endpoint_url=self.address, region_name=REGION,
            aws_access_key_id=self.key_id, aws_secret_access_key=self.key,
        )  # fmt: skip

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.remove()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._session.running:
            try:
                with urllib.request.urlopen(f"{self.address}/moto-api/", timeout=REQUEST_SECONDS):  # noqa: S310
                    return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(POLL_SECONDS)
        tail = self._session.log_tail()
        self._session.kill()
        raise ObjectStoreError(f"The object store does not answer on port {self.port}. The end of its log:\n{tail}")
