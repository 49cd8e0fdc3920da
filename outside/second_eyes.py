#!/usr/bin/env python3
"""The second pair of eyes: from another machine, is the watch awake and do today's lists lie there? Mails if not.

Python 3.9 or later and nothing else. Started every 15 minutes by cron, a systemd timer or Windows' task scheduler:
    python3 second_eyes.py /etc/reservplan-second-eyes.ini [--dry-run]
Exit status: 0 all is well; 1 something is wrong, and was told; 2 it could not do its job, the reason is on stderr.
"""

from __future__ import annotations

import argparse
import configparser
import html
import http.client
import json
import os
import queue
import re
import smtplib
import ssl
import subprocess
import sys
import tempfile
import threading
import unicodedata
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from pathlib import Path

LOOK_SECONDS = 120  # a mounted share that is away can hang for ever
NET_SECONDS = 15
SKEW_MINUTES = 10
REMIND_HOURS = 24
SMALLEST_PDF = 1024
SUFFIX = r"(?: \(Reservplan\)| \(tidigare\)| \(ny \d{4}\))?"

# For each kind of problem: what is wrong, what it means, what to do. {x} is what it is about.
WORDS = {
    "sv": {
        "share": ("Mappen med kopior går inte att nå: {x}", "Ingen vet om dagens listor går att skriva ut.",
                  "Öppna mappen från en annan dator. Går det inte: ring IT-service. Går det: se efter konto och lösenord här."),
        "watch": ("Ingen har kontrollerat kopiorna sedan {x}", "Saknas en lista i dag märker ingen det. Kopiorna kan ändå vara bra.",
                  "Se efter att Airflow och reservplan_watch går (docs/runbooks/silence.md). Öppna mappen och se efter att dagens listor finns."),
        "clock": ("En klocka går fel: senaste kontrollen {x}", "Hur gammal kontrollen är går inte att veta.",
                  "Jämför klockan på den här datorn och på Reservplans med en telefon."),
        "list": ("Dagens lista saknas eller är trasig: {x}", "Vid driftstopp har de grupperna ingen lista för i dag.",
                 "Kör reservplan_snapshot i Airflow, eller reservplan snapshot. Spara annars listan för hand som rutinen säger."),
        "groups": ("Ingen förteckning över grupper går att läsa: {x}", "Det går inte att se om någon lista saknas.",
                   "Se efter att .reservplan i mappen har filer för dagarna, eller räkna upp grupperna i inställningarna."),
        "airflow": ("Airflow mår inte bra: {x}", "Nya kopior görs kanske inte. De som ligger i mappen går att skriva ut.",
                    "Starta om den tjänst som nämns (docs/runbooks/not-saved.md)."),
        "well": "Allt är bra igen", "subject_well": "Löst: kopiorna kontrolleras och finns",
        "and": " (+{n})", "means": "Det betyder", "do": "Gör så här", "call": "Ring", "machine": "Skickat av reservplan-second-eyes på {x}.",
    },
    "en": {
        "share": ("The copies' folder cannot be reached: {x}", "Nobody knows whether today's lists can be printed.",
                  "Open the folder from another computer. If that fails: call IT. If not: look at the account and password here."),
        "watch": ("Nobody has looked at the copies since {x}", "If a list is missing today, nobody notices. The copies may be good all the same.",
                  "See that Airflow and reservplan_watch run (docs/runbooks/silence.md). Open the folder and see that today's lists are there."),
        "clock": ("A clock is wrong: the last look was {x}", "How old that look is cannot be known.",
                  "Compare the clocks of this machine and of Reservplan's with a telephone."),
        "list": ("Today's list is missing or broken: {x}", "In an outage these groups have no list for today.",
                 "Run reservplan_snapshot in Airflow, or reservplan snapshot. Else save the list by hand as the routine says."),
        "groups": ("No record of groups can be read: {x}", "Whether a list is missing cannot be seen.",
                   "See that .reservplan in the folder has files for the days, or name the groups in the settings."),
        "airflow": ("Airflow is not well: {x}", "New copies may not be made. Those in the folder can be printed.",
                    "Restart the service that is named (docs/runbooks/not-saved.md)."),
        "well": "All is well again", "subject_well": "Solved: the copies are there and looked at",
        "and": " (+{n})", "means": "It means", "do": "Do this", "call": "Call", "machine": "Sent by reservplan-second-eyes on {x}.",
    },
}  # fmt: skip


