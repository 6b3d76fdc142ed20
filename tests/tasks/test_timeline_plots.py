"""Pictures of timelines: what is drawn where, and that nothing lies over anything else."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from motionary.actions.forecast import BINS, Forecast
from motionary.actions.timeline import Timeline
from motionary.errors import InputError, MissingExtraError
from motionary.tasks.outlook import outlook
from motionary.tasks.outlook_text import headline
from motionary.tasks.timeline_plots import style
from motionary.tasks.timeline_plots.layout import Graph, lanes

LABELS = ("take_cup", "pour_coffee", "pour_milk", "stir_coffee", "SIL")


def line(*runs: tuple[int, int], fps: float = 10.0) -> Timeline:
    return Timeline("a", np.array([k for k, _ in runs]), np.array([n for _, n in runs]), fps)


# Text and colours: need no picture


def test_colours_are_hues_of_verbs_and_shades_of_objects():
    chosen = style.colours(["pour_milk", "pour_coffee", "stir_tea", "SIL", "action_end"])
    assert len(set(chosen.values())) == 4
    assert chosen["SIL"] == chosen["action_end"]
    assert chosen["pour_coffee"] == style.mixed(chosen["pour_milk"], "#ffffff", 0.55 / 3)
    many = style.colours(f"verb{k} it" for k in range(30))
    assert len(set(many.values())) == 10


def test_places_are_moved_apart_and_no_further():
    assert style.apart([0.0, 5.0], 1.0) == [0.0, 5.0]
    assert style.apart([2.0, 2.0, 2.0], 1.0) == pytest.approx([1.0, 2.0, 3.0])
    rng = np.random.default_rng(0)
    places = np.sort(rng.uniform(0, 10, 20))
    moved = np.array(style.apart(places.tolist(), 0.7))
    assert np.diff(moved).min() >= 0.7 - 1e-9
    assert moved.mean() == pytest.approx(places.mean())


def test_graphs_are_laid_out_without_overlap():
    x, wide = np.array([0.0, 0.2, 0.4, 3.0]), np.full(4, 1.0)
    y = lanes(Graph(x, wide, np.array([[0, 3], [1, 3]]), np.array([1.0, 0.2]), 4.0))
    near = np.abs(y[:3, None] - y[:3]) + 9 * np.eye(3)
    assert near.min() >= 0.42  # labels of the first three would meet on one lane
    assert abs(y[0] - y[3]) <= abs(y[1] - y[3])  # the heavier arrow is the shorter
    assert np.array_equal(y, lanes(Graph(x, wide, np.array([[0, 3], [1, 3]]), np.array([1.0, 0.2]), 4.0)))


def test_plots_without_matplotlib_name_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"motionary\[train\]"):
        style.pyplot()


def found(shares: bool = True):
    table = np.zeros((BINS, 5), np.float32)
    table[:40, 1], table[:40, 2], table[40:, 1], table[40:, 2] = 0.9, 0.1, 0.2, 0.8
    return outlook(
        Forecast(np.repeat([1, 2], [40, 60]), table if shares else None), line((0, 40), (1, 20)), LABELS, "x"
    )


def test_the_head_says_what_when_and_how_surely():
    assert headline(found()) == "now: pour coffee   next: pour milk (80%) in 4.1 s, 0.1 to more than 10 s"
    assert headline(found(shares=False)) == "now: pour coffee   next: pour milk in 4.0 s"
    lasting = outlook(Forecast(np.full(50, 1)), line((1, 10)), LABELS, "x")
    assert headline(lasting) == "now: pour coffee, for the next 5 s"


# Pictures


class Drawn:
    """Keeps the figures that are saved, so that a test can look at what is on them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.figures: list = []
        kept = style.save

        def save(figure, path):
            self.figures.append(figure)
            self.texts = [
                (text.get_text(), text.get_window_extent(), text)
                for axis in [figure, *figure.axes]
                for text in axis.texts
                if text.get_text()
            ]
            self.boxes = [
                [patch.get_bbox().bounds for patch in axis.patches if hasattr(patch, "get_bbox")]
                for axis in figure.axes
            ]
            return kept(figure, path)

        monkeypatch.setattr(style, "save", save)
        monkeypatch.setattr(style, "DPI", 40)  # half the time

    def overlaps(self) -> list[tuple[str, str]]:
        flat = [(text, box) for text, box, one in self.texts if not one.get_rotation()]
        return [
            (text, other)
            for k, (text, box) in enumerate(flat)
            for other, second in flat[:k]
            if box.x0 < second.x1 and second.x0 < box.x1 and box.y0 < second.y1 and second.y0 < box.y1
        ]

    def outside(self) -> list[str]:
        whole = self.figures[-1].bbox
        return [
            text for text, box, _ in self.texts
            if box.x0 < 0 or box.y0 < 0 or box.x1 > whole.x1 + 1 or box.y1 > whole.y1 + 1
        ]  # fmt: skip


