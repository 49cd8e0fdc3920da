"""Adapters of the Store port: an SMB share, and any folder that is mounted here."""

from reservplan.domain.errors import SettingsError
from reservplan.domain.ports import Store
from reservplan.settings import StoreSettings
from reservplan.store.connection import ConnectionFacts


def open_store(settings: StoreSettings, connection: ConnectionFacts | None) -> Store:
    """The store that the settings name; it connects in `with store:`, not here.

    Raises:
        SettingsError: a share without a connection, or a connection that lacks something.
    """
    if settings.kind == "folder":
        from reservplan.store.folder import FolderStore

        return FolderStore(settings.name, settings.folder)
    if connection is None:
        raise SettingsError(
            f"Store {settings.name}: a share needs a connection.",
            do=f"Name an Airflow connection in stores[].connection, e.g. {settings.connection or 'reservplan_share'}.",
        )
    connection.check(settings.connection)
    from reservplan.store.smb import SmbStore

    return SmbStore(settings.name, settings.folder, connection, depth=connection.depth or settings.depth)
