"""Class scores of video models: the .mat files, the classes, where the rows lie in time and what they have seen."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from motionary.actions.dataset import ActionSet
from motionary.actions.readers import mat, scores
from motionary.actions.timeline import Timeline
from motionary.errors import FormatError, InputError

FINE = sorted(
    [f"cut_{what}" for what in ("cheese", "cucumber", "lettuce", "tomato")]
    + [f"place_{what}_into_bowl" for what in ("cheese", "cucumber", "lettuce", "tomato")]
    + [f"add_{what}" for what in ("dressing", "oil", "pepper", "salt", "vinegar")]
    + ["mix_dressing", "mix_ingredients", "peel_cucumber", "serve_salad_onto_plate"]
)
LABELS = (*reversed(FINE), "action_start", "action_end")  # another order than the files'


def element(kind: int, payload: bytes) -> bytes:
    return struct.pack("<II", kind, len(payload)) + payload + b"\0" * (-len(payload) % 8)


def matrix(name: str, value: np.ndarray | list[np.ndarray]) -> bytes:
    """An array or a cell of arrays as MATLAB 5 writes it."""
    cell = isinstance(value, list)
    shape = (1, len(value)) if cell else value.shape
    kind, code = (1, 0) if cell else {"f4": (7, 7), "f8": (6, 9), "i8": (14, 12)}[value.dtype.str[1:]]
    head = element(6, struct.pack("<II", kind, 0)) + element(5, struct.pack("<2i", *shape))
    body = b"".join(matrix("", one) for one in value) if cell else element(code, value.tobytes(order="F"))
    return element(14, head + element(1, name.encode()) + body)


def mat_file(**values: np.ndarray | list[np.ndarray]) -> bytes:
    return b" " * 124 + b"\0\1IM" + b"".join(matrix(name, value) for name, value in values.items())


def test_arrays_and_cells(tmp_path, rng):
    whole, parts = rng.normal(size=(3, 2)), [np.arange(4)[None], rng.normal(size=(2, 2)).astype("f4")]
    (tmp_path / "x.mat").write_bytes(mat_file(whole=whole, parts=parts))
    values = mat.read(tmp_path / "x.mat")
    np.testing.assert_array_equal(values["whole"], whole)
    assert all(np.array_equal(a, b) and a.dtype == b.dtype for a, b in zip(values["parts"], parts, strict=True))


def broken() -> dict[str, tuple[bytes, str]]:
    good = mat_file(x=np.eye(3))
    flags = good.index(struct.pack("<II", 6, 0))  # the class of the array: double
    return {
        "no mat": (b"no" * 100, "byte 126: no MATLAB 5 file"),
        "short": (good[:-9], "does not fit"),
        "cut tag": (good + b"abc", "ends within an element"),
        "struct": (
            good[:flags] + struct.pack("<II", 2, 0) + good[flags + 8 :],
            r"no plain array of numbers \(class 2\)",
        ),
        "complex": (good[:flags] + struct.pack("<II", 6 | 0x800, 0) + good[flags + 8 :], "no plain array"),
        "compressed": (good[:128] + struct.pack("<II", 15, 8) + b"12345678", "compressed variables .*save it with -v6"),
        "huge": (
            good.replace(struct.pack("<2i", 3, 3), struct.pack("<2i", 2**30, 2**30)),
            "9 numbers for the dimensions",
        ),
        "negative": (good.replace(struct.pack("<2i", 3, 3), struct.pack("<2i", -3, -3)), "dimensions of an array"),
        "long element": (good[:128] + struct.pack("<II", 14, 2**31) + good[136:], "does not fit"),
    }


@pytest.mark.parametrize("name", broken())
def test_malformed_mat(tmp_path, name):
    data, message = broken()[name]
    (tmp_path / "x.mat").write_bytes(data)
    with pytest.raises(FormatError, match=message):
        mat.read(tmp_path / "x.mat")


def salads(*segments: tuple[str, int]) -> ActionSet:
    classes, lengths = zip(*((LABELS.index(label), length) for label, length in segments), strict=True)
    timeline = Timeline("rgb-01-1", np.array(classes), np.array(lengths), 30.0)
    return ActionSet("50salads", LABELS, {"rgb-01-1": timeline})


def store(folder, level: str, model: str, raw: np.ndarray) -> None:
    place = folder / level / f"{level}_video_{model}"
    place.mkdir(parents=True)
    truth = [raw.argmax(axis=1)[None]]
    (place / "1.mat").write_bytes(mat_file(P=truth, Y=truth, S=[raw]))
    (folder / "splits" / "Split_1").mkdir(parents=True, exist_ok=True)
    (folder / "splits" / "Split_1" / "test.txt").write_text("01-1\n")


SEGMENTS = (("action_start", 20), ("cut_tomato", 80), ("add_oil", 40), ("action_end", 30))


def rows(*classes: int, width: int = 18) -> np.ndarray:
    return np.eye(width)[list(classes)] * 0.9 + 0.1 / width


def test_fine_scores_are_placed_and_named(tmp_path):
    cut, oil = (1 + FINE.index(name) for name in ("cut_tomato", "add_oil"))
    store(tmp_path, "mid", "tCNN_C36", rows(cut, cut, oil))  # every 40 frames
    [one] = scores.scores_of(tmp_path, salads(*SEGMENTS), model="tCNN").values()
    assert (one.start, one.step, one.ahead) == (20, 40, 18 * 40)
    guess = [LABELS[number] for number in one.at(np.array([0, 20, 99, 100, 139, 140])).argmax(axis=1)]
    assert guess == ["action_start", "cut_tomato", "cut_tomato", "add_oil", "add_oil", "action_end"]
    np.testing.assert_allclose(one.rows.sum(axis=1), 1, rtol=1e-6)


def test_rows_before_the_first_action_are_placed_by_the_last_one(tmp_path):
    """The raw annotation has background first, which the MS-TCN labels count as action_start."""
    store(tmp_path, "mid", "tCNN_C36", rows(0, 0, 9, 9, 2))
    [one] = scores.scores_of(tmp_path, salads(("action_start", 100), *SEGMENTS[1:]), model="tCNN").values()
    assert one.start == 220 - 5 * 40 + 20


def test_coarse_scores_are_shared_out(tmp_path):
    store(tmp_path, "eval", "SVM", 20 * rows(4, 0, 4, 0, width=10))
    [one] = scores.scores_of(tmp_path, salads(*SEGMENTS), "eval").values()
    cut, other = one.rows[0], one.rows[1]
    assert all(cut[LABELS.index(f"cut_{what}")] == pytest.approx(0.25, abs=1e-3) for what in ("tomato", "cheese"))
    assert other[LABELS.index("add_salt")] == pytest.approx(0.5, abs=1e-3)


def test_what_saw_more_than_was_observed_is_held_back(tmp_path):
    store(tmp_path, "mid", "tCNN_C36", rows(9, 9, 2))
    [one] = scores.scores_of(tmp_path, salads(*SEGMENTS), model="tCNN").values()
    near = scores.Scores(one.rows, one.start, one.step, 30, one.outside)
    assert near.until(121, 40, ahead=True).argmax(axis=1).tolist()[-1] == LABELS.index("add_oil")
    assert near.until(121, 40).argmax(axis=1).tolist()[-1] == LABELS.index("cut_tomato")
    assert near.until(131, 10)[-1].argmax() == LABELS.index("add_oil")  # row at 100 looked up to 130
    assert len(near.until(121, 40)) == 4


class TestPooled:
    def pair(self):
        """One that tells now, doubtfully, and one that is sure and looks 30 frames ahead."""
        doubtful = np.array([[0.6, 0.4], [0.6, 0.4], [0.4, 0.6]], np.float32)
        sure = np.array([[0.05, 0.95], [0.95, 0.05], [0.95, 0.05]], np.float32)
        return scores.Scores(doubtful, 0, 10, 0, (0, 1)), scores.Scores(sure, 0, 10, 15, (0, 1))

    def test_product_of_what_each_may_say(self):
        pooled = scores.Pooled(self.pair())
        first = np.array([0.6 * 0.05, 0.4 * 0.95])
        np.testing.assert_allclose(pooled.until(30)[0], first / first.sum(), rtol=1e-2)
        np.testing.assert_allclose(pooled.until(30)[1:], [[0.6, 0.4], [0.4, 0.6]], rtol=1e-2)
        assert pooled.until(30, ahead=True)[2].argmax() == 0
        assert pooled.until(30).sum(axis=1) == pytest.approx(1.0)

    def test_nobody_sees_ahead(self):
        """What is said of the observed time does not change with what comes after it."""
        slow, sure = self.pair()
        other = scores.Scores(np.roll(sure.rows, 1, axis=1), 0, 10, 15, (0, 1))
        changed = scores.Scores(np.concatenate([sure.rows[:1], other.rows[1:]]), 0, 10, 15, (0, 1))
        assert np.array_equal(scores.Pooled((slow, sure)).until(25), scores.Pooled((slow, changed)).until(25))

    def test_names(self, tmp_path):
        store(tmp_path, "mid", "SVM", 20 * rows(9, 9, 2))
        store(tmp_path, "eval", "SVM", 20 * rows(4, 0, 4, 0, width=10))
        found = scores.evidence(tmp_path, salads(*SEGMENTS), "mid/SVM+eval/SVM")
        [one] = found.values()
        assert isinstance(one, scores.Pooled)
        assert one.step == 30
        assert isinstance(*scores.evidence(tmp_path, salads(*SEGMENTS)).values(), scores.Scores)


@pytest.mark.parametrize(
    ("folder", "level", "model", "frames"),
    [
        ("mid_video_SVM", "mid", "SVM", 0),
        ("mid_video_ED-TCN_L2_C15", "mid", "ED-TCN", 45 * 50),
        ("eval_video_DilatedTCN_L5_B2", "eval", "DilatedTCN", 127 * 24),
    ],
)
def test_how_far_models_look_ahead(folder, level, model, frames):
    assert scores.looks_ahead(folder, level, model) == frames


def test_scores_that_do_not_fit(tmp_path):
    actions = salads(*SEGMENTS)
    with pytest.raises(InputError, match="no scores of mid SVM; there are none"):
        scores.scores_of(tmp_path, actions)
    store(tmp_path, "mid", "SVM", rows(1, 2, width=10))
    with pytest.raises(FormatError, match=r"scores of shape \(2, 10\); there must be 18 classes"):
        scores.scores_of(tmp_path, actions)
    store(tmp_path, "mid", "tCNN_C36", rows(1, 2) * np.nan)
    with pytest.raises(FormatError, match=r"rgb-01-1: scores are not all finite"):
        scores.scores_of(tmp_path, actions, model="tCNN")


@pytest.mark.data
@pytest.mark.parametrize(("model", "published"), [("SVM", 0.549), ("ED-TCN", 0.647)])
def test_the_real_scores(actions_dir, model, published):
    """Accuracy within the files is the known one; against our labels, where the set has no background, a bit higher."""
    folder, actions = actions_dir / "50salads-video-scores", ActionSet.load(actions_dir / "50salads.json")
    found = scores.scores_of(folder, actions, model=model)
    assert set(found) == set(actions.timelines)
    within = []
    for path in sorted(scores.models(folder)[model].glob("*.mat")):
        cells = scores.cells_of(path, 10)
        within += [(a == b).mean() for a, b in zip(cells["P"], cells["Y"], strict=True)]
    assert np.mean(within) == pytest.approx(published, abs=6e-4)
    right = []
    for video, one in found.items():
        truth = actions.timelines[video].frames()
        frames = np.arange(one.start, min(one.start + len(one.rows) * one.step, len(truth)))
        right.append((one.at(frames).argmax(axis=1) == truth[frames]).mean())
    assert published < np.mean(right) < published + 0.03
