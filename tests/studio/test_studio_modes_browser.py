"""Every other mode, from its first click to its result, on the debug models."""

from __future__ import annotations

import json
import struct
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.browser]

SPOKEN = Path(__file__).parents[1] / "speech" / "spoken.flac"
LABELS = "start,end,label\n0,8,take_cup\n8,20,pour_coffee\n20,40,pour_milk\n40,50,stir_coffee\n"


def test_a_voice_moves_the_body(visit, voice):
    studio = visit()
    panel = studio.open("speech")
    studio.done(lambda: studio.page.set_input_files("#panel-speech input[type=file]", voice))
    studio.page.wait_for_selector(".lanes .row.wave canvas")
    assert list(studio.rows()) == ["Motion", "Voice"]
    studio.page.wait_for_selector("#panel-speech .note:has-text('stressed syllables')")
    panel.locator("input[maxlength='300']").fill("walks in a circle")
    studio.done(lambda: panel.locator(".main").click())
    studio.close()


def test_a_voice_is_obeyed(visit, voice):
    studio = visit()
    panel = studio.open("speech")
    panel.locator("label:has(input[value=follow])").click()
    studio.page.set_input_files("#panel-speech input[type=file]", voice)
    panel.locator(".wrong:not(:empty)").wait_for()  # syllables without words
    assert "no words" in panel.locator(".wrong:not(:empty)").text_content()
    studio.done(lambda: studio.page.set_input_files("#panel-speech input[type=file]", SPOKEN))
    studio.page.wait_for_selector(".caption .said:has-text('Heard:')")
    assert list(studio.rows()) == ["Motion"]
    studio.close()


def test_what_is_no_sound_is_refused_in_words(visit, tmp_path):
    studio = visit()
    studio.open("speech")
    (tmp_path / "not.wav").write_bytes(b"no sound at all")
    studio.page.set_input_files("#panel-speech input[type=file]", tmp_path / "not.wav")
    studio.page.wait_for_selector("#panel-speech .wrong:not(:empty)")
    assert len(studio.page.text_content("#panel-speech .wrong:not(:empty)")) > 10
    studio.close()


def test_a_part_and_a_span_are_edited_and_compared(visit):
    studio = visit()
    studio.say("a person walks forward")
    studio.pause()
    panel = studio.open("edit")
    studio.press("Home")
    plain = studio.picture()
    panel.locator(".limb[aria-label='Left arm']").click()
    assert panel.locator(".pick:has-text('Left arm')").get_attribute("aria-pressed") == "true"
    assert studio.picture() != plain  # the arm is coloured on the stage
    panel.locator("[aria-label='Keep Right leg as it is']").click()
    lane = studio.page.locator(".lanes .lane").first.bounding_box()
    studio.page.mouse.move(lane["x"] + lane["width"] * 0.2, lane["y"] + 10)
    studio.page.mouse.down()
    studio.page.mouse.move(lane["x"] + lane["width"] * 0.7, lane["y"] + 10, steps=5)
    studio.page.mouse.up()
    assert float(panel.locator("input[type=number]").nth(0).input_value()) > 0
    panel.locator("textarea").fill("raises the left hand")
    studio.done(lambda: panel.locator(".main").click())
    studio.page.wait_for_selector(".block.accent")
    assert studio.rows()["New"] == ["4 joints made anew"]
    studio.press("c")
    studio.until("document.querySelectorAll('.tag:not([hidden])').length === 2")
    assert sorted(studio.page.locator(".tag:not([hidden])").all_text_contents()) == ["After", "Before"]
    studio.press("Control+z")
    assert studio.page.text_content(".caption .said") == "a person walks forward"
    studio.close()


def test_two_poses_are_joined(visit):
    studio = visit()
    studio.say("a person walks forward")
    studio.pause()
    panel = studio.open("edit")
    panel.locator("text=Fill in between").click()
    assert "span" in panel.locator(".wrong:not(:empty)").text_content()
    studio.press("Home", *["ArrowRight"] * 6, "i", *["ArrowRight"] * 20, "o")
    studio.done(lambda: panel.locator("text=Fill in between").click())
    studio.page.wait_for_selector(".block.accent")
    assert studio.rows()["New"] == ["22 joints made anew"]
    studio.close()


def test_what_is_wrong_with_an_edit_stands_beside_its_field(visit):
    studio = visit()
    studio.say("a person walks forward")
    studio.pause()
    panel = studio.open("edit")
    wrong = panel.locator(".field", has=studio.page.locator(".wrong:not(:empty)"))
    panel.locator("textarea").fill("waves")
    panel.locator("input[type=number]").nth(1).fill("0.05")  # the span's end
    panel.locator(".main").click()
    wrong.wait_for()
    assert wrong.locator("label").all_text_contents() == ["From (s)"]
    assert "between 0s 0.05s" in wrong.text_content()
    studio.press("Escape")
    panel.locator("details input").nth(0).evaluate("input => { input.value = 99; }")  # longer, which is folded away
    panel.locator(".main").click()
    panel.locator("details .wrong:not(:empty)").wait_for()
    assert panel.locator("details[open]").count() == 1
    assert wrong.count() == 1
    studio.close()


def test_the_body_itself_can_be_clicked(visit):
    studio = visit()
    studio.say("a person walks forward")
    studio.pause()
    panel = studio.open("edit")
    studio.press("Home", "f")
    studio.picture()
    box = studio.page.locator(".canvas").bounding_box()
    for step in range(8, 25):  # down the middle of the stage, until the body is met
        studio.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] * step / 28)
        if panel.locator(".pick[aria-pressed=true]").count():
            break
    assert panel.locator(".pick[aria-pressed=true]").count() == 1
    studio.close()


