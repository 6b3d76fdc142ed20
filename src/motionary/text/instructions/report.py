"""Whether a file of instructions is right, and what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from motionary.text.instructions.catalogue import SHIPPED, Instructions
from motionary.text.instructions.schema import LANGUAGES


@dataclass(frozen=True)
class Report:
    """What a file holds.

    Attributes:
        path: of the file.
        counts: task -> language -> templates.
    """

    path: Path
    counts: dict[str, dict[str, int]]

    @property
    def total(self) -> int:
        """All templates; no two are the same."""
        return sum(sum(row.values()) for row in self.counts.values())

    def share(self, language: str) -> float:
        """The share of a language."""
        return sum(row[language] for row in self.counts.values()) / self.total

    def __str__(self) -> str:
        lines = [f"{'':26}" + "".join(f"{language:>6}" for language in LANGUAGES)]
        lines += [f"{task:26}" + "".join(f"{row[name]:6}" for name in LANGUAGES) for task, row in self.counts.items()]
        shares = ", ".join(f"{language} {self.share(language):.0%}" for language in LANGUAGES)
        return "\n".join([*lines, f"{self.total} instructions of {len(self.counts)} tasks: {shares}"])


def check(path: str | Path = SHIPPED) -> Report:
    """Check a file of instructions and count what it holds.

    Raises:
        InputError: no such file.
        FormatError: what is wrong, where, and what is allowed.
    """
    path = Path(path)
    found = Instructions.load(None if path == SHIPPED else path)
    return Report(path, {name: {k: len(task.templates[k]) for k in LANGUAGES} for name, task in found.tasks.items()})
