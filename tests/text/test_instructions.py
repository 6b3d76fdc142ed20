"""The instructions that ship: enough, in both languages, all different; drawn and filled without strings of ids."""

import json
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from motionary import cli
from motionary.errors import InputError
from motionary.text.instructions import Instructions, Slot, check, verbalise
from motionary.text.instructions.prompt import PLACEHOLDER, STREAMS, WORDS
from motionary.text.instructions.schema import LANGUAGES

SHIPPED = Instructions.load()
TASKS = sorted(SHIPPED.tasks)
FILL = {
    "caption": "a person waves.", "transcript": "good morning", "emotion": "anger", "style": "tired", "seconds": 2.5,
    "frames": 120,
}  # fmt: skip
#: The tasks of The Language of Motion, with the names of the parts as they are here.
PUBLISHED = [
    *(f"audio_to_{part}" for part in ("motion", "upper", "lower", "hands", "face")), "audio_transcript_to_motion",
    *(f"text_to_{part}" for part in ("motion", "upper", "lower")), "emotion_to_motion", "motion_to_emotion",
    "motion_to_text", "parts_to_parts", "masked_to_full", "prefix_to_rest", "audio_to_transcript",
    "transcript_to_audio",
]  # fmt: skip


def test_the_command_counts(capsys: pytest.CaptureFixture[str], tmp_path):
    with pytest.raises(SystemExit) as ended:
        cli.main(["language", "instructions", "--json"])
    assert not ended.value.code
    told = json.loads(capsys.readouterr().out)
    assert told["total"] == sum(sum(row.values()) for row in told["tasks"].values()) == check().total
    with pytest.raises(SystemExit) as ended:
        cli.main(["language", "instructions", str(tmp_path / "none.json")])
    assert ended.value.code == 2


def test_there_are_enough_in_both_languages():
    report = check()
    assert report.total >= 1000
    assert report.share("zh") >= 0.35
    assert min(min(row.values()) for row in report.counts.values()) >= 12
    assert set(PUBLISHED) < set(report.counts)
    assert {"style_to_motion", "motion_to_style", "in_between", "extension", "spoken_to_motion"} < set(report.counts)
    assert f"{report.total} instructions of {len(TASKS)} tasks: en 50%, zh 50%" in str(report)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_differ_by_a_word_alone(language):
    """Two instructions of a task share at most three quarters of their words (Chinese: pairs of characters)."""
    for task in SHIPPED.tasks.values():
        words = [vocabulary(template, language) for template in task.templates[language]]
        for one, other in combinations(range(len(words)), 2):
            shared = len(words[one] & words[other]) / len(words[one] | words[other])
            assert shared < 0.75, (task.templates[language][one], task.templates[language][other])


def vocabulary(template, language):
    plain = PLACEHOLDER.sub(" ", template.lower())
    if language == "en":
        return set(plain.replace(",", " ").replace(".", " ").split()) | {"_"}
    return {plain[at : at + 2] for at in range(len(plain) - 1)}


@pytest.mark.parametrize("task", TASKS)
def test_every_template_can_be_drawn(task):
    """Everything given, every template comes; its slots are its streams, in its order, and no braces are left."""
    known = SHIPPED.tasks[task]
    for language in LANGUAGES:
        rng = np.random.default_rng(0)
        drawn = [SHIPPED.draw(task, language, rng, parts=["lower"], given=["upper"], **FILL) for _ in range(300)]
        assert {frozenset(slots(prompt.pieces)) for prompt in drawn} == {
            frozenset(Slot(name, "" if name == "audio" else "upper") for name in names if name in STREAMS)
            for names in map(PLACEHOLDER.findall, known.templates[language])
        }
        assert len({str(prompt) for prompt in drawn}) >= len(known.templates[language])
        assert not any("{" in str(prompt) or "}" in str(prompt) for prompt in drawn)
        for prompt in drawn:
            assert not any(isinstance(a, str) and isinstance(b, str) for a, b in pairwise(prompt.pieces))


def slots(pieces):
    return [piece for piece in pieces if isinstance(piece, Slot)]


