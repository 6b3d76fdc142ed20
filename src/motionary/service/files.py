"""Where the service keeps files. Every name below the folder is an id, a number or a suffix of a closed table."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

from motionary.errors import InputError
from motionary.service.store import Store, Upload


def new_id() -> str:
    """128 random bits, as 32 hex characters."""
    return secrets.token_hex(16)


class Files:
    """Uploads, results and what is being written.

    Args:
        root: the folder; it is made where it is missing, readable by its owner alone.

    Raises:
        InputError: the folder cannot be made or written.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self._uploads, self._jobs, self._scratch = (self.root / name for name in ("uploads", "jobs", "scratch"))
        try:
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            for folder in (self._uploads, self._jobs, self._scratch):
                folder.mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            raise InputError(f"cannot keep data in {root}: {error.strerror or error}; choose another --data") from None

    @property
    def database(self) -> Path:
        """The list of jobs and uploads."""
        return self.root / "service.sqlite3"

    def upload(self, upload: Upload) -> Path:
        """The file that a user sent."""
        return self._uploads / upload.id / f"content{upload.suffix}"

    def job(self, id: str) -> Path:
        """Folder of a job's results; it is there when the job is done."""
        return self._jobs / id

    def shown(self, upload: Upload) -> Path:
        """What a viewer shows of an upload."""
        return self._uploads / upload.id / "shown.glb"

    def scratch(self) -> Path:
        """A new folder to write in; ``keep`` makes it a result, ``drop`` deletes it."""
        folder = self._scratch / new_id()
        folder.mkdir(mode=0o700)
        return folder

    def keep_upload(self, scratch: Path, id: str) -> None:
        """Makes a scratch folder an upload's, in one step."""
        scratch.rename(self._uploads / id)

    def keep_job(self, scratch: Path, id: str) -> None:
        """Makes a scratch folder a job's results, in one step."""
        scratch.rename(self.job(id))

    def drop(self, folder: Path) -> None:
        """Deletes a folder of ours with all that is in it."""
        shutil.rmtree(folder, ignore_errors=True)

    def drop_job(self, id: str) -> None:
        """Deletes a job's results."""
        self.drop(self.job(id))

    def drop_upload(self, id: str) -> None:
        """Deletes an upload's file."""
        self.drop(self._uploads / id)

    def clean(self, store: Store) -> int:
        """Deletes what a service that was killed left half done; how many folders that were."""
        known_jobs, known_uploads = store.done(), {upload.id for upload in store.uploads()}
        orphans = [
            *self._scratch.iterdir(),
            *(folder for folder in self._jobs.iterdir() if folder.name not in known_jobs),
            *(folder for folder in self._uploads.iterdir() if folder.name not in known_uploads),
        ]
        for folder in orphans:
            self.drop(folder)
        return len(orphans)
