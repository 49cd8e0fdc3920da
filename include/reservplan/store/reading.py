"""Reading files of a store while somebody may hold some of them open for himself."""

from collections.abc import Mapping, Sequence

from reservplan.domain.errors import StoreBusy, StoreRefused
from reservplan.domain.ports import Store


def read_what_opens(store: Store, paths: Sequence[str]) -> Mapping[str, bytes | None]:
    """The contents by path, None where there is no file; one that cannot be read right now is left out.

    Raises:
        StoreUnreachable: nothing can be read.
    """
    try:
        return store.read_many(paths)
    except (StoreBusy, StoreRefused):
        if len(paths) == 1:
            return {}
    # One that cannot be read must not hide the others.
    return {path: content for one in paths for path, content in read_what_opens(store, [one]).items()}
