"""What may not leave: people with protected identity, identity numbers in free text, and ids that are such numbers."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain, compress

from reservplan.domain.words import say
from reservplan.extract.identity_numbers import is_identity_number, mask
from reservplan.extract.marks import spread_marks
from reservplan.extract.mentions import Mentions
from reservplan.extract.pseudonyms import Pseudonyms, digest_id
from reservplan.extract.rows import People, Person, Reading, each
from reservplan.settings import Settings

FREE_TEXT = ("activities", "note", "route", "access", "client_name", "employee_name", "address", "city", "priority")
ID_COLUMNS = {"client_id": "c", "employee_id": "e", "visit_id": "v", "double_staffing_id": "d"}
# Where one client's row may speak of another client.
SPEAKS_OF_OTHERS = ("activities", "note", "route", "access", "priority")
# Of a protected client only time, employee, status, a priority that is one, and a stand-in remain.
HIDDEN_OF_CLIENT = ("address", "postal_code", "city", "phone", "access", "note", "activities", "route")
PRIORITIES = ("", "1", "2", "3")


def protect(visits: Sequence[Reading], shifts: Sequence[Reading], settings: Settings, pseudonyms: Pseudonyms) -> None:
    """Hide in place what may not leave, give ids where there are none, and count what was hidden.

    All tables of a capture at once: a mark in one protects in all. Employees on `shifts` get the ids and names that
    they have on `visits`.
    """
    readings = [*visits, *shifts]
    for reading in readings:
        _replace_identity_numbers(reading, pseudonyms)
    spread_marks(readings)
    mentions = _mentions(readings)
    for reading in readings:
        _derive_person_ids(reading)
        _mask_free_text(reading)
    people = _people(visits, settings, pseudonyms)
    for reading in visits:
        _hide_clients(reading, settings, pseudonyms)
        if mentions:
            _hide_mentions(reading, mentions)
        _hide_employees(reading, people)
    for reading in shifts:
        _name_as_on_visits(reading, people, settings, pseudonyms)


def _replace_identity_numbers(reading: Reading, pseudonyms: Pseudonyms) -> None:
    for column, prefix in ID_COLUMNS.items():
        reading.columns[column] = each(reading.columns[column], partial(_safe_id, prefix, pseudonyms))
    reading.set_aside = [
        replace(
            row,
            client_id=_safe_id(ID_COLUMNS["client_id"], pseudonyms, row.client_id),
            employee_id=_safe_id(ID_COLUMNS["employee_id"], pseudonyms, row.employee_id),
        )
        for row in reading.set_aside
    ]


def _safe_id(prefix: str, pseudonyms: Pseudonyms, text: str) -> str:
    if not mask(text)[1]:
        return text
    if is_identity_number(text):
        # The last ten digits, so that the same person is the same however the number is written.
        return pseudonyms.of(prefix, "".join(filter(str.isdecimal, text))[-10:])
    return pseudonyms.of(prefix, text)


def client_ids(typed: str, pseudonyms: Pseudonyms) -> frozenset[str]:
    """The ids under which the plan may hold a client of whom this is known: as the source writes it, or a stand-in.

    Where a source has no ids, `name; address`, or the name alone where it has no addresses either.
    """
    name, _, address = (part.strip() for part in typed.partition(";"))
    prefix = ID_COLUMNS["client_id"]
    plain = {_safe_id(prefix, pseudonyms, typed), _client_id(("", name, address))}
    # Stand-ins of protected clients are made of these.
    return frozenset(plain | {pseudonyms.of(prefix, given) for given in plain})


def _derive_person_ids(reading: Reading) -> None:
    columns = reading.columns
    employees = list(zip(columns["employee_id"], columns["employee_name"], strict=True))
    columns["employee_id"] = each(employees, _employee_id)
    clients = list(zip(columns["client_id"], columns["client_name"], columns["address"], strict=True))
    columns["client_id"] = each(clients, _client_id)


def _employee_id(employee: tuple[str, str]) -> str:
    given, name = employee
    return given or (digest_id("e", name.casefold()) if name else "")


def _client_id(client: tuple[str, str, str]) -> str:
    given, name, address = client
    return given or (digest_id("c", name.casefold(), address.casefold()) if name or address else "")


def _mentions(readings: Sequence[Reading]) -> Mentions:
    """What other people's rows must not say: of clients name, address and phone, of employees the name."""
    told: set[tuple[str, str, str]] = set()
    for reading in readings:
        columns = reading.columns
        clients = zip(columns["client_name"], columns["address"], columns["phone"], strict=True)
        told.update(compress(clients, reading.protected))
        told |= {(r.client_name, r.address, r.phone) for r in reading.set_aside if r.protected and r.in_order}
        told |= {(name, "", "") for name in compress(columns["employee_name"], reading.employee_protected)}
        told |= {(r.employee_name, "", "") for r in reading.set_aside if r.employee_protected and r.in_order}
    return Mentions(*(zip(*told, strict=True) if told else ((), (), ())))


