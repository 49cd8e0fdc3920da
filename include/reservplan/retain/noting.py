"""What a retention has done, as the record of deletions keeps it. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from reservplan.domain.deletions import Deletion, What
from reservplan.retain.facts import Leftover
from reservplan.retain.plan import Removal, RetentionPlan

# Beside the reasons of the plan: a record named it, and it was not there any more. A retention that was interrupted
# before it could note what it did, or somebody with a file manager.
GONE = "gone"
LEFTOVER = "leftover"


def deletions_of(
    plan: RetentionPlan,
    removed: Sequence[Removal],
    leftovers: Sequence[Leftover],
    vanished: Mapping[date, Mapping[str, Sequence[str]]],
    at: datetime,
) -> list[Deletion]:
    """One entry a day, group, kind and reason; temporary files all in one, counted."""
    return [
        *_removed(plan, removed, at),
        *(
            Deletion(at=at, what=What.COPIES, why=GONE, by=plan.code, plan_date=day, team=team, count=len(names),
                     files=tuple(names))
            for day, teams in sorted(vanished.items())
            for team, names in sorted(teams.items())
            if names
        ),
        *([Deletion(at=at, what=What.LEFTOVERS, why=LEFTOVER, by=plan.code, count=len(leftovers),
                    size_bytes=sum(one.info.size_bytes for one in leftovers))] if leftovers else []),
    ]  # fmt: skip


def _removed(plan: RetentionPlan, removed: Sequence[Removal], at: datetime) -> Iterator[Deletion]:
    together: dict[tuple[date, str, bool, str], list[Removal]] = {}
    for removal in removed:
        together.setdefault((removal.plan_date, removal.team, removal.paper, removal.reason), []).append(removal)
    for (day, team, paper, reason), some in sorted(together.items()):
        yield Deletion(
            at=at,
            what=What.PAPERS if paper else What.COPIES,
            why=reason,
            by=plan.code,
            plan_date=day,
            team=team,
            count=len(some),
            size_bytes=sum(one.expected.size_bytes for one in some),
            files=tuple(one.path.rpartition("/")[2] for one in some),
        )
