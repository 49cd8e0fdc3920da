"""Ask what could be the reason when something is wrong: the source, the municipality's own site, and one outside."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from reservplan.domain.words import say
from reservplan.settings import Settings
from reservplan.watch.airflow_health import Health
from reservplan.watch.asking import LIMIT_SECONDS, answers_within, ask_patiently
from reservplan.watch.diagnosis import Answer, Probed

_NOT_ASKED = Health()


@dataclass(frozen=True)
class _Told:
    answer: Answer
    words: str = ""


def probe(
    settings: Settings,
    stores: Mapping[str, Answer],
    health: Health = _NOT_ASKED,
    *,
    limit_seconds: float = LIMIT_SECONDS,
) -> Probed:
    """What answers, after `limit_seconds` at the latest.

    `stores` is what the look has found, `health` what Airflow has said of itself.
    """
    probes = settings.watch.probes
    asked: dict[str, Callable[[], _Told]] = {
        "outside": lambda: _site(probes.outside or settings.routine.other_page, limit_seconds)
    }
    if probes.own:
        asked["own_site"] = lambda: _site(probes.own, limit_seconds)
    if settings.source.kind == "files":
        asked["source"] = lambda: _export(settings)
    found = answers_within(asked, limit_seconds)
    silent = _Told(Answer.SILENT, say(settings.language, "diagnosis.export_silent", path=_place(settings)))
    told = {name: found.get(name, silent) for name in asked}
    # What is made up is always there.
    source = told.get("source", _Told(Answer.OK))
    return Probed(
        source=source.answer,
        own_site=told.get("own_site", _Told(Answer.NOT_ASKED)).answer,
        outside=told["outside"].answer,
        database=health.database,
        scheduler=health.scheduler,
        stores=stores,
        words={"source": source.words} if source.words else {},
    )


def _site(address: str, limit_seconds: float) -> _Told:
    return _Told(ask_patiently(address if "://" in address else f"https://{address}", limit_seconds).answer)


# What exports end with, and where the fixed part of a path of many files ends.
_SUFFIXES = (".csv", ".txt", ".xlsx", ".xlsm", ".ods")
_FIELD = re.compile(r"\{[^}]*\}")


def _export(settings: Settings) -> _Told:
    """Whether there is an export that is not too old; what is in it is for the run to read."""
    place = _place(settings)
    try:
        changed = [path.stat().st_mtime for path in _exports(settings.source.path)]
    except OSError:
        changed = []
    if not changed:
        return _Told(Answer.REFUSED, say(settings.language, "diagnosis.export_none", path=place))
    hours = (datetime.now(UTC).timestamp() - max(changed)) / 3600
    if hours > settings.source.max_age_hours:
        return _Told(Answer.WRONG, say(settings.language, "diagnosis.export_old", path=place, hours=int(hours)))
    return _Told(Answer.OK)


def _exports(source_path: str) -> list[Path]:
    path = Path(source_path)
    if path.is_dir():
        return [one for one in path.iterdir() if one.suffix.lower() in _SUFFIXES and one.is_file()]
    if not re.search(r"[{*?]", source_path):
        return [path] if path.is_file() else []
    pattern = _FIELD.sub("*", source_path)
    return [one for one in Path(path.anchor).glob(pattern.removeprefix(path.anchor)) if one.is_file()]


def _place(settings: Settings) -> str:
    """The folder of the exports as staff may know it: its last name, not where it lies on this machine."""
    return Path(re.split(r"[{*?]", settings.source.path)[0].rstrip("/") or ".").name
