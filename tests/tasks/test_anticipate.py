"""What happens next: observations of every kind, what is told about them, and what bad ones get."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from motionary import cli
from motionary.actions.dataset import ActionSet
from motionary.actions.forecast import BINS, Forecast, Question
from motionary.actions.rollout import Continuations
from motionary.actions.timeline import Timeline
from motionary.errors import CheckpointError, FormatError, InputError
from motionary.tasks import trained
from motionary.tasks.anticipate import anticipate
from motionary.tasks.anticipators import Model, fitted, load
from motionary.tasks.coming import leaving, sampled_coming, sampled_course
from motionary.tasks.labels import cleaned, nearest, numbers
from motionary.tasks.observed import at_rate
from motionary.tasks.outlook import outlook
from motionary.tasks.outlook_files import save

LABELS = ("take_cup", "pour_coffee", "pour_milk", "stir_coffee", "SIL")


def line(classes: list[int], lengths: list[int], fps: float = 10.0, name: str = "a") -> Timeline:
    return Timeline(name, np.array(classes), np.array(lengths), fps)


def kitchen() -> ActionSet:
    """Ten mornings: the cup for 3 to 5 s, coffee for 4 to 6 s, milk for 2 s, stirring for 5 s."""
    mornings = {
        f"P{k}": line([0, 1, 2, 3], [30 + 5 * (k % 5), 40 + 5 * (k % 5), 20, 50], name=f"P{k}") for k in range(10)
    }
    return ActionSet("mornings", LABELS, mornings)


@pytest.fixture(scope="module")
def model() -> Model:
    return fitted(kitchen())


class Asked:
    """An anticipator that keeps its questions and says what it was told to say."""

    def __init__(self, shares: np.ndarray | None = None) -> None:
        self.questions: list[Question] = []
        self.shares = shares

    def __call__(self, questions: list[Question]) -> list[Forecast]:
        self.questions += questions
        return [Forecast(np.full(one.frames, 3, np.int64), self.shares) for one in questions]


def asked_model(**more: object) -> tuple[Asked, Model]:
    asked = Asked(**more)  # type: ignore[arg-type]
    return asked, Model("asked", asked, LABELS, 10.0)


# What is told


def test_what_follows_is_told_with_when_and_how_surely(model):
    found = anticipate(line([0, 1], [40, 20]), 12.0, model)
    assert [one.label for one in found.segments] == ["pour_coffee", "pour_milk", "stir_coffee"]
    assert found.running == "pour_coffee"
    assert found.next.label == "pour_milk"
    # Coffee lasts 4, 4.5, 5, 5.5 or 6 s, 2 s of which have passed.
    assert 2.0 <= found.next.quantiles[0.1] <= 2.3
    assert found.next.quantiles[0.5] == pytest.approx(3.0, abs=0.3)
    assert 3.7 <= found.next.quantiles[0.9] <= 4.1
    assert found.next.seconds == found.next.quantiles[0.5]
    label, chance = found.next.alternatives[0]
    assert label == "pour_milk"
    assert chance > 0.97
    assert found.segments[0].start == pytest.approx(found.now)
    assert found.segments[-1].end == pytest.approx(found.now + 12.0)
    assert all(one.end == other.start for one, other in zip(found.segments, found.segments[1:], strict=False))
    assert next(iter(found.at(1.0))) == "pour_coffee"
    assert next(iter(found.at(11.9))) == "stir_coffee"
    assert found.at(12.5) == {}


def test_probabilities_of_a_segment_are_means_over_its_time():
    shares = np.zeros((BINS, 5), np.float32)
    shares[: BINS // 2, 1], shares[: BINS // 2, 3] = 0.8, 0.2
    shares[BINS // 2 :, 1], shares[BINS // 2 :, 3] = 0.4, 0.6
    frames = np.repeat([1, 3], [75, 25])
    found = outlook(Forecast(frames, shares), line([1], [10]), LABELS, "x")
    first, second = found.segments
    assert first.probability == pytest.approx((0.8 * 50 + 0.4 * 25) / 75)
    assert second.probability == pytest.approx(0.6)
    assert dict(second.alternatives) == pytest.approx({"pour_coffee": 0.4})
    # The running action is over with 20 % at once, with 60 % from the middle on, and may outlast the horizon.
    assert found.next.quantiles[0.1] == pytest.approx(0.05, abs=0.06)
    assert found.next.quantiles[0.5] == pytest.approx(5.0, abs=0.2)
    assert found.next.quantiles[0.9] is None


def test_what_is_next_is_not_mixed_up_with_what_comes_after_it():
    """From 0 to 1 in 70 % and 2 in 30 %, each for 3 s, then 3; probabilities of moments as drawn from that."""
    rng = np.random.default_rng(0)
    leaves, follows = rng.uniform(2, 18, 4000), np.where(rng.random(4000) < 0.7, 1, 2)
    at = (np.arange(BINS) + 0.5) * 20 / BINS
    states = np.where(at[:, None] < leaves, 0, np.where(at[:, None] < leaves + 3, follows, 3))
    shares = np.stack([(states == k).mean(axis=1) for k in range(5)], axis=1).astype(np.float32)
    left, chances = leaving(shares, 0)
    assert left[-1] == pytest.approx(1.0)
    assert chances[1] == pytest.approx(0.65, abs=0.08)
    assert chances[2] == pytest.approx(0.28, abs=0.05)
    assert chances.sum() == pytest.approx(1.0, abs=1e-6)


def test_sampled_futures_tell_the_next_action_exactly():
    """Five futures: three go to 1 after 2, 4 and 6 s, one to 2 after 3 s, one ends after 1 s."""
    classes = np.array([[[0, 1, 5], [0, 1, 3], [0, 1, 5], [0, 2, 1], [0, 5, 5]]])
    ends = np.array([[[20, 50, 50], [40, 60, 90], [60, 90, 90], [30, 60, 70], [10, 10, 10]]]) / 1.0
    weights = np.array([[0.2, 0.3, 0.1, 0.3, 0.1]])
    found = sampled_coming(Continuations(classes, ends, weights), 10.0, 5.0, LABELS)
    assert (found.label, found.seconds) == ("pour_coffee", 3.0)
    assert dict(found.alternatives) == pytest.approx({"pour_coffee": 0.5, "pour_milk": 0.3})
    assert found.quantiles == {0.1: 2.0, 0.25: 3.0, 0.5: 3.0, 0.75: 4.0, 0.9: None}
    lone = Continuations(classes[..., :1], ends[..., :1], weights)
    assert sampled_coming(lone, 10.0, 5.0, LABELS).label is None


def test_a_course_follows_the_most_futures_at_median_times():
    """To 1 after 2, 4 and 6 s of 10, to 2 after 3 s, one ends; of those in 1 most go on to 3 by 6 s."""
    classes = np.array([[[0, 1, 3, 5], [0, 1, 3, 5], [0, 1, 2, 5], [0, 2, 1, 5], [0, 5, 5, 5]]])
    ends = np.array([[[20, 40, 99, 99], [40, 60, 99, 99], [60, 99, 99, 99], [30, 40, 99, 99], [10, 10, 10, 10]]]) / 1.0
    futures = Continuations(classes, ends, np.array([[0.2, 0.3, 0.1, 0.3, 0.1]]))
    course = Timeline.of_frames("c", sampled_course(futures, 100, 5), 10.0)
    assert course.classes.tolist() == [0, 1, 3]
    assert course.lengths.tolist() == [30, 30, 40]  # half of the weight has left by 3 s, half of those in 1 by 6 s
    assert course.lengths[0] / 10 == sampled_coming(futures, 10.0, 10.0, LABELS).seconds
    assert set(sampled_course(futures, 29, 5)) == {0}
    ending = Continuations(classes[:, -1:], ends[:, -1:], np.ones((1, 1)))
    assert set(sampled_course(ending, 100, 5)) == {0}


def test_a_method_that_samples_is_asked_for_its_futures(model):
    class Sampling(Asked):
        def continuations(self, questions):
            classes, ends = np.array([[[1, 2], [1, 3]]]), np.array([[[10.0, 30.0], [20.0, 30.0]]])
            return Continuations(classes, ends, np.array([[0.9, 0.1]]))

    found = anticipate(line([1], [10]), 3.0, Model("s", Sampling(), LABELS, 10.0))
    assert (found.next.label, found.next.seconds) == ("pour_milk", 1.0)


def test_a_method_without_opinion_claims_no_certainty():
    _, model = asked_model()
    found = anticipate(line([1], [10]), 5.0, model)
    assert found.segments[0].probability is None
    assert (found.next.label, found.next.seconds, dict(found.next.quantiles)) == ("stir_coffee", 0.0, {})
    assert found.at(1.0) == {}
    assert found.as_dict()["shares"] == {}


def test_frames_of_which_nothing_is_said_are_in_no_segment():
    found = outlook(Forecast(np.repeat([1, -1, 3], [5, 5, 10])), line([1], [10]), LABELS, "x")
    assert [(one.label, one.start, one.end) for one in found.segments] == [
        ("pour_coffee", 1.0, 1.5),
        ("stir_coffee", 2.0, 3.0),
    ]
    assert found.next.seconds == pytest.approx(1.0)


# What is observed


@pytest.mark.parametrize("suffix", [".csv", ".json"])
def test_files_and_timelines_are_one(model, tmp_path, suffix):
    rows = [(0, 4, "Take cup"), (4, 6, "pour_coffee")]
    path = tmp_path / f"seen{suffix}"
    if suffix == ".csv":
        path.write_text("start,end,label\n" + "".join(f"{a},{b},{c}\n" for a, b, c in rows))
    else:
        path.write_text(json.dumps([dict(zip(("start", "end", "label"), row, strict=True)) for row in rows]))
    found = anticipate(path, 12.0, model)
    assert found.segments == anticipate(line([0, 1], [40, 20]), 12.0, model).segments


def test_labels_of_another_vocabulary_and_rate_are_brought_to_the_models():
    asked, model = asked_model()
    anticipate(line([1, 0], [120, 60], fps=30.0), 5.0, model, names=("pour coffee", "take-cup"))
    [question] = asked.questions
    assert question.observed.classes.tolist() == [0, 1]
    assert question.observed.lengths.tolist() == [40, 20]
    assert (question.observed.fps, question.frames, question.total) == (10.0, 50, None)


def test_now_and_total_are_passed_on():
    asked, model = asked_model()
    anticipate(line([0, 1], [40, 20]), 5.0, model, now=4.5, total=20.0)
    [question] = asked.questions
    assert question.observed.lengths.tolist() == [40, 5]
    assert question.total == 200


def test_scores_become_labels_and_go_along(tmp_path):
    asked, model = asked_model()
    scores = np.full((12, 5), 0.1)
    scores[:8, 0], scores[8:, 1] = 0.6, 0.6
    np.save(tmp_path / "scores.npy", scores)
    for source in (scores, tmp_path / "scores.npy"):
        anticipate(source, 5.0, model, rate=2.0)
        question = asked.questions.pop()
        assert question.observed.classes.tolist() == [0, 1]
        assert question.observed.lengths.tolist() == [40, 20]
        assert question.scores == pytest.approx(scores)
    anticipate(scores, 5.0, model, rate=2.0, now=3.0)
    assert asked.questions.pop().scores.shape == (6, 5)


def test_gaps_become_background_where_the_model_has_one(tmp_path):
    asked, model = asked_model()
    (tmp_path / "a.csv").write_text("0,2,take_cup\n2.5,4,pour_coffee\n9,10,pour_milk\n")
    anticipate(tmp_path / "a.csv", 5.0, model)
    observed = asked.questions.pop().observed
    assert [LABELS[k] for k in observed.classes] == ["take_cup", "pour_coffee", "SIL", "pour_milk"]
    assert observed.lengths.tolist() == [25, 15, 50, 10]


def test_rates_change_by_time():
    changed = at_rate(line([0, 1, 2], [3, 1, 7], fps=10.0), 3.0)
    assert changed.classes.tolist() == [0, 2]  # a tenth of a second is nothing at 3 a second
    assert len(changed) == round(1.1 * 3)
    with pytest.raises(InputError, match="less than a frame"):
        at_rate(line([0], [1], fps=30.0), 1.0)


# Bad input


@pytest.mark.parametrize("horizon", [0, -1, 3601, float("nan"), float("inf"), 0.01])
def test_horizons_out_of_range_are_refused(model, horizon):
    with pytest.raises(InputError, match="horizon"):
        anticipate(line([0], [10]), horizon, model)


def test_unknown_labels_are_refused_with_the_nearest(model):
    with pytest.raises(InputError, match=r"'pour_coffe' \(nearest: pour_coffee.*'juggle' \(known are take_cup"):
        anticipate(line([0, 1, 2], [9, 9, 9]), 5.0, model, names=("pour_coffe", "juggle", "take_cup"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("start,end,label\n", "empty"),
        ("0,4,take_cup\n3,5,pour_coffee\n", "begins at 3 s, before 'take_cup' ends at 4 s"),
        ("0,4,take_cup\n4,4,pour_coffee\n", "line 2.*an action starts at 0 or later and ends after"),
        ("0,4,take_cup\n4,x,pour_coffee\n", "line 2.*'x' is no time"),
    ],
)
def test_broken_segments_are_refused_with_their_place(model, tmp_path, text, said):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(FormatError, match=said):
        anticipate(tmp_path / "a.csv", 5.0, model)


def test_other_refusals(model, tmp_path):
    with pytest.raises(InputError, match="nothing is observed"):
        anticipate(line([], []), 5.0, model)
    with pytest.raises(InputError, match=r"row 2, label pour_milk: nan is no score"):
        anticipate(np.array([[1, 0, 0, 0, 0], [1, 0, np.nan, 0, 0]]), 5.0, model)
    with pytest.raises(InputError, match=r"\[rows, 5 labels of the model\]; it is \[3, 4\]"):
        anticipate(np.zeros((3, 4)), 5.0, model)
    with pytest.raises(InputError, match="at least one row"):
        anticipate(np.zeros((0, 5)), 5.0, model)
    with pytest.raises(InputError, match="--now must be within the 1"):
        anticipate(line([0], [10]), 5.0, model, now=7.0)
    with pytest.raises(InputError, match="--total must be more than"):
        anticipate(line([0], [10]), 5.0, model, total=1.0)
    (tmp_path / "a.npy").write_bytes(b"\x93NUMPY no")
    with pytest.raises(FormatError, match="no array of numbers"):
        anticipate(tmp_path / "a.npy", 5.0, model)
    np.save(tmp_path / "b.npy", np.array(["a"]))
    with pytest.raises(FormatError, match="array of numbers"):
        anticipate(tmp_path / "b.npy", 5.0, model)
    quiet_less = Model("m", Asked(), LABELS[:4], 10.0)
    (tmp_path / "a.csv").write_text("0,2,take_cup\n9,10,pour_milk\n")
    with pytest.raises(InputError, match="a gap of more than 1 s"):
        anticipate(tmp_path / "a.csv", 5.0, quiet_less)


def test_models_that_are_none(tmp_path):
    with pytest.raises(CheckpointError, match="no model that anticipates"):
        load(tmp_path / "nothing")
    kitchen().save(tmp_path / "set.json")
    assert load(tmp_path / "set.json").labels == LABELS
    with pytest.raises(InputError, match="no timelines"):
        fitted(ActionSet("none", LABELS, {}))
    mixed = ActionSet("two", LABELS, {"a": line([0], [5], 10.0), "b": line([0], [5], 15.0)})
    with pytest.raises(InputError, match="at 10, 15 frames a second"):
        fitted(mixed)


# Names of labels


def test_labels_are_read_as_words():
    assert cleaned("put_egg2plate") == "put egg to plate"
    assert cleaned("put_toppingOnTop") == "put topping on top"
    assert cleaned("  Cut--Tomato ") == "cut tomato"
    assert numbers(["POUR-coffee"], LABELS) == [1]


def test_nearness_counts_letters_and_words():
    known = ("cut_tomato", "place_tomato_into_bowl", "peel_cucumber", "add_oil")
    assert nearest("tomato_cut", known)[0] == "cut_tomato"
    assert nearest("place tomato bowl", known)[0] == "place_tomato_into_bowl"
    assert nearest("pel_cucumbr", known)[0] == "peel_cucumber"
    assert nearest("xyz", known) == []


# Files and the command


def test_files_hold_what_was_told(model, tmp_path):
    found = anticipate(line([0, 1], [40, 20]), 12.0, model)
    with save(found, tmp_path / "a.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["label"] for row in rows] == [one.label for one in found.segments]
    assert float(rows[1]["start"]) == pytest.approx(found.segments[1].start, abs=1e-3)
    assert float(rows[0]["probability"]) == pytest.approx(found.segments[0].probability, abs=1e-3)
    kept = json.loads(save(found, tmp_path / "a.json").read_text())
    assert kept == found.as_dict()
    assert len(kept["shares"]["pour_milk"]) == BINS
    cues = save(found, tmp_path / "a.srt").read_text().strip().split("\n\n")
    assert len(cues) == len(found.segments)
    assert cues[0].splitlines()[1].startswith("00:00:06,000 --> 00:00:09,")
    assert cues[1].splitlines()[2].startswith("pour milk (")
    with pytest.raises(InputError, match=r"one of \.csv, \.json, \.srt"):
        save(found, tmp_path / "a.txt")


Run = Callable[..., SimpleNamespace]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    kitchen().save(tmp_path / "mornings.json")
    (tmp_path / "seen.csv").write_text("0,4,take_cup\n4,6,pour_coffee\n")

    def call(*argv: object) -> SimpleNamespace:
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            cli.main(["anticipate", *map(str, argv)])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return SimpleNamespace(code=stopped.value.code or 0, out=out, err=err)

    return call


def test_the_command_tells_and_writes(run, tmp_path):
    done = run("seen.csv", "--horizon", "0:12", "--model", "mornings.json", "-o", "a.srt", "-o", "a.csv")
    assert done.code == 0
    assert done.out.startswith("now: pour coffee   next: pour milk (")
    assert "note: no trained network" in done.err
    assert (tmp_path / "a.srt").is_file()
    told = json.loads(run("seen.csv", "--horizon", "12s", "--model", "mornings.json", "--json").out)
    assert told["next"]["label"] == "pour_milk"
    assert told["files"] == []


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--model", "mornings.json"], "give a file of what was observed"),
        (["seen.csv", "--model", "mornings.json", "--horizon", "soon"], "'soon' is no time"),
        (["seen.csv", "--model", "mornings.json", "-o", "a.docx"], "cannot write that"),
        (["nowhere.csv", "--model", "mornings.json"], "does not exist"),
        (["seen.csv", "--model", "nobody"], "no model that anticipates"),
    ],
)
def test_the_command_refuses(run, argv, said):
    done = run(*argv)
    assert done.code == 2
    assert said in done.err


@pytest.fixture
def salads() -> ActionSet:
    folder = Path(os.environ.get("MOTIONARY_ACTIONS", "missing"))
    if not (folder / "50salads.json").is_file():
        pytest.skip("set MOTIONARY_ACTIONS to a folder with 50salads.json")
    return ActionSet.load(folder / "50salads.json")


def test_after_peeling_a_cucumber_it_is_cut(salads):
    split = salads.split("1")
    model = fitted(salads, split.train)
    peel, cut = salads.labels.index("peel_cucumber"), salads.labels.index("cut_cucumber")
    right, asked = 0, [whole for whole in salads.of(split.test) if peel in whole.classes]
    for whole in asked:
        at = int(np.flatnonzero(whole.classes == peel)[0])
        found = anticipate(whole.cut(0, int(whole.ends[at]) - 1), 60.0, model)
        right += found.next.label == salads.labels[cut]
    assert len(asked) >= 9
    assert right >= len(asked) - 1


# Checkpoints and videos


def checkpoint(folder: Path, kind: str = "futr", **info: object) -> Path:
    folder.mkdir(parents=True)
    info = {"labels": list(LABELS), "fps": 10.0, "licence": "CC0", **info}
    (folder / "config.json").write_text(json.dumps({"kind": kind, "fields": {"features": 7}, "info": info}))
    return folder


@pytest.fixture
def shelf(tmp_path, monkeypatch) -> Path:
    """A place of released checkpoints with two in it, which answer as ``Asked`` does."""
    for name, labels in (("kitchen", LABELS), ("garden", ("dig", "water", "weed", "SIL"))):
        checkpoint(tmp_path / "weights" / f"anticipate-{name}", labels=list(labels))
    (tmp_path / "weights" / "flow").mkdir()
    places = {one.name[11:]: one for one in sorted((tmp_path / "weights").glob("anticipate-*"))}
    monkeypatch.setattr(trained, "released", lambda: places)
    monkeypatch.setitem(trained.KINDS, "futr", lambda folder: Asked())
    monkeypatch.setattr(trained, "about", lambda folder, kept=trained.about: replace(kept(folder), features=0))
    return tmp_path / "weights"


def test_released_checkpoints_are_found_by_name_folder_or_labels(shelf, tmp_path):
    (tmp_path / "seen.csv").write_text("0,4,Dig\n4,6,water\n")
    for name in ("garden", "anticipate-garden", shelf / "anticipate-garden", "default"):
        found = anticipate(tmp_path / "seen.csv", 3.0, load(name) if name != "default" else name)
        assert (found.model, found.running) == ("anticipate-garden", "water")
    assert load("kitchen").fps == 10.0
    (tmp_path / "other.csv").write_text("0,4,fly\n")
    with pytest.raises(InputError, match="no released model knows fly"):
        anticipate(tmp_path / "other.csv", 3.0)
    (tmp_path / "near.csv").write_text("0,4,watering\n")
    with pytest.raises(InputError, match=r"no released model knows watering \(nearest: water\)"):
        anticipate(tmp_path / "near.csv", 3.0)
    with pytest.raises(InputError, match="name the model"):
        anticipate(np.zeros((3, 5)), 3.0)
    with pytest.raises(CheckpointError, match="garden, kitchen, activities, a checkpoint folder"):
        load("attic")


def test_checkpoints_that_do_not_anticipate_are_refused(tmp_path):
    with pytest.raises(CheckpointError, match="is a temos model; one that anticipates is farha-rnn"):
        load(checkpoint(tmp_path / "a", "temos"))
    (tmp_path / "b").mkdir()
    with pytest.raises(CheckpointError, match=r"no config\.json"):
        load(tmp_path / "b")
    folder = checkpoint(tmp_path / "c")
    (folder / "config.json").write_text('{"kind": "futr", "fields": {}, "info": {}}')
    with pytest.raises(CheckpointError, match="does not say what it knows: KeyError 'labels'"):
        load(folder)


def test_a_video_goes_with_a_model_that_reads_it(monkeypatch, model):
    from motionary.actions import video as watching

    rows = np.arange(24 * 7, dtype=np.float32).reshape(24, 7)
    seen = line([0, 1], [40, 20])
    asked = Asked()
    reader = Model("r", asked, LABELS, 10.0, features=7)
    for seconds, frames, used, notes in ((8.0, 60, 18, 0), (4.0, 40, 12, 1)):
        monkeypatch.setattr(watching, "features", lambda path, fps, s=seconds: watching.Features(rows, 3.0, s))
        found = anticipate(seen, 3.0, reader, video="kitchen.mp4")
        question = asked.questions.pop()
        assert len(question.observed) == frames
        assert np.array_equal(question.scores, rows[:used])
        assert len(found.notes) == notes
    with pytest.raises(InputError, match="reads 7 features a row of the video; give it with --video"):
        anticipate(seen, 3.0, reader)
    with pytest.raises(InputError, match="reads labels, not video"):
        anticipate(seen, 3.0, model, video="kitchen.mp4")
    with pytest.raises(InputError, match="reads 5 features a row; the video's are 7"):
        anticipate(seen, 3.0, replace(reader, features=5), video="kitchen.mp4")
