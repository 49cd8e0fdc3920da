"""What a person may ask of a run by hand: the form, and the refusal of what the form does not know.

Airflow checks values against the form but accepts any unknown key of a run's configuration without a word, so that
`{"team": "Ullared"}` (for `teams`) would quietly do everything. The first task of every DAG therefore asks here.
"""

from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from airflow.sdk import Param
from reservplan.domain.errors import RequestRefused
from reservplan.settings import Settings


def snapshot_params(settings: Settings | None) -> dict[str, Param]:
    """The form of snapshot and refresh."""
    names = [team.name for team in settings.teams] if settings else []
    day: dict[str, Any] = {"type": ["null", "string"], "format": "date"}
    return {
        "date_from": Param(
            None, **day, title="First day",
            description="Empty: today and the days ahead. A past day captures that day only.",
        ),
        "date_to": Param(None, **day, title="Last day", description="Empty: the first day alone."),
        "teams": Param(
            [], type="array", items={"type": "string", "minLength": 1, "maxLength": 200}, uniqueItems=True,
            examples=names, title="Groups", description="Empty: all groups.",
        ),
        "cells": Param(
            [], type="array", items={"type": "string", "minLength": 1, "maxLength": 240}, uniqueItems=True,
            title="Single copies",
            description="As 2026-11-22 Ullared, or 2026-11-22 * for all groups of a day, instead of days and groups. "
            "Reads them back, and makes again what is gone or damaged, from the archive first.",
        ),
        "force": Param(
            False, type="boolean", title="Unchanged cells too",
            description="Renders and writes unchanged cells anew. Never replaces a copy by a worse one.",
        ),
        "from_archive": Param(
            False, type="boolean", title="From the archive",
            description="Uses the latest archived capture of each day, as when the export cannot be read.",
        ),
    }  # fmt: skip


def retain_params() -> dict[str, Param]:
    """The form of retention."""
    return {
        "dry_run": Param(
            False, type="boolean", title="Only show the plan",
            description="Says what would be removed, and why, and removes nothing.",
        ),
        "confirm": Param(
            None, type=["null", "string"], maxLength=400, pattern="^[0-9A-Fa-f ,]*$", title="Confirm",
            description="The code of a plan that was refused, from its mail. Several with spaces between.",
        ),
    }  # fmt: skip


def drill_params(settings: Settings | None) -> dict[str, Param]:
    """The form of the drill."""
    teams = [team.name for team in settings.teams] if settings else []
    stores = [store.name for store in settings.stores] if settings else []
    return {
        "groups": Param(
            [], type="array", items={"type": "string", "minLength": 1, "maxLength": 200}, uniqueItems=True,
            examples=teams, title="Groups", description="Empty: those that were tried longest ago.",
        ),
        "store": Param(
            None, type=["null", "string"], maxLength=200, examples=stores, title="Store",
            description="Empty: every store.",
        ),
    }  # fmt: skip


def refuse_unknown(conf: Mapping[str, Any] | None, known: Collection[str]) -> None:
    """Raise RequestRefused for keys that the DAG does not know, saying which it does; what was typed stays untold."""
    unknown = sorted(set(conf or {}) - set(known))
    if not unknown:
        return
    raise RequestRefused(
        f"The run was asked for with unknown parameters: {', '.join(_told(unknown, known))}.",
        do=f"Known are {', '.join(sorted(known)) or 'none at all'}. Nothing was done; trigger it again.",
    )


def _told(unknown: Sequence[str], known: Collection[str]) -> list[str]:
    """The keys that are almost known ones; others are only counted, for they may be anything that somebody typed."""
    near = {key: get_close_matches(key, known, n=1) for key in unknown}
    named = [f"{key!r} (meant {found[0]}?)" for key, found in near.items() if found]
    others = len(unknown) - len(named)
    return [*named, f"{others} that are like none of the known"] if others else named