@pytest.fixture
def drawn(monkeypatch) -> Drawn:
    pytest.importorskip("matplotlib")
    return Drawn(monkeypatch)


def image(path: Path) -> tuple[int, int]:
    with Image.open(path) as picture:
        assert len(picture.convert("RGB").getcolors(1 << 20)) > 5
        return picture.size


def test_an_outlook_shows_past_future_and_probabilities(drawn, tmp_path):
    from motionary.tasks.timeline_plots.heat import outlook_picture

    image(outlook_picture(found(), tmp_path / "a.png", line((1, 30), (2, 70))))
    words = [text for text, *_ in drawn.texts]
    assert words.count("pour coffee  70%") + words.count("pour coffee") >= 1
    assert "now: pour coffee   next: pour milk (80%) in 4.1 s, 0.1 to more than 10 s" in words
    assert not drawn.overlaps()
    assert not drawn.outside()
    strip = drawn.boxes[0]
    assert (strip[-1][0], strip[-1][2]) == pytest.approx((4.0, 6.0))  # the last box: milk, from 4 s for 6 s
    image(outlook_picture(found(shares=False), tmp_path / "b.png"))
    with pytest.raises(InputError, match=r"\.png, \.svg or \.pdf"):
        outlook_picture(found(), tmp_path / "a.gif")


def test_a_map_has_a_row_a_likely_label(drawn, tmp_path):
    from motionary.tasks.timeline_plots.heat import heat_map

    image(heat_map(found().shares, LABELS, 10.0, tmp_path / "a.png", line((1, 30), (2, 70)), "title"))
    assert {text for text, *_ in drawn.texts} == {"pour coffee", "pour milk", "title", "orange: what happened"}
    assert not drawn.overlaps()
    with pytest.raises(InputError, match="no label reaches"):
        heat_map(np.zeros((BINS, 5)), LABELS, 10.0, tmp_path / "b.png")


def test_comparisons_tell_right_from_wrong(drawn, tmp_path):
    from motionary.tasks.timeline_plots.strips import compare

    truth = line((0, 40), (1, 20), (2, 30), (3, 10))
    image(compare(truth, {"late": line((1, 30), (2, 20)), "none": line((4, 50))}, 50, LABELS, tmp_path / "a.png", "t"))
    words = [text for text, *_ in drawn.texts]
    assert "40% right" in words  # 10 of coffee and 10 of milk of 50 frames
    assert "0% right" in words
    assert {"late", "none", "what happened", "stir coffee", "t"} <= set(words)
    assert not drawn.overlaps()
    assert not drawn.outside()
    for observed in (0, 100):
        with pytest.raises(InputError, match="frames observed"):
            compare(truth, {}, observed, LABELS, tmp_path / "b.png")


def test_slanted_labels_of_dense_segments_stay_apart(drawn, tmp_path):
    from motionary.tasks.timeline_plots.strips import compare

    truth = line(*[(k % 4, 3 if k > 4 else 200) for k in range(14)])
    compare(truth, {"x": line((0, 5))}, 500, LABELS, tmp_path / "a.png")
    starts = sorted(one.get_position()[0] for _, _, one in drawn.texts if one.get_rotation())
    assert len(starts) == 14
    inch = truth.seconds / (drawn.figures[-1].axes[0].bbox.width / drawn.figures[-1].dpi)
    assert np.diff(starts).min() >= 0.22 * inch


