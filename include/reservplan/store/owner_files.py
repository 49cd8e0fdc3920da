"""Who has a file open, as the program that opened it says in a small file of its own beside it.

Such a name is a person's. Whoever asks tells it to the one reader who can act on it, and keeps it nowhere.
"""

from collections.abc import Iterator, Mapping, Sequence

from reservplan.domain.names import nfc
from reservplan.domain.ports import Store
from reservplan.store.reading import read_what_opens

# Excel writes 165 bytes, Word 162, LibreOffice a line.
MOST_BYTES = 4096
_LIBRE_OFFICE = ".~lock."
MOST_CHARACTERS = 54
# Where the name stands once more in UTF-16, after its length in two bytes: Excel's files, then Word's.
_WIDE_AT = (55, 54)


def who_has_open(store: Store, paths: Sequence[str]) -> Mapping[str, str]:
    """Who has the files open, by path; left out where no program says it. A file may stay behind after a crash.

    Raises StoreUnreachable or StoreRefused.
    """
    listings = {folder: store.list_folder(folder) for folder in {path.rpartition("/")[0] for path in paths}}
    owners: dict[str, list[str]] = {}
    for path in paths:
        folder, slash, name = path.rpartition("/")
        listed = {nfc(found).casefold(): info for found, info in listings[folder].items()}
        there = (listed.get(owner.casefold()) for owner in owner_names(name))
        owners[path] = [f"{folder}{slash}{info.name}" for info in there if info and info.size_bytes <= MOST_BYTES]
    contents = read_what_opens(store, [owner for those in owners.values() for owner in those])
    names = {owner: owner_in(owner, content) for owner, content in contents.items() if content}
    told = {path: [who for owner in those if (who := names.get(owner))] for path, those in owners.items()}
    return {path: names[0] for path, names in told.items() if names}


def owner_names(name: str) -> tuple[str, ...]:
    """The names under which Excel, Word and LibreOffice say who has a file of that name open."""
    stem = name.rpartition(".")[0] or name
    # Word keeps a short name short: its mark takes the place of the first letters.
    cut = min(max(len(stem) - 6, 0), 2)
    return tuple(dict.fromkeys((f"~${name}", f"~${name[cut:]}", f"{_LIBRE_OFFICE}{name}#")))


def owner_in(path: str, content: bytes) -> str | None:
    """The name that stands in an owner file; None where none can be told."""
    libre_office = path.rpartition("/")[2].startswith(_LIBRE_OFFICE)
    names = _of_libre_office(content) if libre_office else _of_office(content)
    return next((name.strip() for name in names if name is not None and _plausible(name)), None)


def _of_office(content: bytes) -> Iterator[str | None]:
    """In UTF-16, which has every letter; else in the machine's own narrow letters, which begin after their length."""
    for at in _WIDE_AT:
        count = int.from_bytes(content[at : at + 2], "little")
        wide = content[at + 2 : at + 2 + 2 * count]
        if 0 < count <= MOST_CHARACTERS and len(wide) == 2 * count:
            yield _decoded(wide, "utf-16-le")
    end = 1 + content[0] if content else 0
    # After the name there is nothing but padding, in a file that is one of theirs.
    if 1 < end <= _WIDE_AT[-1] <= len(content) and not content[end : _WIDE_AT[-1]].strip(b" \0"):
        yield _decoded(content[1:end], "cp1252")


def _of_libre_office(content: bytes) -> Iterator[str | None]:
    """The user's own name, else that of the account; a file of bytes that are no text has neither."""
    line, semicolon, _ = (_decoded(content, "utf-8") or "").partition(";")
    fields = line.split(",")
    if semicolon and len(fields) >= 4:
        yield from fields[:2]


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _plausible(name: str) -> bool:
    """Whether it can be a name: what a stranger puts into such a file must not fill a mail, or end its line."""
    short = len(name) <= MOST_CHARACTERS and name.isprintable()
    return short and any(letter.isalnum() for letter in name)
