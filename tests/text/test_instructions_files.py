"""Files of one's own: a right one is taken, a wrong one refused with its place."""

import copy
import json

import numpy as np
import pytest

from motionary.errors import FormatError, InputError
from motionary.text.instructions import Instructions, Slot, check
from motionary.text.instructions.catalogue import SHIPPED
from motionary.text.instructions.schema import Checker, normal

OWN = {
    "about": {"licence": "CC0-1.0", "provenance": "Written for a test."},
    "tasks": {
        "motion_to_text": {
            "title": {"en": "motion to text", "zh": "动作到文字"},
            "inputs": ["motion"],
            "outputs": ["caption"],
            "optional": ["parts", "seconds"],
            "templates": {"en": ["What on earth is {motion}?"], "zh": ["{motion}到底是什么？"]},
            "answers": {"en": ["It shows {caption}."], "zh": ["这是{caption}。"]},
        },
        "restyle": {
            "title": {"en": "x", "zh": "x"},
            "inputs": ["motion", "style"],
            "outputs": ["motion"],
            "optional": ["parts", "seconds"],
            "templates": {"en": ["{motion}, {style}!"], "zh": ["{motion}，要{style}！"]},
        },
    },
}


@pytest.fixture
def write(tmp_path):
    def write(content):
        path = tmp_path / "own.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    return write


def test_a_file_of_ones_own_is_drawn_from(write, rng):
    path = write(OWN)
    own = Instructions.load(path)
    prompt = own.draw("motion_to_text", "zh", rng, caption="挥手")
    assert prompt.pieces == (Slot("motion", "upper"), Slot("motion", "lower"), "到底是什么？")
    assert prompt.answer == ("这是挥手。",)
    assert own.said("style", "tired", "zh") == "疲倦"
    report = check(path)
    assert (report.total, report.share("zh")) == (4, 0.5)
    with pytest.raises(InputError, match="no instructions for the task 'text_to_motion'; there are motion_to_text"):
        own.draw("text_to_motion", "zh", rng, caption="挥手")


def test_joined_with_those_that_ship(write):
    content = copy.deepcopy(OWN)
    content["labels"] = {"style": {"tired": {"en": "worn out", "zh": "累坏了"}, "icy": {"en": "icy", "zh": "冰冷"}}}
    content["tasks"]["restyle"]["templates"]["en"].append("Make {motion} LOOK {style}!")  # ships, but for case
    shipped = Instructions.load()
    both = shipped.joined(Instructions.load(write(content)))
    assert list(both.tasks) == list(shipped.tasks)
    more = {
        name: len(both.tasks[name].templates["en"]) - len(shipped.tasks[name].templates["en"]) for name in both.tasks
    }
    assert {name: count for name, count in more.items() if count} == {"motion_to_text": 1, "restyle": 1}
    assert [both.said("style", label, "en") for label in ("tired", "icy", "old")] == ["worn out", "icy", "old"]
    drawn = {str(both.draw("restyle", "en", np.random.default_rng(s), style="icy")) for s in range(200)}
    assert "<motion.upper><motion.lower>, icy!" in drawn
    assert len(drawn) > 15


def refused(path, message):
    with pytest.raises(FormatError, match=message) as caught:
        check(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        ("tasks.fly", {}, "task 'fly': is not known; tasks are audio_to_motion"),
        ("tasks", {}, "tasks: holds none"),
        ("tasks", [], "tasks: must be an object; got list"),
        ("extra", 1, "unknown: extra"),
        ("about", {"licence": "x"}, "about: missing: provenance"),
        ("about.licence", " ", "about.licence: must be a text"),
        ("tasks.restyle.more", 1, "task 'restyle': unknown: more"),
        ("tasks.restyle.title", {"en": "x"}, "title: missing: zh"),
        ("tasks.restyle.inputs", ["motion"], r"must stay: inputs \['motion', 'style'\]; outputs \['motion'\]; opt"),
        ("tasks.restyle.inputs", ["legs"], "inputs: must be a list of names out of after, audio"),
        ("tasks.restyle.inputs", [["motion"]], "inputs: must be a list of names"),
        ("tasks.restyle.outputs", ["motion", "motion"], "outputs: holds a name twice"),
        ("tasks.restyle.templates", {"en": ["{motion} {style}"]}, "task 'restyle', templates: missing: zh"),
        ("tasks.restyle.templates.fr", ["x"], "templates: unknown: fr"),
        ("tasks.motion_to_text.answers.en", ["{caption} {motion}"], "answers, en, template 1: placeholder {motion}"),
        ("tasks.motion_to_text.answers.zh", ["好"], "placeholder {caption} is missing"),
        ("labels", {"mood": {}}, "labels: unknown: mood"),
        ("labels", {"style": {"x": {"en": "x"}}}, "labels.style.x: missing: zh"),
        ("labels", {"style": {n: {"en": "x", "zh": n} for n in "xy"}}, "style.y, en: 'x' is another label's too"),
    ],
)  # fmt: skip
def test_wrong_files_are_refused_with_their_place(write, place, value, message):
    content = copy.deepcopy(OWN)
    *above, last = place.split(".")
    inner = content
    for key in above:
        inner = inner[key]
    inner[last] = value
    refused(write(content), message)


