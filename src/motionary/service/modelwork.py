"""Jobs in the process of the models: the table of tasks, with results written as files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from motionary import formats
from motionary.service.context import Context, Outcome, about
from motionary.service.plain import finite
from motionary.service.tasks import FORMS, TASKS

_WARM_UP = "a person walks forward"


def works() -> dict[str, Callable[[dict[str, Any], Context], dict[str, Any]]]:
    """Every task by its name."""
    return {name: lambda params, context, run=task.run: _done(run(FORMS.validate_python(params), context), context)  # type: ignore[misc]
            for name, task in TASKS.items()}  # fmt: skip


def _done(outcome: Outcome, context: Context) -> dict[str, Any]:
    """Writes the motions of an outcome; the answer has what a job tells."""
    for index, motion in enumerate(outcome.motions):
        formats.write(motion, context.folder / f"{index}.npz")
    told = [
        {"index": index, **about(motion), "rig": outcome.rig, "audio": outcome.audio}
        for index, motion in enumerate(outcome.motions)
    ]
    return {"motions": told, "result": finite(outcome.result)}


def warm(model: str, language: str) -> dict[str, Any]:
    """Load the models and use the first once, so that no request waits for it; what is debug loads only that.

    Raises:
        CheckpointError: a folder is missing, broken or of another kind.
    """
    from motionary.tasks.generate import Generator
    from motionary.tasks.prompts import Request

    generator = Generator.load(model)
    generator([Request(_WARM_UP, 1.0)])
    ready = {"model": _named(generator.info)}
    if model != "debug" or language != "default":
        from motionary.tasks.language import BodyLanguage

        ready["language"] = _named(BodyLanguage.load(language).info)
    return ready


def _named(info: dict[str, Any]) -> dict[str, str]:
    return {"name": str(info["name"]), "licence": str(info.get("licence", "unknown"))}
