"""The month on one page, on paper and on a screen; it names groups and counts, and no person."""

from collections import Counter
from datetime import timedelta
from html import escape
from typing import Any

from reservplan.domain.days import local_day
from reservplan.domain.words import date_words, moment_words, month_words, say
from reservplan.month_report.reading import Month
from reservplan.month_report.reckoning import Mark, TeamMonth
from reservplan.render.document import draw_template
from reservplan.settings import Settings

# What one page holds beside the rest.
MOST_ROWS = 24
MOST_CAUSES = 5
_SIGNED = ("who", "date", "signature")
_SIGNS = {Mark.WHOLE: "", Mark.SHORT: "×", Mark.UNSEEN: "?", Mark.CLOSED: "–", Mark.NONE: ""}

_STYLE = """
:root{color-scheme:light}
body{margin:0 auto;padding:1rem;max-width:62rem;color:#111;background:#fff;font:1rem/1.45 system-ui,sans-serif}
h1{font-size:1.7rem;margin:.2rem 0}h2{font-size:1.1rem;margin:1.3rem 0 .3rem}
.sum{font-size:1.15rem;font-weight:700;border:2px solid #111;padding:.5rem .8rem}.bad{border-left-width:.6rem}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.25rem .5rem;border-bottom:1px solid #999;white-space:nowrap}
.days{display:flex;gap:1px}.days i{width:.8rem;height:.95rem;font:700 .7rem/.95rem sans-serif;text-align:center}
.days .whole{background:#ddd}.days .short{background:#111;color:#fff}.days .unseen{border:1px dashed #333}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:0}dt{font-weight:700}dd{margin:0}
.small{font-size:.85rem}.lines{display:flex;gap:2rem}.lines p{flex:1;border-top:1px solid #111;margin-top:2.4rem}
@media(max-width:40rem){dl{grid-template-columns:1fr}}
"""


def month_pdf(month: Month, settings: Settings) -> bytes:
    """One page to print and sign."""
    return draw_template("month", _document(month, settings), month.made_at)


def month_html(month: Month, settings: Settings) -> bytes:
    """The same for a screen; it loads nothing and runs nothing."""
    d = _document(month, settings)
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in d["columns"])
    rows = "".join(
        f'<tr><th scope="row">{escape(row["team"])}</th><td>{escape(row["share"])}</td><td>{escape(row["gap"])}</td>'
        f'<td><div class="days" role="img" aria-label="{escape(row["told"])}">'
        f"{''.join(f'<i class={mark}>{_SIGNS[Mark(mark)]}</i>' for mark in row['marks'])}</div></td></tr>"
        for row in d["rows"]
    )
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in d["facts"])
    table = f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    page = (
        f'<!DOCTYPE html><html lang="{d["language"]}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(d['title'])}</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>{escape(d['title'])}</h1><p>{escape(d['below'])}</p>"
        f'<p class="sum{"" if d["good"] else " bad"}">{escape(d["sum"])}</p>'
        f"<h2>{escape(d['groups_heading'])}</h2>{table if rows else ''}"
        f'<p>{escape(d["more"])}</p><p class="small">{escape(d["key"])}</p>'
        f"<h2>{escape(d['facts_heading'])}</h2><dl>{facts}</dl>"
        f'<h2>{escape(d["how_heading"])}</h2><p class="small">{escape(d["how"])}</p>'
        f'<div class="lines">{"".join(f"<p>{escape(text)}</p>" for text in d["sign"])}</div></main></body></html>'
    )
    return page.encode()


def _document(month: Month, settings: Settings) -> dict[str, Any]:
    """What both say."""
    language = settings.language
    found = month.reckoned
    name = f"{month_words(language, month.first)} {month.first.year}"
    worst = sorted((team for team in found.teams if not team.perfect), key=_badness)
    listed = (list(found.teams) if len(found.teams) <= MOST_ROWS else worst)[:MOST_ROWS]
    good, told = _sum(month, worst, language)
    return {
        "language": language,
        "title": say(language, "month.title", month=name),
        "below": say(
            language,
            "month.below",
            organisation=settings.organisation,
            first=date_words(language, found.days[0]),
            last=date_words(language, local_day(month.made_at, settings.zone) if month.running else found.days[-1]),
            made=moment_words(language, month.made_at, settings.zone),
        ),
        "good": good,
        "sum": told,
        "groups_heading": say(language, "month.groups_heading"),
        "columns": [say(language, f"month.column_{column}") for column in ("team", "share", "gap", "days")],
        "days": [str(day.day) for day in found.days],
        "rows": [_row(team, language) for team in sorted(listed, key=_badness)],
        "more": _more(found.teams, listed, language),
        "key": say(language, "month.key"),
        "facts_heading": say(language, "month.facts_heading"),
        "facts": _facts(month, settings),
        "how_heading": say(language, "month.how_heading"),
        "how": say(
            language,
            "month.how",
            due_by=f"{settings.schedule.due_by:%H:%M}",
            days_back=settings.window.days_back,
            silent=f"{settings.watch.silent_minutes:g}",
        ),
        "sign": [say(language, f"month.sign_{what}") for what in _SIGNED],
        "footer": say(language, "month.footer"),
    }


