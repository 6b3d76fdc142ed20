"""Commands started afresh: seconds and memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from material import Material
from measure import BINARY, PROMPT, Table, cold


def tables(material: Material, folder: Path) -> list[Table]:
    """One table: each command as a user would give it."""
    out = ["-o", str(folder / "cold.glb")]
    commands: dict[str, tuple[Sequence[str], str]] = {
        "--help": (["--help"], "0.3 s"),
        "generate, 4 s": (["generate", PROMPT, "--seconds", "4", *out], "3 s, 600 MB"),
        "gesture, 4 s of speech": (["gesture", str(material.speech), *out], "-"),
        "transcribe, 4 s of speech": (["transcribe", str(material.speech)], "-"),
        "edit the arms of 4 s": (["edit", str(material.walk), "a person waves", "--part", "upper", *out], "-"),
        "describe 4 s": (["describe", str(material.walk)], "-"),
        "emotion of 4 s": (["emotion", str(material.walk)], "-"),
        "anticipate, a minute ahead": (["anticipate", str(material.labels)], "-"),
        "convert BVH to GLB, 4 s": (["convert", str(material.walk), str(folder / "walk.glb")], "-"),
    }
    rows = []
    for name, (words, target) in commands.items():
        seconds, memory = cold([BINARY, *words], runs=3)
        rows.append(
            [f"`motionary {name}`" if name.startswith("-") else name, f"{seconds:.2f} s", f"{memory:.0f} MB", target]
        )
    return [Table("Cold starts", ["command", "from start to end", "peak memory", "target"], rows)]