@pytest.mark.parametrize(
    ("language", "templates", "message"),
    [
        ("en", [], "task 'restyle', en: must be a list of at least 1 template"),
        ("en", "{motion} {style}", "must be a list of at least"),
        ("en", ["{motion}, {style}!", "Do it."], "en, template 2: placeholder {motion} is miss"),
        ("en", ["{motion} {style} {colour}"], "placeholder {colour} is not allowed here; allowed"),
        ("en", ["{motion} {style} {style}"], "placeholder {style} stands twice"),
        ("en", ["{motion} {style} {Parts}"], "a brace that belongs to no placeholder"),
        ("en", ["{motion} {style} {"], "a brace that belongs to no placeholder"),
        ("en", ["Play {motion} as a {style} man."], "'a' or 'an' before a placeholder"),
        ("en", ["{motion}变得{style}"], "English templates hold no Chinese"),
        ("zh", ["make {motion} {style}"], "Chinese ones do"),
        ("en", ["{motion}  {style}"], "without double spaces"),
        ("en", ["{motion} {style}" + "x" * 300], "a text of 1 to 300 letters"),
        ("en", [7], "en, template 1: must be a text"),
        ("en", ["Do {motion} {style}.", "Please do {motion}, {style}"], "same as .* template 1, but"),
        ("zh", ["让{motion}{style}。", "请让{motion}，{style}"], "task 'restyle', zh, template 2: is the same as"),
    ],
)  # fmt: skip
def test_wrong_templates_are_refused_with_their_place(write, language, templates, message):
    content = copy.deepcopy(OWN)
    content["tasks"]["restyle"]["templates"][language] = templates
    refused(write(content), message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "must be an object; got list"),
        ('{"about": {}, "about": {}, "tasks": {}}', "key 'about': stands twice"),
    ],
)
def test_what_is_no_json_object_is_refused(write, text, message):
    with pytest.raises(FormatError, match=message):
        Instructions.load(write(text))


def test_other_files_are_refused(tmp_path, write):
    with pytest.raises(InputError, match="does not exist"):
        check(tmp_path / "nothing.json")
    path = write("")
    path.write_bytes("动作".encode("gb18030"))
    with pytest.raises(FormatError, match="not UTF-8"):
        check(path)


def test_the_file_that_ships_needs_more_templates(write):
    content = json.loads(SHIPPED.read_text(encoding="utf-8"))
    content["tasks"]["restyle"]["templates"]["zh"] = content["tasks"]["restyle"]["templates"]["zh"][:11]
    with pytest.raises(FormatError, match="task 'restyle', zh: must be a list of at least 12 templates"):
        Checker(write(content), None, 12).read()
    assert check(write(content)).total == check().total - 10


def test_two_tasks_must_not_share_an_instruction(write):
    content = json.loads(SHIPPED.read_text(encoding="utf-8"))
    stolen = content["tasks"]["prefix_to_rest"]["templates"]["en"][3]
    content["tasks"]["extension"]["optional"] = ["parts", "frames"]
    content["tasks"]["extension"]["inputs"] = ["before"]
    content["tasks"]["extension"]["templates"] = {"en": [f"Please, {stolen.lower()}"], "zh": ["续{before}"]}
    with pytest.raises(FormatError, match="'extension', en, template 1: is the same as task 'prefix_to_rest', en"):
        Checker(write(content), None, 1).read()


def test_what_makes_no_difference():
    assert normal("Please make {motion}  more {style}.") == normal("make {motion} MORE {style}!")
    assert normal("请让{motion}更{style}。") == normal("让{motion}，更{style}")
    assert normal("Make {motion} {style}") != normal("Make {style} {motion}")
    assert normal("{caption}") == "{caption}"
