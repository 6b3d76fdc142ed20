"""What holds in every mode: axe, phones, both themes and languages, keys, nothing that jumps; speed is printed."""

from __future__ import annotations

import pytest
from visiting import AXE, Visitor

pytestmark = [pytest.mark.slow, pytest.mark.browser]

MODES = ("say", "speech", "edit", "understand", "knowledge", "anticipate", "rig", "study")
BOXES = """() => [".top", ".rail", ".panel", ".stage", ".transport", ".timeline", ".ruler", ".lanes"].map((name) => {
  const box = document.querySelector(name).getBoundingClientRect();
  return [name, box.x, box.y, box.width, box.height];
})"""
PAINT = """() => new Promise((done) => new PerformanceObserver((list) => done(list.getEntries().at(-1).startTime))
  .observe({ type: "paint", buffered: true }))"""
FRAMES = """() => new Promise((done) => { let n = 0; const begun = performance.now();
  const count = () => { n += 1; performance.now() - begun > 4000 ? done(n / 4) : requestAnimationFrame(count); };
  requestAnimationFrame(count); })"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(visit, scheme):
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm ci in web/")
    studio = visit(color_scheme=scheme)
    studio.say("a person walks, then waves")
    studio.pause()
    # Over the wire of the developer tools: the page's own policy lets no other script in.
    studio.page.evaluate(AXE.read_text())
    for mode in MODES:
        studio.open(mode)
        studio.page.wait_for_timeout(400)
        found = studio.page.evaluate("axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] })")
        told = [(one["id"], [node["target"] for node in one["nodes"]]) for one in found["violations"]]
        assert told == [], mode
    studio.close()


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (390, 844)])
def test_fits_and_stands_still(visit, width, height):
    studio = visit(viewport={"width": width, "height": height})
    boxes = studio.page.evaluate(BOXES)
    studio.say("a person walks forward")
    assert studio.page.evaluate(BOXES) == boxes
    for mode in MODES:
        studio.open(mode)
        studio.page.wait_for_timeout(150)
        assert studio.page.evaluate(BOXES) == boxes, mode
        assert studio.page.evaluate("document.documentElement.scrollWidth") == width
        assert studio.page.evaluate("document.documentElement.scrollHeight") == height
        wide = studio.page.evaluate(
            "[document.querySelector('.panel').scrollWidth, document.querySelector('.panel').clientWidth]"
        )
        assert wide[0] <= wide[1], mode
    studio.close()


def test_chinese_and_back(visit):
    studio = visit(locale="zh-CN")
    assert studio.page.get_attribute("html", "lang") == "zh-CN"
    assert studio.page.text_content("#tab-say") == "描述"
    studio.say("一个人向前走")
    assert studio.page.text_content(".status .words").startswith("完成")
    studio.page.click("header button:has-text('EN')")
    assert studio.page.text_content("#tab-say") == "Say"
    studio.page.reload()
    studio.page.wait_for_selector("#tab-say:has-text('Say')")  # the choice is kept
    studio.close()


def test_dark_and_light(visit):
    studio = visit(color_scheme="dark")
    background = "getComputedStyle(document.body).backgroundColor"
    dark = studio.page.evaluate(background)
    studio.page.click("[aria-label='Light or dark']")
    studio.page.wait_for_selector("html[data-theme=light]")
    assert studio.page.evaluate(background) != dark
    studio.page.reload()
    studio.page.wait_for_selector("html[data-theme=light]")  # the choice is kept
    studio.close()


def test_by_keys_alone(visit):
    studio = visit()
    for number, mode in enumerate(MODES, 1):
        if mode != "say":
            studio.press(str(number))
        assert studio.page.get_attribute(f"#tab-{mode}", "aria-selected") == "true"
    studio.press("1", "/")
    studio.page.keyboard.type("a person walks")
    studio.done(lambda: studio.page.keyboard.press("Control+Enter"))
    assert studio.page.text_content(".caption .said") == "a person walks"
    studio.press("?")
    assert studio.page.locator("dialog kbd").count() > 10
    studio.page.keyboard.press("Escape")
    studio.until("!document.querySelector('dialog')")
    studio.page.focus("#tab-say")
    studio.page.keyboard.press("ArrowDown")
    assert studio.page.get_attribute("#tab-speech", "aria-selected") == "true"
    studio.close()


def test_a_recording_is_used(launch, address, voice):
    """With a microphone that plays a file."""
    chromium = launch(
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={voice}",
    )
    studio = Visitor(chromium, address)
    panel = studio.open("speech")
    panel.locator("button:has-text('Record')").click()
    panel.locator("button:has-text('Stop')").wait_for()
    studio.page.wait_for_timeout(2500)
    studio.done(lambda: panel.locator("button:has-text('Stop')").click())
    assert panel.locator("input[readonly]").input_value().startswith("recording.wav")
    assert "Voice" in studio.rows()
    studio.close()
    chromium.close()


def test_how_fast_it_is(visit, capsys):
    """First paint, frames a second while a body plays, and a prompt's way to the stage: printed, for docs/studio.md."""
    studio = visit(reduced_motion="no-preference")
    paint = studio.page.evaluate(PAINT)
    told = studio.say("a person walks forward")
    studio.page.wait_for_timeout(2500)
    frames = studio.page.evaluate(FRAMES)
    with capsys.disabled():
        print(f"\nfirst paint {paint:.0f} ms; {told}; {frames:.0f} frames a second, drawn by software")
    assert paint > 0
    assert frames > 0
    studio.close()
