"""One step of a run in a process of its own, as under an orchestrator, but without one: for measuring it alone.

`python -m benchmarks.steps CONFIG REQUEST STEP`, where REQUEST is a file with the run's request. Prints as JSON how
long the step worked, without the start of the process and its imports.
"""

import json
import sys
from importlib import import_module
from pathlib import Path
from time import monotonic

from reservplan.domain.ports import Store
from reservplan.run_files import Batch
from reservplan.settings import StoreSettings, load
from reservplan.snapshot import Snapshot, SnapshotRequest

STEPS = ("extract", "validate", "compare", "render", "publish", "seal")
# What a step imports when it begins; not Great Expectations, which validate imports when the plan is gone.
IMPORTS = {
    "extract": ("reservplan.extract.capture", "pyarrow.parquet"),
    "validate": ("reservplan.validate.judging", "pyarrow.parquet"),
    "compare": ("reservplan.render.show", "pyarrow.parquet", "reservplan.store.smb"),
    "render": ("reservplan.render.pool",),
    "publish": ("reservplan.publish", "reservplan.store.smb"),
    "seal": ("reservplan.publish", "reservplan.store.smb"),
}


def open_store(settings: StoreSettings) -> Store:
    """The store, with the connection that stands in the environment."""
    from reservplan.store import open_store as open_with
    from reservplan.store.connection import connection_from_environment

    return open_with(settings, connection_from_environment(settings.connection) if settings.connection else None)


def run_step(snapshot: Snapshot, name: str, batches_file: Path) -> None:
    """Do it; batches go from `compare` to `render` and `publish` by a file beside the request."""
    stores = [store.name for store in snapshot.settings.stores]
    match name:
        case "extract":
            snapshot.extract()
        case "validate":
            snapshot.validate()
        case "compare":
            made = [batch.model_dump() for batch in snapshot.compare()]
            batches_file.write_text(json.dumps(made), encoding="utf-8")
        case "render":
            for batch in _batches(batches_file):
                snapshot.render(batch)
        case "publish":
            for store in stores:
                snapshot.publish(store, _batches(batches_file))
        case "seal":
            for store in stores:
                snapshot.seal(store)


def _batches(file: Path) -> list[Batch]:
    return [Batch(**batch) for batch in json.loads(file.read_text(encoding="utf-8"))]


def main(config: str, request_file: str, name: str) -> None:
    """Run one step and print how long it worked."""
    for module in IMPORTS[name]:
        import_module(module)
    request = SnapshotRequest.model_validate_json(Path(request_file).read_bytes())
    snapshot = Snapshot(load(Path(config)), request, open_store)
    began = monotonic()
    run_step(snapshot, name, Path(request_file).with_suffix(".batches"))
    print(json.dumps({"work_seconds": monotonic() - began}))


if __name__ == "__main__":
    main(*sys.argv[1:])
