"""Ask addresses over HTTP, side by side and within a time that is held: one that hangs is left behind."""

import http.client
import json
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Thread
from time import monotonic
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from reservplan.watch.diagnosis import Answer

T = TypeVar("T")

LIMIT_SECONDS = 5.0
MOST_BYTES = 16 * 1024


class _FewRedirects(HTTPRedirectHandler):
    max_redirections = 3
    max_repeats = 2


@dataclass(frozen=True)
class Heard:
    """What an address answered: nothing but `answer` where it did not."""

    answer: Answer
    status: int = 0
    body: bytes = b""

    @property
    def tree(self) -> dict[str, Any]:
        """The JSON object in the body; empty where there is none."""
        try:
            tree = json.loads(self.body)
        except ValueError:
            return {}
        return tree if isinstance(tree, dict) else {}


def ask(url: str, seconds: float = LIMIT_SECONDS) -> Heard:
    """The answer of one address, after `seconds` at the latest."""
    return answers_within({url: lambda: ask_patiently(url, seconds)}, seconds).get(url) or Heard(Answer.SILENT)


def answers_within(asked: Mapping[str, Callable[[], T]], seconds: float) -> dict[str, T]:
    """What each found within `seconds` in all; who has not come back by then, or has failed, is left out."""
    found: dict[str, T] = {}

    def run(name: str, call: Callable[[], T]) -> None:
        found[name] = call()

    # A name that is looked up, or a mounted folder that hangs, knows no time limit: only daemons can be left behind.
    threads = [Thread(target=run, args=item, daemon=True) for item in asked.items()]
    for thread in threads:
        thread.start()
    end = monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, end - monotonic()))
    return dict(found)


def ask_patiently(url: str, seconds: float) -> Heard:
    """The answer of one address; one that drips may take longer than `seconds`."""
    if urlsplit(url).scheme not in ("http", "https"):
        return Heard(Answer.WRONG)
    # Proxies of the environment are used; cookies are not.
    opener = build_opener(_FewRedirects)
    try:
        with opener.open(Request(url, headers={"User-Agent": "reservplan"}), timeout=seconds) as answer:  # noqa: S310
            return Heard(Answer.OK, answer.status, answer.read(MOST_BYTES))
    except HTTPError as error:
        with error:
            return Heard(Answer.OK if error.code < 500 else Answer.WRONG, error.code)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Heard(_answer_of(error.reason if isinstance(error, URLError) else error))


def _answer_of(fault: object) -> Answer:
    if isinstance(fault, socket.gaierror):
        return Answer.UNKNOWN_NAME
    if isinstance(fault, TimeoutError):
        return Answer.SILENT
    if isinstance(fault, http.client.HTTPException | ssl.SSLError | ValueError):
        return Answer.WRONG
    return Answer.REFUSED
