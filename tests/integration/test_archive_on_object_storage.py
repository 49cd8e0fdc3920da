"""The archive on a real S3 service: what one worker keeps another reads, and a day goes alone."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from reservplan.archive import Archive, ArchiveDamaged
from reservplan.domain.errors import StagingRefused
from reservplan.domain.judgement import Judgement
from reservplan.domain.plan import Cell, CellSource, Plan
from reservplan.domain.verdict import Verdict
from reservplan.plan_sources import empty_plan

from servers.object_store import ObjectStore

ZONE = ZoneInfo("Europe/Stockholm")
DAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 5, tzinfo=UTC)
CELLS = [Cell(DAY + timedelta(days=n), "Ullared") for n in range(2)]


def kept(bucket: ObjectStore) -> Archive:
    archive = Archive(f"s3://{bucket.bucket}/archive")
    empty = empty_plan("Europe/Stockholm", NOW)
    sources = {cell: CellSource(NOW) for cell in CELLS}
    plan = Plan(empty.visits, empty.shifts, (), sources, NOW, "exports/Planering.csv")
    judged = {cell: Judgement(Verdict.COMPLETE, (), 0, 0, 0, 0, captured_at=NOW) for cell in CELLS}
    assert archive.keep(plan, judged, "ab" * 32, ZONE) == 2
    assert archive.keep(plan, judged, "ab" * 32, ZONE) == 0
    return archive


def test_what_one_worker_keeps_another_reads(bucket: ObjectStore) -> None:
    kept(bucket)
    other = Archive(f"s3://{bucket.bucket}/archive")
    assert other.days() == [cell.plan_date for cell in CELLS]
    (capture,) = other.captures(DAY)
    assert (capture.source, capture.captured_at) == ("Planering.csv", NOW)
    plan = other.plan(capture)
    assert isinstance(plan.visits, pd.DataFrame)
    assert plan.sources == {CELLS[0]: CellSource(NOW)}


def test_a_day_goes_alone_and_the_key_stays(bucket: ObjectStore) -> None:
    archive = kept(bucket)
    bucket.client.put_object(Bucket=bucket.bucket, Key="archive/pseudonym.key", Body=b"x")
    assert archive.remove(DAY) == 4
    assert archive.days() == [CELLS[1].plan_date]
    assert "archive/pseudonym.key" in bucket.names()
    assert archive.remove(DAY) == 0


def test_a_file_that_is_gone_is_said(bucket: ObjectStore) -> None:
    archive = kept(bucket)
    (capture,) = archive.captures(DAY)
    (frame,) = [name for name in bucket.names() if "/261122/" in name and name.endswith(".visits.parquet")]
    bucket.client.delete_object(Bucket=bucket.bucket, Key=frame)
    with pytest.raises(ArchiveDamaged, match="captures/261122"):
        archive.plan(capture)


def test_a_capture_is_replaced_and_nothing_of_the_old_one_is_left(bucket: ObjectStore) -> None:
    archive = kept(bucket)
    (old,) = archive.captures(DAY)
    bucket.client.put_object(Bucket=bucket.bucket, Key="archive/captures/261122/0.visits.parquet", Body=b"x")
    new = archive.put_instead(old, replace(archive.plan(old), label="Other.csv"), old.cells)
    assert archive.captures(DAY) == [new]
    assert archive.remove_unfinished(DAY) == 1
    assert len([name for name in bucket.names() if "/261122/" in name]) == 4


def test_a_bucket_that_is_not_there_is_told_as_the_archives(bucket: ObjectStore) -> None:
    archive = Archive("s3://there-is-none/archive")
    with pytest.raises(StagingRefused, match="no bucket for archive"):
        archive.files.write_whole("a", b"")
    assert bucket.names() == []
