"""A whole study in a real browser, by keyboard and mouse, from the first screen to the analysis of the download."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import BOXES, CONTRAST, PICTURE, Rater
from simulated import small_study

from motionary.evaluation.study.analyse import analyse
from motionary.evaluation.study.ratings import read_key

api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install playwright")
pytestmark = [pytest.mark.slow, pytest.mark.browser]

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not CHROMIUM:
        pytest.skip("no Chromium on the path; install the package chromium")
    with api.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


def test_a_whole_study(browser, tmp_path):
    report = small_study(tmp_path)
    page, key = Path(report["page"]), read_key(Path(report["key"]))
    rater = Rater(browser, page)
    rater.page.click("#start button")
    assert "1 to 32" in rater.page.text_content("#problem")
    rater.page.fill("#rater", "anna-1")
    rater.page.click("#start button")
    assert "tick" in rater.page.text_content("#problem")
    rater.begin("anna-1")
    trials = rater.trials()
    assert len(trials) == report["pairs"] + report["repeats"] == 6
    for number, trial in enumerate(trials):
        assert rater.page.text_content("#count") == f"Pair {number + 1} of 6"
        assert rater.page.text_content("#words") == trial["prompt"]
        knowing = next(
            side for side in ("left", "right")
            if key.pairs[trial["id"]]["motions"][trial[side]]["system"] == "knowing"
        )  # fmt: skip
        if number % 2:
            rater.page.click(f"#meaning label:has(input[value={knowing}])")
            rater.page.click("#naturalness label:has(input[value=same])")
        else:
            rater.page.keyboard.press("1" if knowing == "left" else "3")
            rater.page.keyboard.press("2")
        assert rater.answers() == [f"meaning {knowing}", "naturalness same"]
        if number == 2:  # in the middle: the answers so far, and a reload
            early = rater.download("#save", tmp_path / "early.json")
            assert (early["complete"], len(early["trials"])) == (False, 3)
            rater.page.reload()
            assert rater.page.text_content("#count") == "Pair 3 of 6"
            assert rater.answers() == [f"meaning {knowing}", "naturalness same"]
        rater.page.keyboard.press("Enter") if number % 2 else rater.page.click("#next")
    rater.page.wait_for_selector("#end:not([hidden])")
    saved = rater.download("#save-end", tmp_path / "anna.json")
    rater.close(page)
    assert saved["name"] == f"ratings-{report['study']}-anna-1.json"
    assert (saved["complete"], saved["language"]) == (True, "en")
    assert [(one["pair"], one["left"], one["repeat"]) for one in saved["trials"]] == [
        (trial["id"], trial["left"], trial["repeat"]) for trial in trials
    ]
    found = analyse([tmp_path / "anna.json"], Path(report["key"]), draws=100)
    meaning = found["questions"]["meaning"]["all"]["contests"][0]
    assert (meaning["first"], meaning["votes"]) == ("knowing", {"first": 4, "same": 0, "second": 0})
    assert found["questions"]["naturalness"]["all"]["contests"][0]["votes"]["same"] == 4
    assert found["raters"][0]["consistent"] == found["raters"][0]["repeated"] == 4


def test_keys_and_going_back(browser, tmp_path):
    page = Path(small_study(tmp_path)["page"])
    rater = Rater(browser, page)
    rater.begin("k")
    press = rater.page.keyboard.press
    press("Enter")
    assert rater.page.text_content("#hint") == "Answer both questions to go on"
    assert rater.page.text_content("#count") == "Pair 1 of 6"
    press("ArrowDown")
    press("2")
    assert rater.answers() == ["naturalness same"]
    press("1")
    assert rater.answers() == ["meaning left", "naturalness same"]
    press("Enter")
    assert rater.page.text_content("#count") == "Pair 2 of 6"
    assert rater.answers() == []
    press("Backspace")
    assert rater.answers() == ["meaning left", "naturalness same"]
    press("3")
    assert rater.answers() == ["meaning right", "naturalness same"]
    # By Tab alone: the native keys of the controls keep their meaning.
    rater.page.focus("#pause")
    press("Space")
    assert rater.page.text_content("#pause") == "Play"
    rater.page.focus("#meaning input[value=left]")
    press("Space")
    assert rater.answers()[0] == "meaning left"
    assert rater.page.text_content("#pause") == "Play"
    rater.close(page)


def test_motions_play_pause_and_turn(browser, tmp_path):
    page = Path(small_study(tmp_path)["page"])
    rater = Rater(browser, page)
    rater.begin("p")
    picture = lambda: [rater.page.evaluate(PICTURE, f"{side}-stage") for side in ("left", "right")]  # noqa: E731
    rater.page.wait_for_timeout(150)
    before = picture()
    rater.page.wait_for_timeout(200)
    after = picture()
    assert before != after
    assert after[0] != after[1]
    rater.page.keyboard.press("Space")
    rater.page.wait_for_timeout(100)
    still = picture()
    rater.page.wait_for_timeout(200)
    assert picture() == still
    box = rater.page.locator("#left-stage").bounding_box()
    rater.page.mouse.move(box["x"] + 100, box["y"] + 100)
    rater.page.mouse.down()
    rater.page.mouse.move(box["x"] + 180, box["y"] + 90, steps=4)
    rater.page.mouse.up()
    rater.page.wait_for_timeout(100)
    turned = picture()
    assert turned[0] != still[0]
    assert turned[1] != still[1]  # one camera for both
    rater.page.click("#front")
    rater.page.wait_for_timeout(100)
    assert picture() == still
    rater.page.keyboard.press("r")
    assert rater.page.text_content("#pause") == "Pause"
    rater.close(page)


def test_languages_and_raters(browser, tmp_path):
    page = Path(small_study(tmp_path)["page"])
    rater = Rater(browser, page, locale="zh-CN")
    assert rater.page.text_content("#start button") == "开始"
    rater.begin("a")
    walks = next(i for i, trial in enumerate(rater.trials()) if trial["translation"])
    for _ in range(walks):
        for key in ("2", "2", "Enter"):
            rater.page.keyboard.press(key)
    assert rater.page.text_content("#translation") == "一个人向前走"
    rater.page.click("#language")
    assert rater.page.text_content("#next") == "Next"
    assert rater.page.text_content("#translation") == ""
    rater.page.reload()
    assert rater.page.text_content("#next") == "Next"  # the choice is kept
    first = rater.trials()
    for _ in range(6 - walks):
        for key in ("2", "2", "Enter"):
            rater.page.keyboard.press(key)
    rater.page.click("#other")
    rater.begin("b")
    assert rater.page.text_content("#count") == "Pair 1 of 6"
    assert [one["left"] for one in rater.trials()] != [one["left"] for one in first]
    rater.close(page)


def test_order_is_balanced_and_repeats_are_swapped(browser, tmp_path):
    page = Path(small_study(tmp_path)["page"])
    rater = Rater(browser, page)
    for pairs, repeats in ((84, 8), (4, 2), (3, 1), (1, 0)):
        firsts = []
        for code in range(40):
            plan = rater.page.evaluate(f"Order.plan({pairs}, {repeats}, 'study/{code}')")
            once = [trial for trial in plan if not trial["repeat"]]
            assert sorted(trial["pair"] for trial in once) == list(range(pairs))
            assert sum(trial["swap"] for trial in once) == pairs // 2
            assert len(plan) == pairs + repeats
            firsts.append((once[0]["pair"], once[0]["swap"]))
            for place, trial in enumerate(plan):
                if trial["repeat"]:
                    first = next(i for i, other in enumerate(plan) if other["pair"] == trial["pair"])
                    assert place - first >= 2
                    assert plan[first]["swap"] != trial["swap"]
        assert pairs == 1 or len(set(firsts)) > pairs // 4
    rater.close(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 720), (390, 844)])
def test_fits_reads_and_stands_still(browser, tmp_path, scheme, width, height):
    page = Path(small_study(tmp_path, contact="Ada, ada@example.org")["page"])
    rater = Rater(browser, page, color_scheme=scheme, viewport={"width": width, "height": height})

    def contrast() -> None:
        seen = rater.page.evaluate(CONTRAST)
        assert len(seen) > 5
        assert [row for row in seen if row[2] < 4.5] == []

    contrast()
    rater.begin("w")
    contrast()
    boxes = rater.page.evaluate(BOXES)
    assert boxes[-1][2] + boxes[-1][4] <= height  # nothing to scroll
    assert rater.page.evaluate("document.documentElement.scrollWidth") == width
    assert all(box[3] > 150 for box in boxes)
    rater.page.keyboard.press("Enter")  # a hint appears
    assert rater.page.evaluate(BOXES) == boxes
    for _ in range(6):
        rater.page.keyboard.press("1")
        assert rater.page.evaluate(BOXES) == boxes
        rater.page.keyboard.press("3")
        contrast()
        assert rater.page.evaluate(BOXES) == boxes
        rater.page.keyboard.press("Enter")
    contrast()
    rater.close(page)


def test_a_browser_that_keeps_nothing(browser, tmp_path):
    page = Path(small_study(tmp_path)["page"])
    rater = Rater(browser, page)
    rater.context.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } })")
    rater.page.reload()
    assert rater.page.is_visible("#forgetful")
    rater.begin("f")
    for key in ("1", "1", "Enter"):
        rater.page.keyboard.press(key)
    assert rater.page.text_content("#count") == "Pair 2 of 6"
    assert len(rater.download("#save", tmp_path / "kept.json")["trials"]) == 1
    rater.close(page)