def _badness(team: TeamMonth) -> tuple[int, int, timedelta, str]:
    """The worst first."""
    return (-team.count(Mark.SHORT), -team.count(Mark.UNSEEN), -team.gap, team.team)


def _sum(month: Month, worst: list[TeamMonth], language: str) -> tuple[bool, str]:
    """Whether the month was good, and a sentence that says so."""
    found = month.reckoned
    short = [team for team in worst if team.count(Mark.SHORT)]
    unseen = max((team.count(Mark.UNSEEN) for team in found.teams), default=0)
    good = not short and not unseen and not found.days_overdue
    if short:
        told = say(
            language, "month.sum_short", count=len(short), of=len(found.teams), team=short[0].team,
            days=short[0].count(Mark.SHORT),
        )  # fmt: skip
    elif unseen:
        told = say(language, "month.sum_unseen_only")
    else:
        told = say(language, "month.sum_good" if good else "month.sum_whole")
    more = []
    if unseen:
        more.append(say(language, "month.sum_unseen", days=unseen))
    if found.days_overdue:
        more.append(say(language, "month.sum_overdue", days=found.days_overdue))
    return good, " ".join([told, *more])


def _row(team: TeamMonth, language: str) -> dict[str, Any]:
    whole, short, unseen = (team.count(mark) for mark in (Mark.WHOLE, Mark.SHORT, Mark.UNSEEN))
    counted = whole + short
    share = f"{_percent(whole, counted)} ({whole}/{counted})" if counted else "–"
    return {
        "team": team.team,
        "share": share,
        "gap": _hours(team.gap, language) if team.gap else "–",
        "marks": [mark.value for mark in team.marks],
        "told": say(language, "month.told", whole=whole, short=short, unseen=unseen, closed=team.count(Mark.CLOSED)),
    }


def _more(teams: tuple[TeamMonth, ...], listed: list[TeamMonth], language: str) -> str:
    rest = [team for team in teams if team not in listed]
    perfect = sum(team.perfect for team in rest)
    parts = []
    if perfect:
        parts.append(say(language, "month.more_perfect", count=perfect))
    if len(rest) > perfect:
        parts.append(say(language, "month.more_short", count=len(rest) - perfect))
    return " ".join(parts)


def _facts(month: Month, settings: Settings) -> list[tuple[str, str]]:
    language, found = settings.language, month.reckoned
    deleted = say(
        language, "month.deleted", intime=found.days_seen - found.days_overdue, seen=found.days_seen,
        share=_percent(found.days_seen - found.days_overdue, found.days_seen),
    )  # fmt: skip
    looked = say(
        language, "month.looked", share=_percent(found.looked, found.period),
        silent=_hours(found.period - found.looked, language),
    )  # fmt: skip
    facts = {"deleted": deleted, "drills": _drills(month, settings), "incidents": _incidents(month, language)}
    if found.healed:
        facts["healed"] = say(language, "month.healed", count=found.healed)
    facts["looked"] = looked
    return [(say(language, f"month.fact_{name}"), text) for name, text in facts.items()]


def _incidents(month: Month, language: str) -> str:
    incidents = month.reckoned.incidents
    if not incidents:
        return say(language, "month.incidents_none")
    longest = max(incidents, key=lambda one: one.lasted)
    causes = Counter(one.cause for one in incidents).most_common()
    told = [f"{say(language, f'month.cause_{cause}')} {count}" for cause, count in causes[:MOST_CAUSES]]
    if rest := sum(count for _, count in causes[MOST_CAUSES:]):
        told.append(f"{say(language, 'month.cause_other')} {rest}")
    return say(
        language,
        "month.incidents",
        count=len(incidents),
        critical=sum(one.severity == "critical" for one in incidents),
        open=sum(one.open_at_end for one in incidents),
        longest=_hours(longest.lasted, language),
        cause=say(language, f"month.cause_{longest.cause}"),
        causes=", ".join(told),
    )


def _drills(month: Month, settings: Settings) -> str:
    language = settings.language
    if not month.drills:
        return say(language, "month.drills_none")
    told = [
        say(
            language,
            "month.drill_passed" if drill.passed else "month.drill_failed",
            day=f"{(day := local_day(drill.drilled_at, settings.zone)).day} {month_words(language, day)}",
            count=len(drill.teams),
        )
        for drill in month.drills[-4:]
    ]
    return say(language, "month.drills", count=len(month.drills), told="; ".join(told))


def _percent(part: Any, whole: Any) -> str:
    """Rounded down: 100 % is said only of all."""
    return f"{int(100 * part / whole) if whole else 0} %"


def _hours(lasted: timedelta, language: str) -> str:
    hours = lasted / timedelta(hours=1)
    text = f"{hours:.1f}" if hours < 10 else f"{hours:.0f}"
    return f"{text.replace('.', ',') if language == 'sv' else text} h"
