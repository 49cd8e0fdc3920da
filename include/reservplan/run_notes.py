"""What failed runs leave for the watch: one small file a job, gone when the job goes well again.

Addressed through universal-pathlib: the watch reads what a worker on another machine wrote.
"""

from pydantic import ValidationError

from reservplan.domain.run_notes import RunNote
from reservplan.private_files import PrivateFiles

_ENDING = ".json"


class RunNotes:
    """The notes in a folder, or on object storage: `settings.watch.folder` + `/notes`."""

    def __init__(self, folder: str) -> None:
        self.files = PrivateFiles.at(folder, "watch.folder")

    def note(self, note: RunNote) -> None:
        """Keep it in place of the job's last; of another run that failed before, the tries are counted on."""
        before = self._read(f"{note.job}{_ENDING}")
        if before is not None:
            tries = before.tries + (before.run_id != note.run_id)
            note = note.model_copy(update={"tries": max(note.tries, tries)})
        self.files.write_whole(f"{note.job}{_ENDING}", note.model_dump_json().encode())

    def clear(self, job: str) -> None:
        """Forget a job's failure; none is fine."""
        self.files.remove([f"{job}{_ENDING}"])

    def all(self) -> tuple[RunNote, ...]:
        """Every job's latest failure; one that cannot be read is none."""
        names = (name for name in self.files.names() if name.endswith(_ENDING))
        return tuple(note for name in names if (note := self._read(name)) is not None)

    def _read(self, name: str) -> RunNote | None:
        try:
            content = self.files.read_or_none(name)
            return RunNote.model_validate_json(content) if content is not None else None
        except ValidationError:
            return None