class Away(Exception):
    """The copies cannot be looked at."""


class Folder:
    """A mounted folder, a drive letter or a UNC path."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)

    def names(self, below: str = "") -> list[str]:
        try:
            return [entry.name for entry in (self.path / below).iterdir()]
        except OSError as error:
            raise Away(error.strerror or str(error)) from error

    def read(self, name: str) -> bytes:
        return (self.path / name).read_bytes()


class Share:
    """`//server/share/folder`, read by smbclient; nothing of a list is kept on this machine's disk."""

    def __init__(self, address: str, credentials: str, port: str) -> None:
        server, share, *folders = address.strip("/").split("/")
        self.folder = "/".join(folders)
        self.command = ["smbclient", f"//{server}/{share}", "-A", credentials, "--client-protection=encrypt"]
        self.command += ["-p", port] if port else []

    def _ask(self, command: str) -> bytes:
        try:
            done = subprocess.run(  # noqa: S603
                [*self.command, "-c", command], capture_output=True, timeout=NET_SECONDS * 2, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Away(str(error)) from error
        if done.returncode:
            said = (done.stdout + done.stderr).decode(errors="replace")
            status = re.search(r"NT_STATUS_\w+", said)
            raise Away(status.group() if status else " ".join(said.split())[-200:])
        return done.stdout

    def _path(self, name: str) -> str:
        return "/".join(part for part in (self.folder, name) if part)

    def names(self, below: str = "") -> list[str]:
        lines = self._ask(f'ls "{self._path(below + "/*" if below else "*")}"').decode(errors="replace").splitlines()
        found = (re.match(r"  (.+?) +[A-Z]* +\d+  \w{3} \w{3} ", line) for line in lines)
        return [match.group(1) for match in found if match]

    def read(self, name: str) -> bytes:
        try:
            return self._ask(f'get "{self._path(name)}" -')
        except Away as error:
            raise OSError(str(error)) from error


def look(place: Folder | Share, config: configparser.SectionProxy, now: datetime) -> tuple[list, set]:
    """The problems, each (kind, about what), and the kinds that could be looked at."""
    try:
        names = {unicodedata.normalize("NFC", name): name for name in place.names()}
    except Away as error:
        return [("share", str(error))], {"share"}
    problems = watch_problems(place, config.getfloat("silent_minutes", 90), now)
    looked = {"share", "watch", "clock"}
    if f"{now:%H:%M}" >= config.get("due_by", "06:00").zfill(5):
        problems += list_problems(place, names, config.get("groups", "auto"), now)
        looked |= {"list", "groups"}
    return problems, looked


def watch_problems(place: Folder | Share, silent_minutes: float, now: datetime) -> list:
    """Of the watch's own trace: is it there, is it fresh, can its time be true?"""
    try:
        said = json.loads(place.read(".reservplan/watch.json"))["looked_at"]
        looked_at = datetime.fromisoformat(said.replace("Z", "+00:00"))
        age = now - looked_at
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return [("watch", f"? ({type(error).__name__}: .reservplan/watch.json)")]
    words = f"{looked_at.astimezone(now.tzinfo):%Y-%m-%d %H:%M}"
    if age < -timedelta(minutes=SKEW_MINUTES):
        return [("clock", words)]
    return [("watch", words)] if age > timedelta(minutes=silent_minutes) else []


def list_problems(place: Folder | Share, names: dict, groups: str, now: datetime) -> list:
    """Each group has a list for today that opens like one."""
    wanted = [name.strip() for name in groups.split(",") if name.strip()]
    if wanted == ["auto"]:
        try:
            wanted = recorded_groups(place, now)
            if not wanted:
                return [("groups", "0")]
        except (Away, OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            return [("groups", f"{type(error).__name__}")]
    return [("list", group) for group in sorted(wanted) if not has_list(place, names, group, now)]


def recorded_groups(place: Folder | Share, now: datetime) -> list[str]:
    """Of today's record and of this weekday's a week ago, so that one that was dropped is missed; else of the newest."""
    days = sorted(name[:6] for name in place.names(".reservplan") if re.fullmatch(r"\d{6}\.json", name))
    asked = [day for day in (f"{now:%y%m%d}", f"{now - timedelta(days=7):%y%m%d}") if day in days] or [days[-1]]
    return sorted({group for day in asked for group in json.loads(place.read(f".reservplan/{day}.json"))["cells"]})


def has_list(place: Folder | Share, names: dict, group: str, now: datetime) -> bool:
    pattern = re.compile(
        re.escape(unicodedata.normalize("NFC", f"{now:%y%m%d} Brukarschema {group}")) + SUFFIX + r"\.pdf"
    )
    for name in names:
        if pattern.fullmatch(name):
            try:
                content = place.read(names[name])
            except OSError:
                continue
            if content.startswith(b"%PDF") and len(content) > SMALLEST_PDF:
                return True
    return False


def airflow_problems(address: str) -> list:
    """Airflow answers 200 with a dead scheduler, too: only what the JSON says counts."""
    try:
        with urllib.request.urlopen(address, timeout=NET_SECONDS) as answer:  # noqa: S310
            parts = json.load(answer)
        ill = [name for name in ("metadatabase", "scheduler", "dag_processor") if parts[name]["status"] != "healthy"]
    except (OSError, ValueError, LookupError, TypeError, http.client.HTTPException) as error:
        return [("airflow", f"{type(error).__name__} ({address})")]
    return [("airflow", ", ".join(ill))] if ill else []


def within(seconds: float, work):
    """The answer of `work`, or Away when it hangs; a thread that hangs dies with the program."""
    answers: queue.Queue = queue.Queue()

    def run() -> None:
        try:
            answers.put((work(), None))
        except Exception as error:
            answers.put((None, error))

    threading.Thread(target=run, daemon=True).start()
    try:
        answer, error = answers.get(timeout=seconds)
    except queue.Empty:
        raise Away(f"no answer in {seconds:.0f} s") from None
    if error:
        raise error
    return answer


def mail(problems: list, config: configparser.ConfigParser, language: str) -> EmailMessage:
    """What is wrong, what it means, what to do, whom to call; without problems: that all is well again."""
    words, message = WORDS[language], EmailMessage()
    kinds = list(dict.fromkeys(kind for kind, _ in problems))
    heads = [words[k][0].format(x=", ".join(about for kind, about in problems if kind == k)) for k in kinds]
    subject = (
        heads[0] + (words["and"].format(n=len(heads) - 1) if len(heads) > 1 else "") if heads else words["subject_well"]
    )
    message["Subject"] = subject if len(subject) <= 60 else f"{subject[:57]}…"
    message["From"], message["To"] = config["mail"]["from"], config["mail"]["to"]
    parts = [
        (head, f"{words['means']}: {words[k][1]}", f"{words['do']}: {words[k][2]}") for head, k in zip(heads, kinds)
    ]
    parts = parts or [(words["well"],)]
    calls = [
        f"{words['call']}: {value}"
        for value in (config["contacts"].values() if problems and config.has_section("contacts") else [])
    ]
    parts += [tuple(calls)] if calls else []
    parts.append((words["machine"].format(x=os.environ.get("COMPUTERNAME") or os.uname().nodename),))
    message.set_content("\n\n".join("\n".join(lines) for lines in parts) + "\n")
    body = "".join(f"<p>{'<br>'.join(html.escape(line) for line in lines)}</p>" for lines in parts)
    message.add_alternative(
        f'<!DOCTYPE html><html lang="{language}"><body style="font:16px/1.5 sans-serif">{body}</body></html>',
        subtype="html",
    )
    return message


def send(message: EmailMessage, section: configparser.SectionProxy) -> None:
    tls, context = section.get("tls", "starttls"), ssl.create_default_context()
    host, port = section["host"], section.getint("port", 465 if tls == "tls" else 587)
    kind = (
        smtplib.SMTP_SSL(host, port, timeout=NET_SECONDS, context=context)
        if tls == "tls"
        else smtplib.SMTP(host, port, timeout=NET_SECONDS)
    )
    with kind as server:
        if tls == "starttls":
            server.starttls(context=context)
        if section.get("login"):
            server.login(section["login"], section.get("password", ""))
        if refused := server.send_message(message):
            raise smtplib.SMTPRecipientsRefused(refused)


def remembered(path: Path) -> dict:
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
        return {"told": [str(one) for one in state["told"]], "told_at": datetime.fromisoformat(state["told_at"])}
    except (OSError, ValueError, LookupError, TypeError):
        return {"told": [], "told_at": None}


def remember(path: Path, told: list, told_at: datetime) -> None:
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as new:
        json.dump({"told": told, "told_at": told_at.isoformat()}, new)
    Path(new.name).replace(path)


def main(arguments: list[str] | None = None, now: datetime | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("settings")
    parser.add_argument("--dry-run", action="store_true", help="print the mail, send and remember nothing")
    asked = parser.parse_args(arguments)
    try:
        return round_of(asked, now or datetime.now(timezone.utc).astimezone())
    except Exception as error:  # else Python ends with 1, which says that it was told
        print(
            f"second_eyes: {type(error).__name__}: {error}. Nothing was told; the next run tries again.",
            file=sys.stderr,
        )
        return 2


def round_of(asked: argparse.Namespace, now: datetime) -> int:
    config = configparser.ConfigParser(interpolation=None)
    with open(asked.settings, encoding="utf-8") as lines:
        config.read_file(lines)
    copies, path = config["copies"], config["copies"]["path"]
    place = (
        Share(path, copies["credentials"], copies.get("port", ""))
        if path.startswith("//") and "credentials" in copies
        else Folder(path)
    )
    try:
        problems, looked = within(LOOK_SECONDS, lambda: look(place, copies, now))
    except Away as error:
        problems, looked = [("share", str(error))], {"share"}
    if copies.get("airflow"):
        problems, looked = problems + airflow_problems(copies["airflow"]), looked | {"airflow"}
    keys = [f"{kind}:{about if kind == 'list' else ''}" for kind, about in problems]
    memory = Path(copies["state"])
    before = remembered(memory)
    unseen = [key for key in before["told"] if key.partition(":")[0] not in looked]  # not known to be well
    due = before["told_at"] is None or now - before["told_at"] >= timedelta(hours=REMIND_HOURS)
    well = not keys and not unseen and bool(before["told"])
    tells = well or (bool(keys) and (due or not set(keys) <= set(before["told"])))
    if tells or asked.dry_run:
        message = mail(problems, config, copies.get("language", "sv"))
        if asked.dry_run:
            print(f"{message['Subject']}\n\n{message.get_body(('plain',)).get_content()}")
            return int(bool(problems))
        send(message, config["mail"])
    if keys + unseen != before["told"]:
        remember(memory, keys + unseen, now if tells else before["told_at"] or now)
    elif tells:
        remember(memory, keys + unseen, now)
    if copies.get("heartbeat"):
        try:
            urllib.request.urlopen(copies["heartbeat"], timeout=NET_SECONDS).close()  # noqa: S310
        except (OSError, ValueError, http.client.HTTPException) as error:
            print(f"second_eyes: the heartbeat was not heard: {type(error).__name__}", file=sys.stderr)
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
