"""The protocol of a drill: one page to sign, on paper and on a screen; it names groups and counts, and no person."""

from collections.abc import Iterator
from datetime import datetime
from html import escape
from typing import Any

from reservplan.domain.words import day_words, moment_words, say, short_day_words
from reservplan.drill_records import Drilled, StoreDrilled, Trial
from reservplan.render.document import draw_template
from reservplan.settings import Settings

# What one page holds beside the lines to sign.
MOST_ROWS = 12
_COLUMNS = ("store", "team", "result", "pages", "visits", "workbook", "captured", "seconds")
_SIGNED = ("who", "date", "signature")

_STYLE = """
:root{color-scheme:light}
body{margin:0 auto;padding:1rem;max-width:60rem;color:#111;background:#fff;font:1rem/1.45 system-ui,sans-serif}
h1{font-size:1.6rem;margin:.2rem 0}h2{font-size:1.1rem;margin:1.2rem 0 .3rem}
.sum{font-size:1.2rem;font-weight:700;border:2px solid #111;padding:.5rem .8rem}.bad{border-left-width:.6rem}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.25rem .5rem;border-bottom:1px solid #999}
.lines p{border-bottom:1px solid #111;height:1.8rem;margin:.2rem 0}
"""


def protocol_pdf(drilled: Drilled, settings: Settings) -> bytes:
    """One page to print and sign."""
    return draw_template("drill", _document(drilled, settings), drilled.drilled_at)


def protocol_html(drilled: Drilled, settings: Settings) -> bytes:
    """The same for a screen; it loads nothing and runs nothing."""
    d = _document(drilled, settings)
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in d["columns"])
    rows = "".join(f"<tr>{''.join(f'<td>{escape(text)}</td>' for text in row)}</tr>" for row in d["rows"])
    improve = "".join(f"<li>{escape(text)}</li>" for text in d["improve"])
    page = (
        f'<!DOCTYPE html><html lang="{d["language"]}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(d['title'])}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(d['title'])}</h1><p>{escape(d['below'])}</p>"
        f'<p class="sum{"" if drilled.passed else " bad"}">{escape(d["sum"])}</p><p>{escape(d["how"])}</p>'
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
        f"<p>{escape(d['more'])}</p><h2>{escape(d['improve_heading'])}</h2><ul>{improve}</ul>"
        f'<div class="lines"><p></p><p></p></div><h2>{escape(d["sign_heading"])}</h2>'
        f'<div class="lines">{"".join(f"<p>{escape(text)}</p>" for text in d["sign"])}</div></body></html>'
    )
    return page.encode()


def _document(drilled: Drilled, settings: Settings) -> dict[str, Any]:
    """What both say."""
    language = settings.language
    rows = sorted(_rows(drilled, settings), key=lambda row: row[0])
    trials = [trial for store in drilled.stores for trial in store.trials]
    passed = sum(trial.passed for trial in trials)
    more = len(rows) - MOST_ROWS
    return {
        "language": language,
        "title": say(language, "drill.title"),
        "below": f"{settings.organisation} · {moment_words(language, drilled.drilled_at, settings.zone)}",
        "passed": drilled.passed,
        "sum": say(
            language,
            "drill.sum_passed" if drilled.passed else "drill.sum_failed",
            passed=passed,
            tried=len(trials),
            away=sum(bool(store.away) for store in drilled.stores),
        ),
        "how": say(language, "drill.how", day=day_words(language, drilled.today)),
        "columns": [say(language, f"drill.column_{name}") for name in _COLUMNS],
        "rows": [row for _, row in rows[:MOST_ROWS]],
        "more": say(language, "drill.more", count=more) if more > 0 else "",
        "improve_heading": say(language, "drill.improve_heading"),
        "improve": list(dict.fromkeys(_to_do(drilled, language))) or [say(language, "drill.nothing_to_do")],
        "sign_heading": say(language, "drill.sign_heading"),
        "sign": [say(language, f"drill.sign_{what}") for what in _SIGNED],
        "footer": say(language, "drill.footer"),
    }


def _rows(drilled: Drilled, settings: Settings) -> Iterator[tuple[int, list[str]]]:
    """The table's rows, each with its weight: what failed comes first."""
    for store in drilled.stores:
        if store.away:
            yield 0, [store.store, "–", _result_of_store(store, settings.language), *["–"] * 5]
        for trial in store.trials:
            yield int(trial.passed), [store.store, *_cells(trial, settings)]


def _cells(trial: Trial, settings: Settings) -> list[str]:
    language = settings.language
    told = "–" if trial.visits is None else str(trial.visits)
    return [
        trial.team,
        result_words(trial, language),
        str(trial.pages),
        say(language, "drill.of", found=told, recorded="–" if trial.recorded is None else trial.recorded),
        str(trial.rows),
        _short_moment(trial.captured_at, settings) if trial.captured_at else "–",
        f"{trial.seconds:.1f} s",
    ]


def _short_moment(instant: datetime, settings: Settings) -> str:
    local = instant.astimezone(settings.zone)
    return f"{short_day_words(settings.language, local.date())} {local:%H:%M}"


def result_words(trial: Trial, language: str) -> str:
    """Passed or failed, and what was wrong or worth knowing."""
    word = say(language, "drill.passed" if trial.passed else "drill.not_passed")
    codes = [f"fault_{code}" for code in trial.faults] + [f"remark_{code}" for code in trial.remarks]
    told = ", ".join(say(language, f"drill.{code}") for code in codes)
    return f"{word}: {told}" if told else word


def _result_of_store(store: StoreDrilled, language: str) -> str:
    return f"{say(language, 'drill.not_passed')}: {store.away}"


def _to_do(drilled: Drilled, language: str) -> Iterator[str]:
    """What to improve, each once."""
    for store in drilled.stores:
        if store.away:
            yield say(language, "drill.do_away", store=store.store)
        for trial in store.trials:
            if trial.faults:
                yield say(language, "drill.do_group", store=store.store, team=trial.team)
            if "incomplete" in trial.remarks:
                yield say(language, "drill.do_incomplete", team=trial.team)
            if "old" in trial.remarks:
                yield say(language, "drill.do_old")
