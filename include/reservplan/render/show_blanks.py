"""Forms to fill in by hand: visits that were added, and what is handed over to those who come next."""

from typing import Any

from reservplan.domain.days import utc_text
from reservplan.domain.names import PaperKind, nfc
from reservplan.domain.words import say
from reservplan.render.lettering import clean
from reservplan.render.show import STAMP
from reservplan.render.show_week_cover import NO_TIME
from reservplan.settings import Settings

_VISITS = ("client", "address_phone", "activities", "done_from", "done_to", "deviation", "signature")
_HANDED_OVER = ("time", "client", "handed_over", "by", "done", "registered")


def show_blanks(team: str, settings: Settings) -> dict[str, Any]:
    """All texts of the forms, final and cleaned."""
    language = settings.language
    return {
        "kind": PaperKind.BLANKS.value,
        "language": language,
        STAMP: {"captured_at": utc_text(NO_TIME)},
        "title": f"{say(language, 'papers.blanks')} {clean(nfc(team))}",
        "author": clean(settings.organisation),
        "team": clean(nfc(team)),
        "visits": {
            "heading": say(language, "papers.blanks"),
            "hint": say(language, "blanks.visits_hint"),
            "labels": [say(language, f"blanks.{name}") for name in _VISITS],
        },
        "handed_over": {
            "heading": say(language, "blanks.hand_over"),
            "hint": say(language, "blanks.hand_over_hint"),
            "labels": [say(language, f"blanks.{name}") for name in _HANDED_OVER],
        },
        "date": say(language, "blanks.date"),
        "employee": say(language, "blanks.employee"),
        "footer": f"{clean(settings.organisation, 50)} · {say(language, 'paper.footer_return')}",
    }
