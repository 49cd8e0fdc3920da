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
MOST_ROWS = 20
MOST_CAUSES = 5
MOST_DRILLS = 6
# From here on hours are told in days.
_MANY_HOURS = 72
_SIGNED = ("who", "date", "signature")
_SIGNS = {Mark.WHOLE: "", Mark.SHORT: "×", Mark.UNSEEN: "?", Mark.CLOSED: "–", Mark.NONE: ""}

_STYLE = """
:root{color-scheme:light;-webkit-print-color-adjust:exact;print-color-adjust:exact}
@page{size:A4;margin:14mm}*{box-sizing:border-box}
body{margin:0 auto;padding:1rem;max-width:62rem;color:#111;background:#fff;font:1rem/1.45 system-ui,sans-serif}
h1{font-size:1.7rem;line-height:1.2;margin:.2rem 0}h2{font-size:1.1rem;margin:1.8rem 0 .5rem}
.sum{border:1px solid #111;padding:.7rem .9rem;margin:1rem 0}.bad{border-left-width:.5rem}
.sum p{margin:0}.sum p:first-child{font-size:1.15rem;font-weight:700}.sum p+p{margin-top:.25rem}
table{border-collapse:collapse;width:100%}thead th{border-bottom:2px solid #111;font-size:.85rem}
th,td{text-align:left;padding:.3rem .6rem .3rem 0;border-bottom:1px solid #bbb}td{white-space:nowrap}
tbody th{font-weight:400;overflow-wrap:break-word}td span{display:none}
.days{display:flex;gap:1px}.days i{flex:0 1 .85rem;min-width:0;height:1rem;font:700 .7rem/1rem sans-serif}
.days i{text-align:center;overflow:hidden}thead .days i{font-size:.7rem;overflow:visible}
thead .days i:not(:nth-child(5n),:first-child){visibility:hidden}
.days .whole{background:#d7d7d7}.days .short{background:#111;color:#fff}.days .unseen{border:1px dotted #111}
.days .unseen{line-height:.85rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.4rem 1.2rem;margin:0}dt{font-weight:700}dd{margin:0}
.small{font-size:.85rem;color:#333}.lines{display:flex;gap:2rem;margin-top:3rem}
.lines p{flex:1;border-top:1px solid #111;padding-top:.2rem;font-size:.85rem}
@media print{html{font-size:10px}body{padding:0}tr,dl,.lines{break-inside:avoid}}
@media screen and (max-width:44rem){thead{display:none}table,tbody{display:block}
tr{display:grid;grid-template-columns:auto 1fr;column-gap:1.2rem;padding:.5rem 0;border-bottom:1px solid #bbb}
tbody th,td{border:0;padding:.1rem 0;white-space:normal;font-size:.85rem}tbody th,td:last-child{grid-column:1/-1}
tbody th{font-weight:700;font-size:1rem}td span{display:inline}
dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.6rem}.lines{display:block}.lines p{margin-top:2.5rem}}
"""


def month_pdf(month: Month, settings: Settings) -> bytes:
    """One page to print and sign."""
    return draw_template("month", _document(month, settings), month.made_at)


def month_html(month: Month, settings: Settings) -> bytes:
    """The same for a screen; it loads nothing and runs nothing."""
    d = _document(month, settings)
    days = "".join(f"<i>{number}</i>" for number in d["days"])
    columns = [f'<th scope="col">{escape(text)}</th>' for text in d["columns"][:3]]
    head = (
        "".join(columns) + f'<th scope="col" aria-label="{escape(d["columns"][3])}"><div class="days">{days}</div></th>'
    )
    share, gap = (f"<span>{escape(text)}: </span>" for text in d["columns"][1:3])
    rows = "".join(
        f'<tr><th scope="row">{escape(row["team"])}</th>'
        f"<td>{share}{escape(row['share'])}</td><td>{gap}{escape(row['gap'])}</td>"
        f'<td><div class="days" role="img" aria-label="{escape(row["told"])}">'
        f"{''.join(f'<i class={mark}>{_SIGNS[Mark(mark)]}</i>' for mark in row['marks'])}</div></td></tr>"
        for row in d["rows"]
    )
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in d["facts"])
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    told = "".join(f"<p>{escape(text)}</p>" for text in d["sum"])
    page = (
        f'<!DOCTYPE html><html lang="{d["language"]}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(d['title'])}</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>{escape(d['title'])}</h1><p>{escape(d['below'])}</p>"
        f'<div class="sum{"" if d["good"] else " bad"}">{told}</div>'
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


def _sum(month: Month, worst: list[TeamMonth], language: str) -> tuple[bool, list[str]]:
    """Whether the month was good, a sentence that says so, and what else must be known."""
    found = month.reckoned
    short = [team for team in worst if team.count(Mark.SHORT)]
    unseen = max((team.count(Mark.UNSEEN) for team in found.teams), default=0)
    failed = sum(not drill.passed for drill in month.drills)
    good = not (short or unseen or found.days_overdue or failed)
    if short:
        told = say(
            language, "month.sum_short", count=len(short), of=len(found.teams), team=short[0].team,
            days=short[0].count(Mark.SHORT),
        )  # fmt: skip
    elif unseen:
        told = say(language, "month.sum_unseen_only")
    else:
        told = say(language, "month.sum_good" if good and not month.running else "month.sum_whole")
    more = {"unseen": unseen, "overdue": found.days_overdue, "drills": failed}
    lines = [say(language, f"month.sum_{what}", count=count) for what, count in more.items() if count]
    return good, [told, *lines, *([say(language, "month.running")] if month.running else [])]


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
    counts = {"short": len(rest) - perfect, "perfect": perfect}
    return " ".join(say(language, f"month.more_{what}", count=count) for what, count in counts.items() if count)


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
        for drill in month.drills[-MOST_DRILLS:]
    ]
    earlier = ["…"] if len(month.drills) > MOST_DRILLS else []
    return say(language, "month.drills", count=len(month.drills), told="; ".join([*earlier, *told]))


def _percent(part: Any, whole: Any) -> str:
    """Rounded down: 100 % is said only of all."""
    return f"{int(100 * part / whole) if whole else 0}\u00a0%"


def _hours(lasted: timedelta, language: str) -> str:
    hours = lasted / timedelta(hours=1)
    if hours >= _MANY_HOURS:
        return say(language, "month.lasted_days", days=round(hours / 24))
    text = f"{hours:.1f}" if 0 < hours < 10 else f"{hours:.0f}"
    return f"{text.replace('.', ',') if language == 'sv' else text}\u00a0h"
