"""What a page or a client needs to know to offer everything that the service can do."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from motionary import __version__
from motionary.service import kinds
from motionary.service.examples import videos
from motionary.service.requests import MOST_SAMPLES
from motionary.service.settings import Settings
from motionary.service.tasks import TASKS
from motionary.speech.audio import MAX_SECONDS
from motionary.tasks.edit_plan import GROUPS, styles
from motionary.tasks.prompts import LONGEST_PROMPT, LONGEST_SECONDS, MOST_PARTS
from motionary.text.instructions import Instructions

_EXAMPLES = {
    "en": [
        "a tired person walks forward and turns left",
        "a person waves with the right hand",
        "a person jumps, then sits down",
        "someone dances happily",
        "a person does a handstand",
    ],
    "zh": ["一个疲惫的人向前走，然后左转", "一个人挥右手", "一个人跳起来，然后坐下"],
}


def about(settings: Settings, models: dict[str, Any]) -> dict[str, Any]:
    """Tasks, words, formats, limits and examples. JSON-serialisable."""
    limits = settings.limits
    return {
        "version": __version__,
        "model": models.get("model", {}).get("name", settings.model),
        "models": models,
        "tasks": list(TASKS),
        **_words(),
        "parts": list(GROUPS),
        "formats": {
            "motion": list(kinds.MOTIONS), "audio": list(kinds.AUDIO), "labels": list(kinds.LABELS),
            "out": [suffix.removeprefix(".") for suffix in kinds.OUT],
        },
        "limits": {
            "upload_bytes": limits.upload, "json_bytes": limits.json, "queue": limits.queue,
            "wait_seconds": limits.wait, "run_seconds": limits.run, "kept": limits.kept,
            "prompt_characters": LONGEST_PROMPT, "motion_seconds": LONGEST_SECONDS, "audio_seconds": MAX_SECONDS,
            "samples": MOST_SAMPLES, "segments": MOST_PARTS,
        },
        "examples": _EXAMPLES,
        "videos": list(videos()),
        "study": settings.study is not None,
        "token": bool(settings.token),
    }  # fmt: skip


@lru_cache(maxsize=1)
def _words() -> dict[str, list[str]]:
    labels = Instructions.load().labels
    return {"styles": list(styles()), "emotions": list(labels["emotion"])}
