"""What is told of many cells at once: those alike together, a few of them in full, and once what to do. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reservplan.domain.plan import Cell
from reservplan.domain.rules import TOO_FEW
from reservplan.domain.verdict import Reason
from reservplan.domain.words import WORDS, cell_words, say, sentences
from reservplan.settings import Contact, Settings

# A text names so many cells, groups or files; the rest are counted, and stand in the report and in the JSON.
MOST_NAMED = 5


@dataclass(frozen=True)
class Alike:
    """Cells that broke the same rules, each with its reasons in words, which differ by their numbers."""

    codes: tuple[str, ...]
    texts: Mapping[Cell, str]

    def lines(self, language: str, most: int = MOST_NAMED) -> list[str]:
        """A line for all cells of which the very same is said, at most so many; the rest are counted on the last."""
        same: dict[str, list[Cell]] = {}
        for cell, text in self.texts.items():
            same.setdefault(text, []).append(cell)
        lines = [f"{cells_words(cells, language)}: {text}" for text, cells in same.items()]
        left = [cell for cells in list(same.values())[most:] for cell in cells]
        if left:
            lines[most - 1] += f" {say(language, 'telling.same_rules', cells=cells_words(left, language))}"
        return lines[:most]


def alike(reasons: Mapping[Cell, Sequence[Reason]]) -> list[Alike]:
    """The cells by the rules that they broke, those with most cells first; cells without a reason are left out."""
    found: dict[tuple[str, ...], dict[Cell, str]] = {}
    for cell, those in reasons.items():
        if those:
            codes = tuple(reason.code for reason in those)
            found.setdefault(codes, {})[cell] = sentences(reason.text for reason in those)
    return [Alike(codes, texts) for codes, texts in sorted(found.items(), key=lambda item: -len(item[1]))]


def grave(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """The reasons that make a cell incomplete."""
    return tuple(reason for reason in reasons if not reason.severity.whole)


def what_to_do(settings: Settings, code: str) -> str:
    """What the reader can do about a broken rule; empty where the rule's own words say it."""
    contacts = {name: contact_words(contact) for name, contact in settings.contacts}
    words = WORDS.get("validate.do_too_few" if code in TOO_FEW else f"validate.do_{code}")
    return words[settings.language].format_map(contacts) if words else ""


def advice(settings: Settings, codes: Iterable[str]) -> str:
    """What to do about several rules, each once, or empty."""
    told = dict.fromkeys(filter(None, (what_to_do(settings, code) for code in codes)))
    return f"{say(settings.language, 'report.do')} {' '.join(told)}" if told else ""


def contact_words(contact: Contact) -> str:
    """Whom to ask, and where, as far as the settings know."""
    return " ".join(part for part in (contact.name, contact.phone) if part)


def open_words(store: str, who: Mapping[str, str], language: str) -> list[str]:
    """Who has which file open, a line each: for the one who reads it, and for no log."""
    return [say(language, "open.by", store=store, path=path, who=name) for path, name in sorted(who.items())]


def cells_words(cells: Sequence[Cell], language: str) -> str:
    """`Ullared tisdag 24 nov och 3 till`: the first of several cells of which the same is to be said."""
    first = cell_words(language, cells[0])
    return say(language, "watch.and_more", names=first, count=len(cells) - 1) if len(cells) > 1 else first


def some(names: Sequence[str], language: str, most: int = MOST_NAMED) -> str:
    """The first names, and how many more there are."""
    more = len(names) - most
    shown = ", ".join(names[:most])
    return say(language, "watch.and_more", names=shown, count=more) if more > 0 else shown
