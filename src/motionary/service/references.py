"""References to files: "upload:ID" and "job:ID/INDEX" are looked up in the store, and never become parts of a path."""

from __future__ import annotations

from pathlib import Path

from motionary.service.errors import ServiceError, not_found
from motionary.service.files import Files
from motionary.service.requests import Form
from motionary.service.store import Store


class References:
    """Finds what requests name.

    Args:
        store: that knows every id.
        files: where they lie.
    """

    def __init__(self, store: Store, files: Files) -> None:
        self._store, self._files = store, files

    def check(self, form: Form) -> None:
        """Raises ServiceError with the field: 404 where there is no such thing, 422 where it is of another kind."""
        for field, (reference, kinds) in form.named().items():
            found = self.find(reference)
            if found is None:
                raise not_found(f"file {reference}", field)
            if found[0] not in kinds:
                wanted = " or ".join(kinds)
                raise ServiceError(422, "kind", f"{reference} holds {found[0]}; {wanted} is wanted", field)

    def files(self, form: Form) -> dict[str, Path]:
        """Reference -> file, for all that are there."""
        found = {reference: self.find(reference) for reference, _ in form.named().values()}
        return {reference: one[1] for reference, one in found.items() if one is not None}

    def paths(self, *references: str | None) -> dict[str, Path]:
        """The same, of references by themselves."""
        found = {reference: self.find(reference) for reference in references if reference}
        return {reference: one[1] for reference, one in found.items() if one is not None}

    def find(self, reference: str) -> tuple[str, Path] | None:
        """(Kind, file) of a reference, or None."""
        kind, _, rest = reference.partition(":")
        if kind == "upload":
            upload = self._store.upload(rest)
            return None if upload is None else (upload.kind, self._files.upload(upload))
        id, _, index = rest.partition("/")
        job = self._store.job(id)
        if kind != "job" or job is None or not index.isdigit() or int(index) >= len(job.motions):
            return None
        return "motion", self._files.job(id) / f"{int(index)}.npz"
