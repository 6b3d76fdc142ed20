"""A visitor of the studio in a real browser, and what is watched on the way.

The visitor asks for reduced motion, so a new motion waits to be played: drawing by software takes
all of a shared machine.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Any

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--no-sandbox", "--disable-gpu-compositing", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip
MODEL = os.environ.get("MOTIONARY_STUDIO_MODEL", "debug")
PATIENCE = 30_000 if MODEL == "debug" else 180_000  # milliseconds; drawing by software on a shared machine is slow
AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
PAUSE = 50  # milliseconds between questions
SETTLE = 1200  # milliseconds after which a stage that stands was drawn for the last time

# What a service is expected to answer now and then, and a browser then writes down.
_EXPECTED = re.compile(r"GPU stall|status of (4\d\d|503)|ERR_CONNECTION_REFUSED|ERR_INTERNET_DISCONNECTED")


_ROWS = """(rows) => rows.map((row) =>
  [row.children[0].textContent, [...row.querySelectorAll(".block")].map((block) => block.textContent)])"""


class Visitor:
    """One page; ``close`` checks that nothing was asked of another host and that nothing went wrong in scripts."""

    def __init__(self, browser: Any, address: str, path: str = "", **options: Any) -> None:
        self.context = browser.new_context(
            **{"viewport": {"width": 1280, "height": 720}, "reduced_motion": "reduce", **options}
        )
        self.address, self.foreign, self.errors = address, list[str](), list[str]()
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.context.on("request", lambda request: self._requested(request.url))
        self.page.on("console", lambda message: self._said(message))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(address + path)
        self.page.wait_for_selector(".tab[aria-selected=true]")
        self.page.wait_for_selector(".view")

    def _requested(self, url: str) -> None:
        if not url.startswith((self.address, "blob:", "data:")):
            self.foreign.append(url)

    def _said(self, message: Any) -> None:
        if message.type in ("error", "warning") and not _EXPECTED.search(message.text):
            self.errors.append(message.text)

    def open(self, mode: str) -> Any:
        self.page.click(f"#tab-{mode}")
        return self.page.locator(f"#panel-{mode}")

    def done(self, act: Any = None) -> str:
        """Wait for the end of the job that ``act`` begins; what the status says."""
        if act:
            self.page.evaluate("document.querySelector('.status').dataset.kind = 'waiting'")
            act()
        self.page.wait_for_selector(".status[data-kind=done]")
        return self.page.text_content(".status .words")

    def say(self, prompt: str) -> str:
        self.open("say")
        self.page.fill("#panel-say textarea", prompt)
        told = self.done(lambda: self.page.click("#panel-say .main"))
        self.until("(words) => document.querySelector('.caption .said')?.textContent === words", prompt)
        self.until("Number(document.querySelector('.ruler').getAttribute('aria-valuemax')) > 0.5")
        return told

    def until(self, question: str, given: object = None) -> None:
        """Ask the page till it says yes. Playwright's own waiting evaluates text, which the page's policy forbids."""
        for _ in range(PATIENCE // PAUSE):
            if self.page.evaluate(question, given):
                return
            self.page.wait_for_timeout(PAUSE)
        raise AssertionError(f"never came true: {question}")

    def press(self, *keys: str) -> None:
        self.page.evaluate("document.activeElement.blur()")
        for key in keys:
            self.page.keyboard.press(key)

    def time(self) -> float:
        return float(self.page.get_attribute(".ruler", "aria-valuenow"))

    def pause(self) -> None:
        if self.page.get_attribute(".play", "aria-label") in ("Pause", "暂停"):
            self.page.click(".play")

    def picture(self) -> bytes:
        """The stage as it stands."""
        self.page.wait_for_timeout(SETTLE)
        return self.page.locator(".canvas").screenshot()

    def rows(self) -> dict[str, list[str]]:
        """Title of a timeline's row -> its blocks."""
        return dict(self.page.eval_on_selector_all(".lanes .row", _ROWS))

    def close(self) -> None:
        assert self.errors == [], self.errors
        assert self.foreign == [], self.foreign
        self.context.close()
