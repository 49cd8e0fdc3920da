"""Errors that say who does what.

Two families decide what the orchestrator does: a `PassingError` may be gone in five minutes and is tried again, a
`LastingError` needs a person. No text may carry a value of a client or an employee: team names, dates, counts, row
numbers, file and column names only.
"""


class ReservplanError(Exception):
    """What happened, where, and what to do now; safe to log and to mail.

    `what` names the fault and the place, `do` the next step for the reader.
    """

    def __init__(self, what: str, *, do: str = "") -> None:
        self.what = what
        self.do = do
        super().__init__(f"{what} {do}".strip())

    def __reduce__(self) -> tuple[object, ...]:
        """Keep `do` when the error crosses a process boundary (keyword arguments are lost by default)."""
        return (_rebuild, (type(self), self.what, self.do))


def _rebuild(kind: type[ReservplanError], what: str, do: str) -> ReservplanError:
    return kind(what, do=do)


class PassingError(ReservplanError):
    """May be gone soon: tried again by itself until the copies are due."""


class LastingError(ReservplanError):
    """Stays until somebody does something: never tried again by itself."""


class RequestRefused(LastingError):
    """A run was asked for with parameters, days or groups that make no sense here; nothing was done."""


class SettingsError(LastingError):
    """The configuration cannot be used; the text names the key's path and gives an example."""


class SourceError(LastingError):
    """The plan's source answers, but with something that cannot be used (a column, a sheet, a format)."""


class SourceNotReady(PassingError):
    """No export yet, one that is still being written or locked, or one that is too old."""


class RenderError(LastingError):
    """An artifact could not be made."""


class StagingUnreachable(PassingError):
    """The object storage that holds the run's files between its steps does not answer."""


class StagingRefused(LastingError):
    """That object storage has no such bucket, or does not let us use it."""


class StoreUnreachable(PassingError):
    """The store cannot be reached, or did not answer in time."""


class StoreBusy(PassingError):
    """Another publisher holds the store's lock, or a single file is open elsewhere."""


class StoreFull(PassingError):
    """No room or no quota left on the store; what lay there lies there still."""


class StoreRefused(LastingError):
    """Wrong password, no permission, or encryption refused: never tried again, an account may get locked."""


class LoginRefused(StoreRefused):
    """The server does not know the login or its password: each further try brings the account nearer to its lock."""


class DeletionRefused(LastingError):
    """A guard refuses a deletion plan, or a code confirms another one than this; nothing was removed."""


class ManifestUnreadable(LastingError):
    """A manifest is damaged, or written by a newer version of the product."""
