"""What may not leave: people with protected identity, identity numbers in free text, and ids that are such numbers."""

from functools import partial

from reservplan.domain.words import say
from reservplan.extract.identity_numbers import is_identity_number, mask
from reservplan.extract.pseudonyms import Pseudonyms, digest_id
from reservplan.extract.rows import People, Person, Reading, each
from reservplan.settings import Settings

FREE_TEXT = ("activities", "note", "route", "access", "client_name", "employee_name", "address")
ID_COLUMNS = {"client_id": "c", "employee_id": "e", "visit_id": "v", "double_staffing_id": "d"}
# Of a protected client only time, employee, status and a stand-in remain.
HIDDEN_OF_CLIENT = ("address", "postal_code", "city", "phone", "access", "note", "activities", "route")


def protect(reading: Reading, settings: Settings, pseudonyms: Pseudonyms) -> None:
    """Hide in place what may not leave, give ids where there are none, and count what was hidden."""
    _replace_identity_numbers(reading, pseudonyms)
    _derive_person_ids(reading)
    _spread(reading.protected, reading.columns["client_id"])
    _spread(reading.employee_protected, reading.columns["employee_id"])
    _mask_free_text(reading)
    _hide_clients(reading, settings, pseudonyms)
    _hide_employees(reading, settings, pseudonyms)


def _replace_identity_numbers(reading: Reading, pseudonyms: Pseudonyms) -> None:
    for column, prefix in ID_COLUMNS.items():
        reading.columns[column] = each(reading.columns[column], partial(_safe_id, prefix, pseudonyms))


def _safe_id(prefix: str, pseudonyms: Pseudonyms, text: str) -> str:
    if not mask(text)[1]:
        return text
    if is_identity_number(text):
        # The last ten digits, so that the same person is the same however the number is written.
        return pseudonyms.of(prefix, "".join(filter(str.isdecimal, text))[-10:])
    return pseudonyms.of(prefix, text)


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


def _spread(marks: list[bool], ids: list[str]) -> None:
    """Who is protected on one row is protected on all."""
    if any(marks):
        protected = {person for person, mark in zip(ids, marks, strict=True) if mark and person}
        marks[:] = [mark or person in protected for person, mark in zip(ids, marks, strict=True)]


def _mask_free_text(reading: Reading) -> None:
    for column in FREE_TEXT:
        masked = each(reading.columns[column], mask)
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
        # Ids may be a customer number, or be built from one.
        for column in ("client_id", "visit_id", "double_staffing_id"):
            if columns[column][n]:
                columns[column][n] = pseudonyms.of(ID_COLUMNS[column], columns[column][n])
        reading.count(n, "protected")


def _hide_employees(reading: Reading, settings: Settings, pseudonyms: Pseudonyms) -> None:
    columns, people = reading.columns, reading.people
    employees = list(zip(columns["employee_id"], columns["employee_name"], reading.employee_protected, strict=True))
    for given_id, name, is_protected in set(employees):
        shown = _hidden_employee(given_id, name, settings, pseudonyms) if is_protected else Person(given_id, name)
        people.by_id[given_id] = people.by_name[name.casefold()] = shown
    if not any(reading.employee_protected):
        return
    for n, (given_id, _, is_protected) in enumerate(employees):
        if is_protected:
            columns["employee_id"][n], columns["employee_name"][n] = (
                people.by_id[given_id].id,
                people.by_id[given_id].name,
            )
            reading.count(n, "employee_protected")


def _hidden_employee(given_id: str, name: str, settings: Settings, pseudonyms: Pseudonyms) -> Person:
    """A protected employee as the settings want it shown."""
    if given_id == digest_id("e", name.casefold()):
        given_id = pseudonyms.of("e", given_id)  # names can be tried until one gives that id
    if settings.source.employee_protected_shown_by == "id" or not name:
        return Person(given_id, given_id, is_protected=True)
    initials = "".join(f"{part[0].upper()}." for part in name.replace("-", " ").split())
    return Person(given_id, initials, is_protected=True)


def name_as_on_visits(shifts: Reading, people: People, settings: Settings, pseudonyms: Pseudonyms) -> None:
    """Give the employees of a table of shifts the ids and names that they have on visits, in place."""
    _replace_identity_numbers(shifts, pseudonyms)
    _derive_person_ids(shifts)
    _mask_free_text(shifts)
    columns = shifts.columns
    for n, (given_id, name) in enumerate(zip(columns["employee_id"], columns["employee_name"], strict=True)):
        shown = people.by_id.get(given_id) or people.by_name.get(name.casefold()) or Person(given_id, name)
        if shifts.employee_protected[n] and not shown.is_protected:
            shown = _hidden_employee(given_id, name, settings, pseudonyms)
        columns["employee_id"][n], columns["employee_name"][n] = shown.id, shown.name
        if shown.is_protected:
            columns["phone"][n] = ""
