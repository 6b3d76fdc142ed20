"""The pictures of the README, made with the released weights: ``python tools/pictures.py``."""

from __future__ import annotations

from pathlib import Path

from motionary.formats import picture
from motionary.tasks.generate import Generator
from motionary.tasks.prompts import Request

FOLDER = Path("docs/pictures")
WALK = Request("a tired person walks forward and turns left", 5.0, 7)
PROMPTS = [
    Request("a person runs forward", 3.0, 3),
    Request("someone waves the left hand", 4.0, 1),
    Request("a happy person raises both hands", 3.0, 2),
    Request("an elderly person walks slowly", 4.0, 5),
    Request("a person does a squat", 2.5, 6),
    Request("walk, then wave, then sit down", 9.0, 4),
]


def main() -> None:
    generator = Generator.load()
    FOLDER.mkdir(parents=True, exist_ok=True)
    picture.write(generator([WALK])[0], FOLDER / "walk.png")
    picture.sheet(generator(PROMPTS), FOLDER / "prompts.png", [request.prompt for request in PROMPTS])


if __name__ == "__main__":
    main()
