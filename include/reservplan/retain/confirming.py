"""A refused plan, and the person who answers for it: told how, and held to this very plan."""

from collections.abc import Sequence

from reservplan.domain.confirmation import confirm_command, confirms
from reservplan.domain.errors import DeletionRefused
from reservplan.domain.words import say
from reservplan.retain.plan import RetentionPlan


def require_confirmed(plan: RetentionPlan, given: str) -> None:
    """That no guard refuses the plan, or that somebody who may has confirmed it.

    Raises:
        DeletionRefused: it is refused, or what was given is the code of another plan.
    """
    fits = confirms(given, plan.digest)
    if given and not fits:
        words = [say(plan.language, "retain.other_plan", store=plan.store), *(words for _, words in plan.refusals)]
    elif plan.refusals and not (fits and plan.confirmable):
        words = [words for _, words in plan.refusals]
    else:
        return
    raise DeletionRefused(
        " ".join(words), do=" ".join([say(plan.language, "retain.nothing_removed"), *how_to_confirm(plan)])
    )


def how_to_confirm(plan: RetentionPlan, config: str = "") -> Sequence[str]:
    """The sentences that tell how a refused plan can be confirmed, with the exact command, or that it cannot be."""
    if not plan.refusals:
        return []
    if not plan.confirmable:
        return [say(plan.language, "retain.not_confirmable")]
    which = ["--store", plan.store, *(["--include-edited"] if plan.include_edited else [])]
    command = confirm_command(plan.code, which, config)
    return [say(plan.language, "retain.confirm", command=command, code=plan.code)]
