import os
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from reservplan.domain.ports import FileInfo, FileOutcome, Outcome


class FolderStore:
    name = "plain"

    def __init__(self, settings):
        self.root = Path(settings.folder)
        self.place = str(self.root)

    def __enter__(self):
        return self

    def __exit__(self, *e):
        return None

    @contextmanager
    def lock(self, holder):
        (self.root / ".reservplan").mkdir(parents=True, exist_ok=True)
        yield

    def locked(self):
        return False

    def _info(self, p):
        st = p.stat()
        return FileInfo(p.name, st.st_size, datetime.fromtimestamp(int(st.st_mtime), UTC))

    def list_folder(self, path=""):
        f = self.root / path
        return {p.name: self._info(p) for p in f.iterdir() if p.is_file()} if f.is_dir() else {}

    def read(self, path):
        return (self.root / path).read_bytes()

    def read_many(self, paths):
        return {p: self.read(p) if (self.root / p).is_file() else None for p in paths}

    def write(self, files):
        out = []
        for f in files:
            p = self.root / f.path
            p.parent.mkdir(parents=True, exist_ok=True)
            if p.is_dir():
                out.append(FileOutcome(f.path, Outcome.DENIED))
                continue
            p.write_bytes(f.content)
            os.utime(p, (f.mtime.timestamp(),) * 2)
            out.append(FileOutcome(f.path, Outcome.DONE))
        return out

    def rename(self, old, new):
        if (self.root / new).exists():
            return FileOutcome(old, Outcome.CHANGED)
        (self.root / old).rename(self.root / new)
        return FileOutcome(old, Outcome.DONE)

    def remove(self, path, expected):
        p = self.root / path
        if not p.exists():
            return FileOutcome(path, Outcome.MISSING)
        if self._info(p) != expected:
            return FileOutcome(path, Outcome.CHANGED)
        p.unlink()
        return FileOutcome(path, Outcome.DONE)

    def remove_leftovers(self, path=""):
        return 0
