"""Somebody says that an incomplete cell is right as it is: recorded on the stores, judged again, and published.

What is accepted is bound to what was there: a cell that loses more visits afterwards is incomplete again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from reservplan.domain.acceptance import Acceptance
from reservplan.domain.errors import RequestRefused
from reservplan.domain.judgement import Judgement
from reservplan.domain.plan import Cell
from reservplan.domain.unexpected import at_store
from reservplan.domain.words import cell_words, say, sentences
from reservplan.reading import configured_cells
from reservplan.snapshot import Result, Snapshot
from reservplan.store.history import record_accepted
from reservplan.telling import grave

MOST_CHARACTERS = 200


@dataclass
class AcceptResult:
    """What came of each cell: accepted with so many visits (None: not read yet), whole already, or refused in words.

    `faults` names the stores where nothing could be recorded; `run` is what came of publishing.
    """

    accepted: dict[Cell, int | None] = field(default_factory=dict)
    whole: list[Cell] = field(default_factory=list)
    refused: dict[Cell, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    run: Result = field(default_factory=Result)


def accept(snapshot: Snapshot, why: str) -> AcceptResult:
    """Accept the incomplete cells of a run's request, and publish them.

    `why` is kept on the stores, in `.reservplan/accepted.json`, and nowhere else.

    Raises:
        RequestRefused: no reason was given, or one that names somebody by an identity number.
        ReservplanError: the source cannot be read, or no store can be reached.
    """
    _require_reason(why)
    result = AcceptResult()

    def record(run: Snapshot) -> None:
        if run.files.unchanged:
            # Nothing is judged where every copy is whole and the export is the one that it was made of.
            result.whole += configured_cells(run.settings, run.request)
            return
        _decide(run.files.judgements(), run.request.today, result)
        if result.accepted:
            _record(run, why, result)
            run.validate()

    result.run = snapshot.run(then=record)
    return result


def _require_reason(why: str) -> None:
    from reservplan.extract.identity_numbers import mask

    if not why.strip() or len(why) > MOST_CHARACTERS:
        raise RequestRefused(
            f"--why is empty or longer than {MOST_CHARACTERS} characters.",
            do='Say in a few words why the plan is right, for example --why "sammanslagen med Vessigebro".',
        )
    if mask(why)[1]:
        raise RequestRefused("--why holds an identity number.", do="Name no person: groups and days are enough.")


def _decide(judgements: Mapping[Cell, Judgement], today: date, result: AcceptResult) -> None:
    from reservplan.validate import may_be_accepted

    for cell, judgement in judgements.items():
        if judgement.verdict.whole:
            result.whole.append(cell)
        elif not judgement.covered and cell.plan_date >= today:
            # A group that is to be closed, say: the day is accepted before anything of it can be read.
            result.accepted[cell] = None
        elif may_be_accepted(judgement):
            result.accepted[cell] = judgement.visits
        else:
            result.refused[cell] = sentences(reason.text for reason in grave(judgement.reasons))


def _record(snapshot: Snapshot, why: str, result: AcceptResult) -> None:
    """At every store that can be reached; one that is away learns it when the command is given again."""
    at = snapshot.request.started_at
    judgements = snapshot.files.judgements()
    new = {
        cell: Acceptance(why=why, accepted_at=at, visits=visits, codes=_codes(judgements[cell]))
        for cell, visits in result.accepted.items()
    }
    answers = snapshot.stores.ask(
        lambda _, store: record_accepted(store, snapshot.request.run_id, new, snapshot.window.first, at)
    )
    faults = {name: answer for name, answer in answers.items() if answer is not None}
    result.faults += [at_store(name, fault) for name, fault in faults.items()]
    if len(faults) == len(answers):
        raise next(iter(faults.values()))


def _codes(judgement: Judgement) -> tuple[str, ...]:
    """What is accepted: of a day that has not been read, that it is without visits."""
    return tuple(reason.code for reason in grave(judgement.reasons)) if judgement.covered else ("no_visits",)


def in_words(result: AcceptResult, language: str) -> list[str]:
    """A line for each cell, as the command says it."""
    lines = []
    for cell, visits in result.accepted.items():
        key = "accept.unread" if visits is None else "accept.accepted" if visits else "accept.empty"
        lines.append((cell, say(language, key, visits=visits)))
    lines += [(cell, say(language, "accept.whole")) for cell in result.whole]
    lines += [(cell, say(language, "accept.refused", reasons=reasons)) for cell, reasons in result.refused.items()]
    return [f"{cell_words(language, cell)}: {words}" for cell, words in sorted(lines)]