@pytest.mark.parametrize(
    ("task", "answer"),
    [
        ("text_to_motion", (Slot("motion", "hands"), Slot("motion", "lower"))),
        ("text_to_upper", (Slot("motion", "upper"),)),
        ("audio_to_face", (Slot("motion", "face"),)),
        ("motion_to_emotion", ("愤怒",)),
        ("motion_to_style", ("疲倦",)),
        ("motion_to_text", ("a person waves.",)),
        ("transcript_to_audio", (Slot("audio"),)),
        ("audio_to_transcript", ("good morning",)),
    ],
)
def test_answers(task, answer):
    prompt = SHIPPED.draw(task, "zh", np.random.default_rng(0), parts=["hands", "lower"], **FILL)
    assert (prompt.task, prompt.language, prompt.answer) == (task, "zh", answer)


def test_given_parts_become_a_slot_each():
    rng = np.random.default_rng(0)
    prompt = SHIPPED.draw("parts_to_parts", "en", rng, given=["face", "upper"], parts=["lower"], need=["given_parts"])
    assert slots(prompt.pieces) == [Slot("given", "face"), Slot("given", "upper")]
    assert "the face and the upper body" in str(prompt).lower()
    assert "the lower body" in str(prompt)


@pytest.mark.parametrize(("language", "marks"), [("en", '""'), ("zh", "“”")])
def test_captions_are_quoted_half_of_the_time(language, marks, rng):
    texts = [str(SHIPPED.draw("text_to_motion", language, rng, caption="a person waves.")) for _ in range(400)]
    quoted = [text for text in texts if f"{marks[0]}a person waves{marks[1]}" in text]
    assert np.mean([text in quoted for text in texts]) == pytest.approx(0.5, abs=0.07)
    assert all("a person waves" in text and "waves.." not in text and "waves.。" not in text for text in texts)


def test_labels_are_said_in_the_language(rng):
    for language, word in (("en", "swaggering"), ("zh", "流里流气")):
        assert word in str(SHIPPED.draw("style_to_motion", language, rng, style="chimpira"))
    assert "sleepy" in str(SHIPPED.draw("style_to_motion", "en", rng, style="sleepy"))
    assert SHIPPED.said("emotion", "fear", "zh") == "恐惧"
    for rows in SHIPPED.labels.values():
        for language in LANGUAGES:
            assert len({row[language] for row in rows.values()}) == len(rows)


def test_needed_placeholders_are_there_and_missing_ones_are_not(rng):
    for _ in range(30):
        told = str(SHIPPED.draw("text_to_motion", "en", rng, need=["frames"], **FILL))
        assert "120 frames" in told or "one hundred and twenty frames" in told
        assert "second" not in str(SHIPPED.draw("text_to_motion", "en", rng, caption="x"))


def test_the_same_seed_draws_the_same():
    one, other = ([SHIPPED.draw("restyle", "zh", np.random.default_rng(s), **FILL) for s in range(9)] for _ in range(2))
    assert one == other
    assert len(set(map(str, one))) > 4


@pytest.mark.parametrize(
    ("task", "language", "words", "message"),
    [
        ("fly", "en", {}, "no instructions for the task 'fly'; there are audio_to_motion"),
        ("text_to_motion", "fr", {"caption": "x"}, "language must be one of en, zh"),
        ("text_to_motion", "en", {}, "needs caption"),
        ("motion_to_style", "en", {}, "needs style"),
        ("extension", "en", {}, "needs seconds"),
        ("text_to_motion", "en", {"caption": " "}, "caption must be a text"),
        ("text_to_motion", "en", {"caption": "x" * 2001}, "caption must be a text of 1 to 2000"),
        ("text_to_motion", "en", {"caption": 3}, "caption must be a text"),
        ("text_to_motion", "en", {"caption": "x", "colour": "red"}, "'colour' is nothing that can be filled in"),
        (
            "text_to_motion",
            "en",
            {"caption": "x", "need": ["emotion"]},
            "no template of 'text_to_motion' in 'en' ha",
        ),
        ("extension", "zh", {"seconds": -1}, "seconds must be a number from 0.05 to 9999"),
        ("extension", "zh", {"seconds": float("nan")}, "seconds must be a number"),
        ("parts_to_parts", "zh", {"parts": ["tail"]}, "parts must be one or more of face, hands, upper, lower"),
        ("parts_to_parts", "zh", {"parts": []}, "parts must be one or more"),
    ],
)
def test_what_cannot_be_filled_is_refused(task, language, words, message):
    with pytest.raises(InputError, match=message):
        SHIPPED.draw(task, language, np.random.default_rng(0), **words)