def test_a_file_is_understood(visit, tmp_path, walker):
    from motionary import formats

    formats.write(walker, tmp_path / "walk.bvh")
    studio = visit()
    panel = studio.open("understand")
    studio.page.set_input_files("#panel-understand input[type=file]", tmp_path / "walk.bvh")
    panel.locator(".bar").first.wait_for()
    assert panel.locator(".entry").count() >= 1
    assert panel.locator(".bars .bar").count() >= 5
    assert studio.rows()["Motion"][0] == panel.locator(".entry span").first.text_content()
    assert "Style" in studio.rows()
    (tmp_path / "broken.bvh").write_text("HIERARCHY\nROOT")
    studio.page.set_input_files("#panel-understand input[type=file]", tmp_path / "broken.bvh")
    panel.locator(".wrong:not(:empty)").wait_for()
    assert "line" in panel.locator(".wrong:not(:empty)").text_content()
    studio.close()


def test_definitions_are_shown_changed_and_compared(visit):
    studio = visit()
    panel = studio.open("knowledge")
    panel.locator("textarea").first.fill("a person does a handstand")
    card = panel.locator(".card", has_text="handstand")
    card.wait_for()
    assert "hands" in card.locator("textarea").input_value()
    card.locator("textarea").fill("The hands stand on the ground. The feet are above the head.")
    assert card.locator(".badge").is_visible()
    studio.done(lambda: panel.locator(".main").click())
    panel.locator(".note:has-text('Told to the model')").or_(
        panel.locator(".note:has-text('Nothing was told')")
    ).wait_for()
    panel.locator("text=Compare with and without").click()
    studio.until("document.querySelectorAll('.tag:not([hidden])').length === 2")
    assert studio.page.locator(".samples button").all_text_contents() == ["With", "Without"]
    studio.close()


def test_labels_are_continued(visit, tmp_path):
    (tmp_path / "coffee.csv").write_text(LABELS)
    studio = visit()
    panel = studio.open("anticipate")
    studio.done(lambda: studio.page.set_input_files("#panel-anticipate input[type=file]", tmp_path / "coffee.csv"))
    panel.locator(".bar").first.wait_for()
    rows = studio.rows()
    assert rows["True"] == ["take_cup", "pour_coffee", "pour_coffee", "pour_milk", "stir_coffee"]
    assert rows["Predicted"][:2] == ["take_cup", "pour_coffee"]
    assert len(rows["Predicted"]) > 2
    assert "Probability" in rows
    assert studio.page.locator(".over-stage .bar").count() >= 1
    studio.press("Home")
    assert studio.page.text_content(".caption .big") == "take_cup"
    range_ = panel.locator("input[type=range]")
    studio.done(lambda: range_.fill("0.6"))
    assert studio.page.text_content(".caption .facts >> nth=0") == "Predicted"
    studio.close()


def test_a_rig_wears_the_motion(visit, tmp_path):
    studio = visit()
    panel = studio.open("rig")
    studio.page.set_input_files("#panel-rig input[type=file]", standing(tmp_path / "hero.glb"))
    panel.locator("a.button").first.wait_for()
    elbow = panel.locator("select[aria-label='Bone for left_elbow']")
    assert elbow.input_value() == "mixamorig:LeftForeArm"
    elbow.select_option("")
    assert panel.locator("tr.missing").count() == 1
    panel.locator(".main").click()
    panel.locator(".wrong:not(:empty)").wait_for()
    assert "left_elbow" in panel.locator(".wrong:not(:empty)").first.text_content()
    elbow.select_option("mixamorig:LeftForeArm")
    studio.done(lambda: panel.locator(".main").click())
    with studio.page.expect_download() as waiting:
        panel.locator("a.button:has-text('GLB')").click()
    waiting.value.save_as(tmp_path / "moved.glb")
    names = [node.get("name") for node in document(tmp_path / "moved.glb")["nodes"]]
    assert "mixamorig:Hips" in names
    studio.close()


def standing(path: Path) -> Path:
    """A rig without an animation."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "formats"))
    from rigs import pack, rig

    described, data = rig()
    described.pop("animations", None)
    path.write_bytes(pack(described, data))
    return path


def document(path: Path) -> dict:
    data = path.read_bytes()
    (length,) = struct.unpack_from("<I", data, 12)
    return json.loads(data[20 : 20 + length])


def test_pairs_are_rated_blind(visit, tmp_path):
    studio = visit()
    panel = studio.open("study")
    panel.locator("textarea").fill("a person walks\na person waves")
    panel.locator(".main").click()
    for number in (1, 2):
        panel.locator(f"text=Pair {number} of 2").wait_for()
        studio.until("[...document.querySelectorAll('.tag:not([hidden])')].map((tag) => tag.textContent) == 'A,B'")
        panel.locator(".main").click()
        assert panel.locator(".wrong:not(:empty)").count() == 1
        studio.press("1")
        studio.press("2")
        assert panel.locator("input:checked").count() == 2
        panel.locator(".main").click()
    panel.locator("table").wait_for()
    counts = [int(text) for text in panel.locator("td").all_text_contents() if text.isdigit()]
    assert sum(counts[:3]) == sum(counts[3:]) == 2
    assert counts[4] == 2  # no difference in naturalness
    with studio.page.expect_download() as waiting:
        panel.locator("text=Save the answers").click()
    waiting.value.save_as(tmp_path / "pairs.json")
    assert [pair["answers"]["meaning"] for pair in json.loads((tmp_path / "pairs.json").read_text())["pairs"]] == [
        "left",
        "left",
    ]
    studio.close()
