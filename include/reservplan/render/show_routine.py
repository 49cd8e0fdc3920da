"""The paper routine for outages, one sheet with two sides, made of the settings: known, and kept on paper, at work."""

from collections.abc import Iterator
from typing import Any

from reservplan.domain.days import utc_text
from reservplan.domain.names import START_PAGE_NAME, WORD_OF_KIND, Kind, PaperKind, nfc
from reservplan.domain.words import date_words, say
from reservplan.render.lettering import clean
from reservplan.render.show import STAMP
from reservplan.render.show_week_cover import NO_TIME
from reservplan.settings import Contact, Settings

# Beyond these the groups are counted, not named: two sides must do.
MOST_GROUP_CHARACTERS = 420
MOST_PLACES = 6
_LONGEST = 90

_STEPS = {
    "print": 4, "web": 4, "phones": 4, "app": 4, "long": 5, "daily": 3, "by_hand": 4, "afterwards": 4,
}  # fmt: skip


def show_routine(settings: Settings) -> dict[str, Any]:
    """All texts of both sides, final and cleaned."""
    language = settings.language
    values = _values(settings)

    def told(key: str) -> str:
        return say(language, f"routine.{key}", **values)

    def part(name: str) -> dict[str, Any]:
        steps = [told(f"{name}_{number}") for number in range(1, _STEPS[name] + 1)]
        return {"heading": told(name), "steps": steps}

    return {
        "kind": PaperKind.ROUTINE.value,
        "language": language,
        STAMP: {"captured_at": utc_text(NO_TIME)},
        "title": told("title"),
        "author": clean(settings.organisation),
        "organisation": clean(settings.organisation),
        "what": {"heading": told("what"), "text": told("what_text")},
        "first": part("print"),
        "down": [part(name) for name in ("web", "phones", "app", "long")],
        "calls_heading": told("calls"),
        "calls": list(_calls(settings)),
        "planner": [part("daily"), part("by_hand")],
        "afterwards": part("afterwards"),
        "places_heading": told("places"),
        "places": _places(settings),
        "groups": {"heading": told("groups"), "text": _groups(settings)},
        "about": list(_about(settings)),
        "keep": told("keep"),
        "footer": f"{clean(settings.organisation, 50)} · {told('title')}",
        "sides": [say(language, "paper.page", page=side, pages=2) for side in (1, 2)],
    }


def _values(settings: Settings) -> dict[str, Any]:
    contacts = settings.contacts
    return {
        "system": clean(contacts.vendor.name, 40),
        "it": _reached(contacts.it_service),
        "it_hint": clean(contacts.it_service.hint, _LONGEST) or say(settings.language, "routine.no_hint"),
        "vendor": _reached(contacts.vendor),
        "planner": _reached(contacts.planner),
        "other_page": clean(settings.routine.other_page),
        "place": clean(settings.stores[0].called, _LONGEST),
        "start_page": START_PAGE_NAME,
        "list": WORD_OF_KIND[Kind.LIST],
        "overview": WORD_OF_KIND[Kind.OVERVIEW],
        "example": clean(nfc(settings.teams[0].name), 40),
        "back": settings.window.days_back,
        "ahead": settings.window.days_ahead,
    }


def _reached(contact: Contact) -> str:
    """Who it is, with the ways to reach her."""
    ways = [clean(way, _LONGEST) for way in (contact.phone, contact.email) if way]
    return " ".join([clean(contact.name, 60), ", ".join(ways)]).strip()


def _calls(settings: Settings) -> Iterator[dict[str, str]]:
    contacts = settings.contacts
    for contact in (contacts.it_service, contacts.vendor, contacts.planner, contacts.protected):
        more = ", ".join(part for part in (contact.email, contact.hours, contact.hint) if part)
        yield {
            "name": clean(contact.name, 60),
            "phone": clean(contact.phone, 40),
            "more": clean(more, _LONGEST),
        }


def _places(settings: Settings) -> list[str]:
    shown = list(dict.fromkeys(clean(store.called, _LONGEST) for store in settings.stores))
    rest = len(shown) - MOST_PLACES
    more = [say(settings.language, "routine.more_places", count=rest)] if rest > 0 else []
    kept_at = [clean(settings.routine.kept_at, 160)] if settings.routine.kept_at else []
    return [*shown[:MOST_PLACES], *more, *kept_at]


def _groups(settings: Settings) -> str:
    names = ", ".join(clean(nfc(team.name), 80) for team in settings.teams)
    if len(names) <= MOST_GROUP_CHARACTERS:
        return names
    return say(settings.language, "routine.groups_many", count=len(settings.teams))


def _about(settings: Settings) -> Iterator[dict[str, str]]:
    """Version, owner and review date; what nobody has set is a line to fill in by hand."""
    language, routine = settings.language, settings.routine
    review = date_words(language, routine.review_date) if routine.review_date else ""
    for name, value in (("version", routine.version), ("owner", routine.owner), ("review", review)):
        yield {"label": say(language, f"routine.{name}"), "value": clean(value)}