def test_reliability_is_measured_and_drawn(drawn, tmp_path):
    from motionary.tasks.timeline_plots.reliability import reliability, reliability_curve

    rng = np.random.default_rng(0)
    sure = rng.uniform(0, 1, 20_000)
    honest = reliability(sure, rng.random(20_000) < sure)
    boastful = reliability(sure, rng.random(20_000) < sure / 2)
    assert honest.error < 0.02
    assert boastful.error == pytest.approx(0.25, abs=0.02)
    assert honest.share.sum() == pytest.approx(1.0)
    image(reliability_curve({"honest": honest, "boastful": boastful}, tmp_path / "a.png", "title"))
    assert any(text.startswith("boastful: calibration error 2") for text, *_ in drawn.texts)
    assert not drawn.overlaps()
    one = reliability([1.0, 1.0], [True, False])
    assert (one.sure.tolist(), one.right.tolist(), one.error) == ([1.0], [0.5], 0.5)
    for wrong in (([], []), ([0.5], []), ([1.5], [1])):
        with pytest.raises(InputError):
            reliability(*wrong)
    with pytest.raises(InputError, match="1 to 5 methods"):
        reliability_curve({}, tmp_path / "b.png")


def test_transitions_are_counted_without_background_and_drawn(drawn, tmp_path):
    from motionary.tasks.timeline_plots.graph import transition_graph, transitions

    timelines = [line((4, 5), (0, 5), (4, 2), (1, 5), (1, 5), (3, 5), (4, 9)), line((0, 5), (1, 9), (2, 5), (3, 5))]
    counts = transitions(timelines, LABELS)
    assert {(int(a), int(b)): int(counts[a, b]) for a, b in np.argwhere(counts)} == {
        (0, 1): 2, (1, 3): 1, (1, 2): 1, (2, 3): 1,
    }  # fmt: skip
    image(transition_graph(timelines, LABELS, tmp_path / "a.png", title="title"))
    words = [text for text, *_ in drawn.texts]
    assert {"take cup", "pour coffee", "pour milk", "stir coffee", "title"} <= set(words)
    assert "sil" not in words
    assert not drawn.overlaps()
    places = {text: one.get_position()[0] for text, _, one in drawn.texts}
    assert places["take cup"] < places["pour coffee"] < places["stir coffee"]
    with pytest.raises(InputError, match="one action follows another"):
        transition_graph([line((0, 5))], LABELS, tmp_path / "b.png")


def test_frames_are_counted_by_what_was_true_and_what_was_said():
    from motionary.tasks.timeline_plots.confusion import confusion

    counts = confusion([0, 0, 1, 1, 1, 3, -1], [0, 1, 1, 1, 2, -1, 0], 4)
    assert counts.tolist() == [[1, 1, 0, 0], [0, 2, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    with pytest.raises(InputError, match="3 true and 2 told"):
        confusion([0, 1, 2], [0, 1], 4)
    with pytest.raises(InputError, match="between -1 and 1"):
        confusion([0], [2], 2)


def test_a_confusion_matrix_has_rows_of_truth_in_the_order_of_the_labels(drawn, tmp_path):
    from motionary.tasks.timeline_plots.confusion import confusion_picture

    counts = np.zeros((5, 5), int)
    counts[3, [3, 1]], counts[1, 1], counts[2, 4] = (30, 10), 7, 2000
    image(confusion_picture(counts, LABELS, tmp_path / "a.png", "what is taken for what"))
    shown = drawn.figures[-1].axes[0].images[0].get_array()
    assert shown.shape == (4, 4)  # nobody took a cup, nor was it said
    assert shown[0].tolist() == [1.0, 0.0, 0.0, 0.0]
    assert shown[2].tolist() == [0.25, 0.0, 0.75, 0.0]
    assert shown[3].tolist() == [0.0] * 4  # never true
    words = [text for text, *_ in drawn.texts]
    rows = [text for text, _, one in drawn.texts if text in ("pour coffee", "stir coffee") and not one.get_rotation()]
    assert rows == ["pour coffee", "stir coffee"]
    assert {"25", "75", "100", "2,000", "what is taken for what"} <= set(words)
    assert not drawn.overlaps()
    assert not drawn.outside()
    with pytest.raises(InputError, match="no frames"):
        confusion_picture(0 * counts, LABELS, tmp_path / "b.png")
    with pytest.raises(InputError, match=r"must be \[4, 4\]"):
        confusion_picture(counts, LABELS[:4], tmp_path / "b.png")