def _hide_mentions(reading: Reading, mentions: Mentions) -> None:
    for column in SPEAKS_OF_OTHERS:
        _mask(reading, column, mentions.hide)


def _mask_free_text(reading: Reading) -> None:
    for column in FREE_TEXT:
        _mask(reading, column, mask)


def _mask(reading: Reading, column: str, hide: Callable[[str], tuple[str, int]]) -> None:
    masked = each(reading.columns[column], hide)
    for n, (_, found) in enumerate(masked):
        if found:
            reading.count(n, "masked", found)
    reading.columns[column] = [text for text, _ in masked]


def _hide_clients(reading: Reading, settings: Settings, pseudonyms: Pseudonyms) -> None:
    contact = settings.contacts.protected
    whom = ", ".join(filter(None, [contact.name, contact.phone]))
    for n, is_protected in enumerate(reading.protected):
        if not is_protected:
            continue
        columns = reading.columns
        columns["client_name"][n] = say(settings.language, "extract.protected_client", whom=whom)
        for column in HIDDEN_OF_CLIENT:
            columns[column][n] = ""
        if columns["priority"][n] not in PRIORITIES:
            columns["priority"][n] = ""
        # Ids may be a customer number, or be built from one.
        for column in ("client_id", "visit_id", "double_staffing_id"):
            if columns[column][n]:
                columns[column][n] = pseudonyms.of(ID_COLUMNS[column], columns[column][n])
        reading.count(n, "protected")


def _people(visits: Sequence[Reading], settings: Settings, pseudonyms: Pseudonyms) -> People:
    """How every employee with an id is shown; one id is one person, in the first spelling."""
    everybody = dict.fromkeys(chain.from_iterable(map(_employees, visits)))
    people = People()
    # Where two share a name, a protected one comes first.
    for given_id, name, is_protected in sorted(everybody, key=lambda employee: not employee[2]):
        if not given_id:
            continue
        if given_id not in people.by_id:
            hidden = _hidden_employee(given_id, name, settings, pseudonyms) if is_protected else None
            people.by_id[given_id] = hidden or Person(given_id, name)
        if name:
            people.by_name.setdefault(name.casefold(), people.by_id[given_id])
    return people


def _employees(reading: Reading) -> Iterator[tuple[str, str, bool]]:
    columns = reading.columns
    return zip(columns["employee_id"], columns["employee_name"], reading.employee_protected, strict=True)


def _hide_employees(reading: Reading, people: People) -> None:
    columns = reading.columns
    for n in compress(range(len(reading.employee_protected)), reading.employee_protected):
        if shown := people.by_id.get(columns["employee_id"][n]):
            columns["employee_id"][n], columns["employee_name"][n] = shown.id, shown.name
            reading.count(n, "employee_protected")


def _hidden_employee(given_id: str, name: str, settings: Settings, pseudonyms: Pseudonyms) -> Person:
    """A protected employee as the settings want it shown."""
    if given_id == digest_id("e", name.casefold()):
        given_id = pseudonyms.of("e", given_id)  # names can be tried until one gives that id
    if settings.source.employee_protected_shown_by == "id" or not name:
        return Person(given_id, given_id, is_protected=True)
    initials = "".join(f"{part[0].upper()}." for part in name.replace("-", " ").split())
    return Person(given_id, initials, is_protected=True)


def _name_as_on_visits(shifts: Reading, people: People, settings: Settings, pseudonyms: Pseudonyms) -> None:
    columns = shifts.columns
    for n, (given_id, name) in enumerate(zip(columns["employee_id"], columns["employee_name"], strict=True)):
        shown = people.by_id.get(given_id) or people.by_name.get(name.casefold()) or Person(given_id, name)
        if shifts.employee_protected[n] and not shown.is_protected:
            shown = _hidden_employee(given_id, name, settings, pseudonyms)
        columns["employee_id"][n], columns["employee_name"][n] = shown.id, shown.name
        if shown.is_protected:
            columns["phone"][n] = ""
