"""What a retention has done, as the record of deletions keeps it. Pure."""

from collections.abc import Container, Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple

from reservplan.domain.deletions import Deletion, What
from reservplan.retain.facts import Leftover
from reservplan.retain.plan import Removal, RetentionPlan

# Beside the reasons of the plan: a record named it, and it did not lie there. A retention that was interrupted before
# it could note what it did; somebody with a file manager; or a run that announced it and never wrote it.
GONE = "gone"
LEFTOVER = "leftover"


class Vanished(NamedTuple):
    """Files of a day and group that a record names and that do not lie there."""

    what: What
    plan_date: date
    team: str
    names: tuple[str, ...]

    def without(self, noted: Container[tuple[date | None, str | None, str]]) -> "Vanished":
        """These without what is noted already."""
        left = tuple(name for name in self.names if (self.plan_date, self.team, name) not in noted)
        return self._replace(names=left)


def deletions_of(
    plan: RetentionPlan,
    removed: Sequence[Removal],
    leftovers: Sequence[Leftover],
    vanished: Sequence[Vanished],
    at: datetime,
) -> list[Deletion]:
    """One entry a day, group, kind and reason; temporary files all in one, counted."""
    found = [*_removed(plan, removed, at), *(_gone(plan, one, at) for one in vanished if one.names)]
    if leftovers:
        size_bytes = sum(one.info.size_bytes for one in leftovers)
        found.append(
            Deletion(
                at=at, what=What.LEFTOVERS, why=LEFTOVER, by=plan.code, count=len(leftovers), size_bytes=size_bytes
            )
        )
    return found


def _gone(plan: RetentionPlan, one: Vanished, at: datetime) -> Deletion:
    return Deletion(
        at=at,
        what=one.what,
        why=GONE,
        by=plan.code,
        plan_date=one.plan_date,
        team=one.team,
        count=len(one.names),
        files=one.names,
    )


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
            confirmed=tuple(refusal.code for refusal in plan.refusals),
            plan_date=day,
            team=team,
            count=len(some),
            size_bytes=sum(one.expected.size_bytes for one in some),
            files=tuple(one.path.rpartition("/")[2] for one in some),
        )