@given(st.integers(0, verbalise.LONGEST))
def test_numbers_are_read_back(value):
    assert read_chinese(verbalise.chinese_number(value)) == value
    assert read_english(verbalise.english_number(value)) == value


def read_chinese(text):
    total, digit = 0, 0
    for letter in text:
        if letter in "十百千":
            total += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[letter]
            digit = 0
        else:
            digit = "零一二三四五六七八九".index(letter)
    return total + digit


def read_english(text):
    total = part = 0
    for word in text.replace("-", " ").replace(" and ", " ").split():
        if word == "hundred":
            part *= 100
        elif word == "thousand":
            total, part = part * 1000, 0
        else:
            part += NUMBERS[word]
    return total + part


ONES = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen""".split()  # noqa: SIM905
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905
NUMBERS = {**{word: n for n, word in enumerate(ONES)}, **{word: 10 * n for n, word in enumerate(TENS, 2)}}


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0.5, ("0.5 seconds", "half a second", "0.5秒", "半秒")),
        (1, ("1 second", "one second", "1秒", "一秒")),
        (2.04, ("2 seconds", "two seconds", "2秒", "两秒")),
        (2.5, ("2.5 seconds", "two and a half seconds", "2.5秒", "两秒半")),
        (12.34, ("12.3 seconds", "twelve point three seconds", "12.3秒", "十二点三秒")),
    ],
)
def test_durations(value, told):
    assert tuple(verbalise.seconds(value, lang, words) for lang in LANGUAGES for words in (False, True)) == told


def test_frames():
    assert [verbalise.frames(n, "en", True) for n in (1, 120)] == ["one frame", "one hundred and twenty frames"]
    assert [verbalise.frames(n, "zh", True) for n in (2, 105)] == ["两帧", "一百零五帧"]
    assert verbalise.frames(30, "zh", False) == "30帧"
    for wrong in (0, 2.5, 10_000, True, "3"):
        with pytest.raises(InputError, match="frames must be"):
            verbalise.frames(wrong, "en", True)


def test_every_placeholder_is_used():
    used = {name for task in SHIPPED.tasks.values() for rows in task.templates.values() for row in rows
            for name in PLACEHOLDER.findall(row)}  # fmt: skip
    assert used == {*STREAMS, *WORDS}


def test_the_document_tells_the_tasks_as_they_are():
    """docs/instructions.md: a row a task, with two templates of each language; its count of instructions."""
    text = (Path(__file__).parents[2] / "docs" / "instructions.md").read_text(encoding="utf-8")
    assert f"{check().total:,} of them, all different, for {len(TASKS)} tasks" in text
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("| `")]
    found = {cells[0].strip("`"): cells for cells in rows if len(cells) == 5}
    assert list(found) == list(SHIPPED.tasks)
    for name, (_, *form, examples) in found.items():
        told = tuple(tuple(cell.replace("`", "").split(", ")) if cell != "-" else () for cell in form)
        assert told == SHIPPED.tasks[name].form, name
        shown = examples.split("<br>")
        assert len(shown) == 4
        for language, two in zip(LANGUAGES, (shown[:2], shown[2:]), strict=True):
            assert set(two) <= set(SHIPPED.tasks[name].templates[language]), two
    placeholders = {cells[0].strip("`{}"): cells[1].partition(": ")[2] for cells in rows if len(cells) == 2}
    assert placeholders == {**STREAMS, **WORDS}
