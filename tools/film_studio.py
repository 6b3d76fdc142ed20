"""A short film of the studio at work: a sentence is typed, a body walks, the camera turns, an arm is edited.

    python tools/film_studio.py docs/pictures/studio.webp [--frames FOLDER]

Drives the real page with the real model in Chromium (pip install playwright; Chromium on the path). The motion is moved
on by the keys of the page, three of its frames a picture, and each picture waits till the stage has been drawn as well
as can be; so the film runs evenly even where all is drawn by software. --frames keeps every picture as PNG.
"""

from __future__ import annotations

import argparse
import io
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "studio"))
from visiting import CHROMIUM, FLAGS, Visitor

SIZE = {"width": 1120, "height": 650}
WIDE = 900  # pixels of the film
FPS = 10
STEP = 30 // FPS  # frames of the motion a picture
PATIENT = 300_000  # milliseconds for the models to be loaded
DRAWN = 550  # milliseconds until a stage that stands has been drawn well
PROMPT, LONG, SEED = "a person walks forward and turns around", 4, 3
ARM, CHANGE = "Right arm", "waves the right hand"
POINTER = [(0, 0), (0, 17), (4, 13.5), (7, 20), (9.7, 18.8), (6.8, 12.6), (12, 12.3)]


class Film:
    """Pictures of a page, with a pointer where the mouse is."""

    def __init__(self, studio: Visitor) -> None:
        self.studio, self.page, self.pictures = studio, studio.page, list[Image.Image]()
        self.at = (760.0, 420.0)

    def shoot(self, times: int = 1, wait: int = DRAWN) -> None:
        self.page.wait_for_timeout(wait)
        picture = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
        corners = [(self.at[0] + x, self.at[1] + y) for x, y in POINTER]
        ImageDraw.Draw(picture).polygon(corners, fill="#16181c", outline="#ffffff", width=1)
        picture = picture.resize((WIDE, round(WIDE * picture.height / picture.width)), Image.Resampling.LANCZOS)
        self.pictures += [picture] * times

    def go(self, x: float, y: float, steps: int = 3, act: Any = None) -> None:
        """Move the mouse there, a picture each step; ``act`` is done before each."""
        (a, b), total = self.at, max(steps, 1)
        for k in range(1, total + 1):
            share = k / total
            share = share * share * (3 - 2 * share)
            self.at = (a + (x - a) * share, b + (y - b) * share)
            self.page.mouse.move(*self.at)
            if act:
                act()
            self.shoot(wait=DRAWN if act else 60)

    def click(self, where: Any, steps: int = 3) -> None:
        box = where.bounding_box()
        self.go(box["x"] + box["width"] * 0.55, box["y"] + box["height"] * 0.6, steps)
        self.page.mouse.down()
        self.page.mouse.up()

    def write(self, text: str, letters: int = 3) -> None:
        for k in range(0, len(text), letters):
            self.page.keyboard.type(text[k : k + letters])
            self.shoot(wait=40)

    def play(self, pictures: int) -> None:
        for _ in range(pictures):
            self.on()
            self.shoot()

    def on(self) -> None:
        for _ in range(STEP):
            self.page.keyboard.press("ArrowRight")

    def save(self, path: Path) -> None:
        first, *others = self.pictures
        first.save(
            path, save_all=True, append_images=others, duration=1000 // FPS, loop=0, quality=62, method=6,
            minimize_size=False,
        )  # fmt: skip


def warm(studio: Visitor) -> None:
    """Have all models loaded before the film begins."""
    studio.say(PROMPT)
    edit = studio.open("edit")
    edit.locator(f".pick:has-text('{ARM}')").click()
    edit.locator("textarea").fill(CHANGE)
    studio.done(lambda: edit.locator(".main").click())


def act(film: Film) -> None:
    """The story."""
    studio, page = film.studio, film.page
    say = page.locator("#panel-say")
    say.locator("input[type=number]").nth(0).fill(str(LONG))
    say.locator("input[type=number]").nth(1).fill(str(SEED))
    film.shoot(4)
    film.click(say.locator("textarea"))
    film.write(PROMPT)
    film.click(say.locator(".main"))
    studio.done()
    studio.until("Number(document.querySelector('.ruler').getAttribute('aria-valuemax')) > 0.5")
    studio.press("v")  # the camera goes along
    film.shoot(2)
    film.play(8)
    stage = page.locator(".canvas").bounding_box()
    middle = (stage["x"] + stage["width"] * 0.62, stage["y"] + stage["height"] * 0.6)
    film.go(*middle, 3, film.on)
    page.mouse.down()
    film.go(middle[0] - 230, middle[1] - 12, 14, film.on)
    page.mouse.up()
    film.play(LONG * FPS - 8 - 17)
    film.click(page.locator("#tab-edit"), 4)
    edit = page.locator("#panel-edit")
    film.shoot(2)
    film.click(edit.locator(f".pick:has-text('{ARM}')"))
    film.shoot(3)
    film.click(edit.locator("textarea"))
    film.write(CHANGE)
    film.click(edit.locator(".main"))
    studio.done()
    page.wait_for_selector(".block.accent")
    studio.press("Home")
    film.shoot(2)
    film.play(LONG * FPS - 1)
    film.shoot(6)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("film", type=Path, help="the .webp to write")
    parser.add_argument("--frames", type=Path, help="a folder for every picture as PNG")
    told = parser.parse_args()
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as data, sync_playwright() as play:
        command = [sys.executable, "-m", "motionary", "studio", "--no-open", "--data", data]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as service:
            try:
                address = re.search(r"http://\S+/", service.stdout.readline())[0]
                chromium = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                studio = Visitor(chromium, address, viewport=SIZE, color_scheme="light")
                studio.page.set_default_timeout(PATIENT)
                warm(studio)
                studio.page.goto("about:blank")
                studio.page.goto(address)
                studio.page.wait_for_selector(".view")
                film = Film(studio)
                act(film)
                studio.close()
            finally:
                service.terminate()
    film.save(told.film)
    if told.frames:
        told.frames.mkdir(parents=True, exist_ok=True)
        for number, picture in enumerate(film.pictures):
            picture.save(told.frames / f"{number:03d}.png")
    print(f"{told.film}: {len(film.pictures) / FPS:.1f} s, {told.film.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
