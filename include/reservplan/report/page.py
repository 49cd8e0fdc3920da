"""The report for people: one page that needs nothing but itself, on a screen of any width and on paper.

Every text passes through `escape`: names of groups come from an export, and may be anything.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from html import escape

from reservplan.domain.plan import Cell
from reservplan.domain.verdict import Verdict
from reservplan.domain.words import cell_words, day_words, moment_words, month_words, say, weekday_words
from reservplan.report.contents import (
    Outcome,
    Report,
    ReportedCell,
    by_day,
    rule_counts,
    rule_words,
)
from reservplan.settings import Contact, Settings
from reservplan.telling import MOST_NAMED, Alike, alike, grave, what_to_do

# Also sent by whoever serves the page: it loads nothing and runs nothing.
CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'"

# Signs before colours: the page is printed in black and white, and not everybody tells red from green.
_STYLE = """
:root{color-scheme:light}
*{box-sizing:border-box}
body{margin:0 auto;padding:1rem;max-width:72rem;color:#111;background:#fff}
body{font:1rem/1.45 system-ui,"Segoe UI",sans-serif}
h1{font-size:1.6rem;margin:.2rem 0}
h2{font-size:1.2rem;margin:2rem 0 .5rem;border-bottom:2px solid #111}
h3{font-size:1rem;margin:0 0 .2rem}
p{margin:.2rem 0}
ul{margin:.2rem 0;padding-left:1.2rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem .8rem;margin:.5rem 0}
dt{color:#444}
dd{margin:0;overflow-wrap:anywhere}
.sum{font-size:1.2rem;font-weight:700;margin:.6rem 0;padding:.5rem .8rem;border:2px solid #111}
.bad{border-left:.5rem solid #111}
.totals{display:flex;flex-wrap:wrap;gap:.5rem;margin:.6rem 0;padding:0;list-style:none}
.totals li{border:1px solid #777;padding:.3rem .8rem}
.totals b{font-size:1.3rem}
.wrong>div{margin:.6rem 0;padding:.1rem 0 .1rem .7rem;border-left:3px solid #111;break-inside:avoid}
.wrong li,.remarks li{margin:.3rem 0}
p,h1,h3,li{overflow-wrap:anywhere}
.sign{font-weight:700;border:1px solid #111;padding:0 .3rem;white-space:nowrap}
.scroll{overflow:auto;max-height:85vh}
table{border-collapse:separate;border-spacing:0}
th,td{padding:.2rem .5rem;text-align:left;border-bottom:1px solid #ccc;vertical-align:top}
thead th{position:sticky;top:0;background:#eee;border-bottom:2px solid #111;z-index:1}
.grid td,.grid thead th+th{white-space:nowrap;text-align:right}
.grid tbody th{position:sticky;left:0;background:#fff;font-weight:400;overflow-wrap:anywhere;min-width:6rem}
.n{text-align:right}
.i{font-weight:700;background:#fbdcd8}
.r{background:#fff2c8}
small{color:#444}
@media(max-width:30rem){body{padding:.6rem}dl{grid-template-columns:1fr}dt{margin-top:.3rem}th,td{padding:.2rem .25rem}
.grid,.stores,.rules{font-size:.8rem}.grid tbody th{min-width:0}}
@media print{body{max-width:none;padding:0;font-size:10pt}.scroll{overflow:visible;max-height:none}
thead th,.grid tbody th{position:static}thead{display:table-header-group}tr{break-inside:avoid}h2,h3{break-after:avoid}}
"""

_CLASS = {Verdict.INCOMPLETE: "i", Verdict.REMARKS: "r", Verdict.COMPLETE: "o"}
_SIGN = {Verdict.INCOMPLETE: "incomplete", Verdict.REMARKS: "remarks", Verdict.COMPLETE: "ok"}
_CLOSED = "closed"


def report_html(report: Report, settings: Settings) -> str:
    """The whole page: first what is wrong and what to do, then what is worth knowing, then everything."""
    return "".join(_Page(report, settings).parts())


class _Page:
    def __init__(self, report: Report, settings: Settings) -> None:
        self.report = report
        self.settings = settings
        self.language = settings.language

    def parts(self) -> Iterator[str]:
        title = f"{self.say('heading')} {day_words(self.language, self.report.today)}"
        yield (
            f'<!DOCTYPE html>\n<html lang="{self.language}">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{CONTENT_POLICY}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta name="robots" content="noindex">\n'
            f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        )
        yield f"<h1>{escape(title)}</h1>\n"
        yield self.conclusion()
        yield self.notes()
        yield self.facts()
        yield self.section("wrong", "wrong", self.wrong())
        yield self.section("calls", "call", self.calls())
        yield self.section("remarks", "remarks", self.remarks())
        yield self.section("table", "table", self.grid())
        yield self.section("stores", "stores", self.stores())
        yield self.section("rules", "rules", self.rules())
        yield f'<p><a href="{escape(self.report.name.partition("/")[2])}.json">{self.say("record")}</a></p>\n'
        yield "</main>\n</body>\n</html>\n"

    def say(self, key: str, **values: object) -> str:
        return escape(say(self.language, f"report.{key}", **values))

    def section(self, kind: str, heading: str, content: Iterable[str]) -> str:
        body = "".join(content)
        return f'<section class="{kind}">\n<h2>{self.say(heading)}</h2>\n{body}</section>\n' if body else ""

    def conclusion(self) -> str:
        totals = self.report.totals()
        number = totals[Verdict.INCOMPLETE]
        cells = len(self.report.cells)
        if number:
            told = self.say("sum_incomplete", count=number, cells=cells)
        else:
            told = self.say("sum_whole" if cells else "sum_nothing", cells=cells)
        if short := sum(map(len, self.fell_short().values())):
            told += f" {self.say('sum_short', count=short)}"
        if untouched := self.untouched():
            told += f" {self.say('sum_untouched', stores=', '.join(untouched))}"
        counted = "".join(
            f"<li><b>{count}</b> {self.state(verdict)} {self.framed_sign(verdict)}" for verdict, count in totals.items()
        )
        kind = "sum bad" if number or short or untouched else "sum"
        return f'<p class="{kind}">{told}</p>\n<ul class="totals">{counted}</ul>\n'

    def notes(self) -> str:
        return "".join(f'<p class="sum bad">{escape(note)}</p>\n' for note in self.report.notes)

    def facts(self) -> str:
        report, zone = self.report, self.settings.zone
        archived = [cell for cell in report.cells if cell.source == "archive"]
        facts = {
            "organisation": escape(self.settings.organisation),
            "started": escape(moment_words(self.language, report.started_at, zone)),
            "made": escape(moment_words(self.language, report.made_at, zone)),
            "days": self.span(),
            "source": escape(report.source_label),
            "origin": self.say(f"origin_{report.origin.value}"),
            "run": escape(report.run_id),
        }
        if archived:
            facts["archived"] = "<br>".join(self.archived(archived))
        rows = "".join(f"<dt>{self.say(name)}</dt><dd>{value}</dd>\n" for name, value in facts.items() if value)
        return f"<dl>\n{rows}</dl>\n"

    def span(self) -> str:
        days = [reported.cell.plan_date for reported in self.report.cells]
        return " – ".join(self.short_day(day) for day in dict.fromkeys((min(days), max(days)))) if days else ""

    def archived(self, cells: Iterable[ReportedCell]) -> Iterator[str]:
        captures: dict[str, list[Cell]] = {}
        for reported in cells:
            at = moment_words(self.language, reported.judgement.captured_at, self.settings.zone)
            captures.setdefault(at, []).append(reported.cell)
        for at, of_capture in captures.items():
            yield f"{self.say('captured', moment=at)}: {self.cells(of_capture)}"

    def wrong(self) -> Iterator[str]:
        """What is incomplete, and what did not get to a store; cells that broke the same rules are told together."""
        incomplete = {reported.cell: reported for reported in self.report.cells if reported.incomplete}
        for group in alike({cell: grave(reported.judgement.reasons) for cell, reported in incomplete.items()}):
            yield self.incomplete(group, [incomplete[cell] for cell in group.texts])
        for store in self.untouched():
            yield f"<div>\n<h3>{self.say('untouched', store=store)}</h3>\n</div>\n"
        for told, cells in self.fell_short().items():
            yield f"<div>\n<h3>{escape(told)}</h3>\n<p>{self.cells(cells)}</p>\n</div>\n"

    def untouched(self) -> list[str]:
        """The stores on which nothing became of any cell, not even that it is unchanged."""
        touched = {outcome.store for reported in self.report.cells for outcome in reported.outcomes}
        return [store.name for store in self.settings.stores if self.report.cells and store.name not in touched]

    def fell_short(self) -> dict[str, list[Cell]]:
        """Copies that are whole and did not get to a store as they should."""
        found: dict[str, list[Cell]] = {}
        for reported in self.report.cells:
            for outcome in reported.outcomes:
                if outcome.short and not reported.incomplete:
                    found.setdefault(self.fate(outcome), []).append(reported.cell)
        return found

    def incomplete(self, group: Alike, reported: list[ReportedCell]) -> str:
        reasons = [grave(one.judgement.reasons) for one in reported]
        # Of several cells the rule is told, and then each one's numbers, if they differ.
        alone = len(set(group.texts.values())) == 1
        rules = "".join(
            f"<li><b>{escape(reason.text if alone else rule_words(self.language, reason.code))}</b>"
            f"{self.do(reason.code, reason.text)}\n"
            for reason in reasons[0]
        )
        sign = self.framed_sign(Verdict.INCOMPLETE)
        if len(reported) == 1:
            heading = f"<h3>{sign} {escape(cell_words(self.language, reported[0].cell))}</h3>\n"
        else:
            heading = f"<h3>{sign} {self.say('several', count=len(reported))}</h3>\n"
        named = f"<p>{self.cells(group.texts)}</p>\n" if alone and len(reported) > 1 else ""
        each = "" if alone else self.each(group)
        return f"<div>\n{heading}{named}<ul>{rules}</ul>\n{each}{self.fates(reported)}</div>\n"

    def each(self, group: Alike) -> str:
        """What is said of each cell; where they are many, all but the first behind a click."""
        told = [
            f"<li><b>{escape(cell_words(self.language, cell))}</b>: {escape(text)}\n"
            for cell, text in group.texts.items()
        ]
        more = told[MOST_NAMED:]
        rest = (
            f"<details><summary>{self.say('and_more', count=len(more))}</summary>\n<ul>{''.join(more)}</ul></details>\n"
        )
        return f"<ul>{''.join(told[:MOST_NAMED])}</ul>\n{rest if more else ''}"

    def fates(self, reported: Iterable[ReportedCell]) -> str:
        """What became of the cells on the stores, and of how many where it differs."""
        counted = Counter(self.fate(outcome) for one in reported for outcome in one.outcomes)
        many = len(set(counted.values())) > 1
        return "".join(
            f"<p><small>{escape(fate)}{f' ({count})' if many else ''}</small></p>\n" for fate, count in counted.items()
        )

    def do(self, code: str, text: str) -> str:
        words = what_to_do(self.settings, code)
        # Some reasons say it themselves.
        return f"<br>{self.say('do')} {escape(words)}" if words and words not in text else ""

    def calls(self) -> Iterator[str]:
        if not any(reported.incomplete for reported in self.report.cells):
            return
        contacts = self.settings.contacts
        for key, contact in (("call_planner", contacts.planner), ("call_vendor", contacts.vendor)):
            yield f"<p>{self.say(key)} <b>{_reached(contact)}</b></p>\n"

    def remarks(self) -> Iterator[str]:
        """Rule by rule; cells of which the very same is said are told once."""
        alike: dict[str, dict[str, list[Cell]]] = {}
        for reported in self.report.cells:
            for reason in reported.judgement.reasons:
                if reason.severity is Verdict.REMARKS:
                    alike.setdefault(reason.code, {}).setdefault(reason.text, []).append(reported.cell)
        told = "".join(
            f"<li><b>{escape(text)}</b>{self.do(rule.code, text)}<br>{self.cells(cells)}\n"
            for rule in rule_counts(self.report)
            for text, cells in alike.get(rule.code, {}).items()
        )
        if told:
            yield f"<ul>{told}</ul>\n"

    def grid(self) -> Iterator[str]:
        cells = {reported.cell: reported for reported in self.report.cells}
        if not cells:
            return
        days = sorted({cell.plan_date for cell in cells})
        teams = list(dict.fromkeys(cell.team for cell in cells))
        heads = "".join(f'<th scope="col">{self.weekday(day)}<br>{self.day(day)}' for day in days)
        rows = "".join(
            f'<tr><th scope="row">{escape(team)}{"".join(self.grid_cell(cells.get(Cell(day, team))) for day in days)}\n'
            for team in teams
        )
        yield f"<p>{self.legend()}</p>\n"
        yield (
            f'<div class="scroll" role="region" aria-label="{self.say("table")}" tabindex="0">\n<table class="grid">\n'
            f'<thead><tr><th scope="col">{self.say("team")}{heads}</thead>\n<tbody>\n{rows}</tbody>\n</table>\n</div>\n'
        )

    def grid_cell(self, reported: ReportedCell | None) -> str:
        if reported is None:
            return "<td>"
        mark = "*" if reported.source == "archive" else ""
        if reported.judgement.closed:
            return f"<td>{self.short(_CLOSED)}{mark}"
        verdict = reported.judgement.verdict
        kind = "" if verdict is Verdict.COMPLETE else f' class="{_CLASS[verdict]}"'
        return f"<td{kind}>{self.sign(verdict)} {reported.judgement.visits}{mark}"

    def legend(self) -> str:
        signs = [f"<b>{self.sign(verdict)}</b> {self.state(verdict)}" for verdict in reversed(Verdict)]
        signs.append(f"<b>{self.short(_CLOSED)}</b> {escape(say(self.language, f'watch.state_{_CLOSED}'))}")
        if any(reported.source == "archive" for reported in self.report.cells):
            signs.append(f"<b>*</b> {self.say('from_archive')}")
        return f"{self.say('legend')} {', '.join(signs)}."

    def stores(self) -> Iterator[str]:
        counted = Counter(
            (outcome.store, outcome.words(self.language))
            for reported in self.report.cells
            for outcome in reported.outcomes
        )
        if not counted:
            return
        rows = "".join(
            f'<tr><td>{escape(store)}<td>{escape(told)}<td class="n">{number}\n'
            for (store, told), number in sorted(counted.items())
        )
        yield self.table(("store", "outcome", "copies"), rows)

    def rules(self) -> Iterator[str]:
        rows = "".join(
            f"<tr><td>{escape(rule_words(self.language, rule.code))}<td>{self.state(rule.severity)}"
            f'<td class="n">{f"<b>{rule.cells}</b>" if rule.cells else 0}\n'
            for rule in rule_counts(self.report)
        )
        yield self.table(("rule", "makes", "copies"), rows)

    def table(self, heads: tuple[str, ...], rows: str) -> str:
        told = "".join(f'<th scope="col">{self.say(head)}' for head in heads)
        return f"<table>\n<thead><tr>{told}</thead>\n<tbody>\n{rows}</tbody>\n</table>\n"

    def cells(self, cells: Iterable[Cell]) -> str:
        """A line a day: `tis 24 nov: Ullared, Glommen`."""
        days = by_day(cells)
        return "<br>".join(f"{escape(self.short_day(day))}: {escape(', '.join(days[day]))}" for day in sorted(days))

    def short_day(self, day: date) -> str:
        return f"{self.weekday(day)} {self.day(day)}"

    def weekday(self, day: date) -> str:
        return weekday_words(self.language, day)[:3]

    def day(self, day: date) -> str:
        return f"{day.day} {month_words(self.language, day)[:3]}"

    def fate(self, outcome: Outcome) -> str:
        return f"{outcome.store}: {outcome.words(self.language)}"

    def state(self, verdict: Verdict) -> str:
        return self.say(f"state_{verdict.value}")

    def sign(self, verdict: Verdict) -> str:
        return self.short(_SIGN[verdict])

    def framed_sign(self, verdict: Verdict) -> str:
        return f'<span class="sign {_CLASS[verdict]}">{self.sign(verdict)}</span>'

    def short(self, state: str) -> str:
        return escape(say(self.language, f"watch.short_{state}"))


def _reached(contact: Contact) -> str:
    return escape(", ".join(filter(None, (contact.name, contact.phone, contact.email, contact.hours, contact.hint))))
