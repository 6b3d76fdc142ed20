"""A rater in a real browser, and what is measured of the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

# Contrast of every visible text with what is painted behind it (WCAG 2: relative luminance).
CONTRAST = """() => {
  const numbers = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = numbers(getComputedStyle(e).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll("body *")]
    .filter((e) => e.checkVisibility() && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
    .filter((e) => !["SCRIPT", "STYLE", "NOSCRIPT"].includes(e.tagName))
    .map((e) => {
      const [a, b] = [light(numbers(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
      return [e.id || e.className || e.tagName, e.textContent.trim().slice(0, 20), (a + 0.05) / (b + 0.05)];
    });
}"""
BOXES = """() => ["prompt", "stages", "controls", "questions", "steps"].map((id) => {
  const box = document.getElementById(id).getBoundingClientRect();
  return [id, box.x, box.y, box.width, box.height];
})"""
PICTURE = "(id) => document.getElementById(id).toDataURL()"


class Rater:
    """A person with the study open; keeps what went wrong and what was asked of the network."""

    def __init__(self, browser: Any, page: Path, **options: Any) -> None:
        self.context = browser.new_context(**{"viewport": {"width": 1280, "height": 720}, **options})
        self.context.set_offline(True)
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.page = self.context.new_page()
        self.page.set_default_timeout(5000)
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.errors.append(message.text))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(page.as_uri())

    def begin(self, code: str) -> None:
        self.page.fill("#rater", code)
        self.page.check("#agree")
        self.page.click("#start button")
        self.page.wait_for_selector("#trial:not([hidden])")

    def trials(self) -> list[dict[str, Any]]:
        """What this rater is shown, in order: pair, left and right by motion id."""
        study = json.loads(self.page.text_content("#study-data"))
        code = self.page.evaluate(
            "(study) => JSON.parse(localStorage[`motionary-study/${study}`]).rater", study["study"]
        )
        plan = self.page.evaluate(
            "([pairs, repeats, text]) => Order.plan(pairs, repeats, text)",
            [len(study["pairs"]), study["repeats"], f"{study['study']}/{code}"],
        )
        shown = []
        for trial in plan:
            pair = study["pairs"][trial["pair"]]
            left, right = (pair["motions"][side]["id"] for side in ((1, 0) if trial["swap"] else (0, 1)))
            shown.append({**pair, "left": left, "right": right, "repeat": trial["repeat"]})
        return shown

    def answers(self) -> list[str]:
        checked = "[...document.querySelectorAll('#questions input:checked')].map((e) => e.name + ' ' + e.value)"
        return self.page.evaluate(checked)

    def download(self, button: str, to: Path) -> dict[str, Any]:
        with self.page.expect_download() as waiting:
            self.page.click(button)
        waiting.value.save_as(to)
        return {"name": waiting.value.suggested_filename, **json.loads(to.read_text())}

    def close(self, page: Path) -> None:
        assert self.errors == []
        assert [url for url in self.requests if url != page.as_uri() and not url.startswith("blob:")] == []
        self.context.close()
