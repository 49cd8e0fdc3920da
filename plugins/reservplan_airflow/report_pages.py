"""The validation reports as pages of Airflow's own web server, for those who may read the snapshot's runs there."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.core_api.security import requires_access_dag
from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from reservplan.domain.errors import ReservplanError
from reservplan.domain.words import say
from reservplan.report import CONTENT_POLICY, Reports
from starlette.exceptions import HTTPException

from reservplan_airflow.configuration import load_settings, settings_or_none
from reservplan_airflow.report_link import FALLBACK_LANGUAGE

if TYPE_CHECKING:
    from reservplan.report import Suffix

TYPES: dict[str, tuple[Suffix, str]] = {
    ".html": ("html", "text/html; charset=utf-8"),
    ".json": ("json", "application/json"),
}
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"{CONTENT_POLICY}; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
WORDS_OF_STATUS = {403: "report.not_allowed", 404: "report.not_there"}

MAY_READ_RUNS = requires_access_dag("GET", DagAccessEntity.RUN, "reservplan_snapshot")


def report_pages() -> FastAPI:
    """The application; what a plugin serves is anonymous unless it says otherwise, so all of it asks who comes."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(MAY_READ_RUNS)])
    app.get("/reports/{day}/{file}")(show_report)
    app.exception_handler(HTTPException)(refuse)
    app.exception_handler(ReservplanError)(tell_fault)
    return app


def show_report(day: str, file: str) -> Response:
    """One form of a report, by the name under which it is kept."""
    stem, dot, ending = file.rpartition(".")
    suffix, media_type = TYPES.get(dot + ending, ("html", ""))
    content = Reports(load_settings().reports).read(f"{day}/{stem}", suffix) if media_type else None
    if content is None:
        raise HTTPException(404)
    return Response(content, media_type=media_type, headers=HEADERS)


def refuse(request: Request, error: HTTPException) -> Response:
    """To the login, where there is none yet; else what is the matter, in words."""
    if error.status_code == 401:
        if "text/html" in request.headers.get("accept", ""):
            return RedirectResponse(get_auth_manager().get_url_login(next_url=str(request.url)), status_code=307)
        return Response(status_code=401, headers=HEADERS)
    key = WORDS_OF_STATUS.get(error.status_code)
    return _told(say(_language(), key) if key else str(error.detail), error.status_code)


def tell_fault(_: Request, error: ReservplanError) -> Response:
    """Settings that cannot be used, or a bucket that does not answer."""
    return _told(str(error), 503)


def _told(text: str, status: int) -> HTMLResponse:
    language, heading = _language(), escape(say(_language(), "report.heading"))
    page = (
        f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{heading}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"></head>'
        f"<body><h1>{heading}</h1><p>{escape(text)}</p></body></html>\n"
    )
    return HTMLResponse(page, status_code=status, headers=HEADERS)


def _language() -> str:
    settings = settings_or_none()
    return settings.language if settings else FALLBACK_LANGUAGE
