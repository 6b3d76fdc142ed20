"""Words become a moving body: the stage, the timeline, several prompts, samples, history and errors."""

from __future__ import annotations

import json
import struct

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def test_a_prompt_becomes_a_body_that_plays(visit):
    studio = visit()
    empty = studio.picture()
    assert studio.say("a person walks forward").startswith("Done in")
    assert studio.rows() == {"Motion": ["a person walks forward"]}
    assert studio.time() == 0  # as this visitor wishes; see visiting
    studio.press(" ")
    before = studio.time()
    studio.until(f"Number(document.querySelector('.ruler').getAttribute('aria-valuenow')) != {before}")
    studio.pause()
    still = studio.picture()
    assert still != empty
    assert studio.picture() == still
    studio.press("Home")
    assert studio.time() == 0
    studio.press("ArrowRight", "ArrowRight", "ArrowLeft")
    assert studio.time() == pytest.approx(1 / 30, abs=0.01)
    studio.close()


def test_looks_at_the_body_in_many_ways(visit):
    studio = visit()
    studio.say("a person walks forward")
    studio.pause()
    studio.press("Home")
    plain = studio.picture()
    for key, name in (("k", "Skeleton"), ("g", "Ghost trail"), ("p", "Way of the hips")):
        button = studio.page.get_by_role("button", name=name)
        was = button.get_attribute("aria-pressed")
        studio.press(key)
        assert button.get_attribute("aria-pressed") != was
        assert studio.picture() != plain
        studio.press(key)
    assert studio.picture() == plain
    box = studio.page.locator(".canvas").bounding_box()
    studio.page.mouse.move(box["x"] + 200, box["y"] + 200)
    studio.page.mouse.down()
    studio.page.mouse.move(box["x"] + 330, box["y"] + 210, steps=4)
    studio.page.mouse.up()
    assert studio.picture() != plain  # orbited
    studio.press("f")
    assert studio.picture() == plain
    studio.close()


def test_scrub_speed_and_loop(visit):
    studio = visit()
    studio.say("a person walks forward")
    studio.pause()
    ruler = studio.page.locator(".ruler").bounding_box()
    studio.page.mouse.click(ruler["x"] + ruler["width"] / 2, ruler["y"] + 8)
    seconds = float(studio.page.get_attribute(".ruler", "aria-valuemax"))
    assert studio.time() == pytest.approx(seconds / 2, abs=0.06)
    studio.page.keyboard.press("End")
    assert studio.time() == pytest.approx(seconds)
    studio.press("l")
    studio.page.select_option("[aria-label=Speed]", "2")
    studio.press(" ")
    studio.page.wait_for_selector(".play[aria-label=Play]")  # no loop: it stops by itself
    assert studio.time() == pytest.approx(seconds)
    studio.close()


def test_samples_stand_side_by_side(visit):
    studio = visit()
    studio.page.click("#panel-say .choose label:has(input[value='3'])")
    studio.say("a person walks forward")
    studio.until("document.querySelectorAll('.tag:not([hidden])').length === 3")
    assert studio.page.locator(".samples button").all_text_contents() == ["1", "2", "3"]
    studio.page.click(".samples button >> nth=2")
    assert "seed 2" in studio.page.text_content(".caption .facts")
    studio.close()


def test_several_prompts_are_one_timeline(visit):
    studio = visit()
    page = studio.page
    page.fill("#panel-say textarea", "a person walks forward")
    page.click("text=Then something else")
    page.fill("#panel-say textarea >> nth=1", "a person waves")
    page.fill("#panel-say .seconds >> nth=0", "2")
    page.fill("#panel-say .seconds >> nth=1", "3")
    studio.done(lambda: page.click("#panel-say .main"))
    page.wait_for_selector(".block.movable >> nth=1")
    assert studio.rows() == {"Motion": ["a person walks forward", "a person waves"]}
    studio.until("Math.abs(document.querySelector('.ruler').getAttribute('aria-valuemax') - 5) < 0.2")

    first, second = (page.locator(".block").nth(k).bounding_box() for k in (0, 1))
    studio.done(lambda: drag(page, first["x"] + 20, second["x"] + second["width"] - 15, first["y"] + 12))
    studio.until("document.querySelector('.block').textContent === 'a person waves'")
    assert page.input_value("#panel-say textarea >> nth=0") == "a person waves"

    edge, after = (page.locator(".block").nth(k).bounding_box() for k in (0, 1))
    assert after["x"] == pytest.approx(edge["x"] + edge["width"], abs=1)  # one ends where the next begins
    right = edge["x"] + edge["width"]
    studio.done(lambda: drag(page, right - 4, right - 120, edge["y"] + 12))
    assert float(page.input_value("#panel-say .seconds >> nth=0")) < 2.8

    page.focus("#panel-say .handle >> nth=0")
    page.keyboard.press("ArrowDown")
    assert page.input_value("#panel-say textarea >> nth=0") == "a person walks forward"
    studio.close()


def drag(page, start: float, end: float, height: float) -> None:
    page.mouse.move(start, height)
    page.mouse.down()
    page.mouse.move((start + end) / 2, height, steps=4)
    page.mouse.move(end, height, steps=4)
    page.mouse.up()


def test_undo_redo_history_and_the_address(visit):
    studio = visit()
    for prompt in ("a person walks", "a person waves"):
        studio.say(prompt)
    studio.press("Control+z")
    said = lambda: studio.page.text_content(".caption .said")  # noqa: E731
    assert said() == "a person walks"
    studio.press("Control+y")
    assert said() == "a person waves"
    studio.page.click("[aria-label='Earlier results']")
    studio.page.click(".sheet .what >> nth=1")
    assert said() == "a person walks"
    studio.page.reload()
    studio.page.wait_for_selector(".caption .said:has-text('a person walks')")
    studio.close()


def test_downloads_are_files(visit, tmp_path):
    studio = visit()
    studio.say("a person walks")
    for name in ("GLB", "BVH", "NPZ"):
        studio.page.click("[aria-label=Download]")
        with studio.page.expect_download() as waiting:
            studio.page.click(f".sheet a:has-text('{name}')")
        waiting.value.save_as(tmp_path / f"walk.{name.lower()}")
    glb = (tmp_path / "walk.glb").read_bytes()
    (length,) = struct.unpack_from("<I", glb, 12)
    assert json.loads(glb[20 : 20 + length])["animations"]
    assert (tmp_path / "walk.bvh").read_text().startswith("HIERARCHY")
    assert (tmp_path / "walk.npz").stat().st_size > 1000
    studio.close()


def test_what_is_wrong_stands_beside_its_field(visit):
    studio = visit()
    page = studio.page
    page.click("#panel-say .main")
    assert page.text_content("#panel-say .wrong >> nth=0") == "Say first what the body does."
    page.fill("#panel-say textarea", "a person walks")
    page.fill("#panel-say input[type=number] >> nth=0", "600")
    page.click("#panel-say .main")
    page.wait_for_selector("#panel-say input[aria-invalid=true]")
    told = page.get_attribute("#panel-say input[aria-invalid=true]", "aria-describedby")
    wrong = page.locator(f"#{told}")
    assert "60" in wrong.text_content()
    page.fill("#panel-say input[type=number] >> nth=0", "2")
    assert wrong.text_content() == ""
    page.context.set_offline(True)
    page.click("#panel-say .main")
    page.wait_for_selector(".status[data-kind=wrong]")
    assert "does not answer" in page.text_content(".status .words")
    assert page.locator("#panel-say .wrong:not(:empty)").count() == 0  # no field is at fault
    studio.close()
