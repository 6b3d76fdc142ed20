"""Spans of time become timelines; simple segments; the layout is found by what is there."""

from __future__ import annotations

import json

import pytest

from motionary.actions import readers
from motionary.actions.dataset import ActionSet
from motionary.actions.readers import Options, segments
from motionary.actions.readers.spans import Span, seconds, timeline
from motionary.errors import FormatError, InputError


def drawn(spans, labels, **options) -> str:
    """A timeline as a letter a frame, at 1 fps."""
    made, _ = timeline("video", spans, labels, Options(**options).over(1.0))
    return "".join(labels[number][0] for number in made.frames())


A, B = Span(0, 4, "a"), Span(6, 8, "b")
NESTED = [Span(0, 8, "a"), Span(2, 4, "b")]


def test_a_gap_becomes_background():
    assert drawn([B, A], ["a", "b", "-"], background="-") == "aaaa--bb"


def test_a_short_gap_goes_to_the_action_before_and_at_the_start_to_the_one_after():
    assert drawn([Span(1, 4, "a"), B], ["a", "b", "-"], background="-", bridge=2) == "aaaaaabb"


def test_only_gaps_longer_than_the_bridge_are_background():
    assert drawn([A, B, Span(11, 12, "a")], ["a", "b", "-"], background="-", bridge=2) == "aaaaaabb---a"


def test_background_must_be_a_label():
    with pytest.raises(InputError, match="'background' is not among"):
        drawn([A, B], ["a", "b"])


def test_overlaps_are_refused_with_their_place():
    late = [Span(0, 4, "a", "line 2"), Span(3, 5, "b", "line 3")]
    with pytest.raises(FormatError, match=r"line 3: 'b' begins at 3 s, before 'a' ends at 4 s"):
        drawn(late, ["a", "b"])


def test_overlaps_are_cut_or_painted_over():
    assert drawn(NESTED, ["a", "b", "-"], overlaps="over") == "aabbaaaa"
    assert drawn(NESTED, ["a", "b"], overlaps="cut", bridge=9) == "aabb"


def test_what_is_left_of_a_covered_action_is_counted():
    _, lost = timeline("v", [Span(0, 2, "a"), Span(0, 4, "b")], ["a", "b"], Options(overlaps="cut").over(1.0))
    assert lost == 1


def test_an_action_shorter_than_a_frame_is_refused():
    with pytest.raises(FormatError, match="shorter than a frame at 1 fps"):
        drawn([Span(1.1, 1.3, "a", "line 2")], ["a"])


def test_a_video_that_is_too_long_is_refused():
    with pytest.raises(InputError, match="at most 10,000,000"):
        drawn([Span(0, 1e9, "a")], ["a"])


@pytest.mark.parametrize(
    ("text", "value"), [("12.5", 12.5), ("1:02", 62), ("0:01:02.5", 62.5), ("00:01:02,5", 62.5), (".5", 0.5)]
)
def test_times(text, value):
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["", "-1", "1:2:3:4", "nan", "12s", "1e400000", "9" * 400])
def test_no_times(text):
    with pytest.raises(ValueError, match="is no time"):
        seconds(text)


@pytest.mark.parametrize("options", [{"overlaps": "both"}, {"bridge": -1}, {"bridge": float("nan")}, {"fps": 0}])
def test_options_out_of_range(options):
    with pytest.raises(InputError):
        Options(**options)


CSV = "start,end,label,video,person\n0,2,pour milk,one,P1\n2,0:05,stir,one,P1\n0,3,stir,two,P2\n"


def test_segments_of_several_videos(tmp_path):
    (tmp_path / "all.csv").write_text(CSV)
    actions = readers.read(tmp_path / "all.csv", Options(fps=2)).actions
    assert actions.labels == ("pour milk", "stir")
    assert actions.timelines["one"].classes.tolist() == [0, 1]
    assert actions.timelines["one"].lengths.tolist() == [4, 6]
    assert [one.person for one in actions.timelines.values()] == ["P1", "P2"]


@pytest.mark.parametrize(
    "text",
    [
        "start;end;label\n0;2;a\n2;3;b\n",
        "\ufeffLabel\tStop\tBegin\r\na\t2\t0\r\nb\t3\t2\r\n",
        "0,2,a\n2,3,b\n",
        'begin,stop,action\n0,2,"a"\n\n2,0:03,b\n',
    ],
)
def test_ways_to_write_a_csv(tmp_path, text):
    (tmp_path / "kitchen.csv").write_text(text, encoding="utf-8")
    [one] = readers.read(tmp_path / "kitchen.csv", Options(fps=1)).actions.timelines.values()
    assert (one.name, one.classes.tolist(), one.lengths.tolist()) == ("kitchen", [0, 1], [2, 1])


def test_json_by_video_and_a_folder_of_files_are_one_set(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({"one": [{"start": 0, "end": "1:00", "label": "stir"}]}))
    (tmp_path / "b.json").write_text(json.dumps([{"start": 0, "end": 1.5, "class": "pour"}]))
    actions = readers.read(tmp_path).actions
    assert {name: one.seconds for name, one in actions.timelines.items()} == {"one": 60.0, "b": 1.5}


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("x.csv", "", "the file is empty"),
        ("x.csv", "start,end\n0,1\n", r"line 1: no column for label \(allowed names, label: label, class, action\)"),
        ("x.csv", "start,end,label\n0,x,a\n", "line 2: 'x' is no time"),
        ("x.csv", "start,end,label\n0,1,a\n3,2,b\n", "line 3: 'b' from 3 to 2 s"),
        ("x.csv", "start,end,label\n0,1,\n", "line 2: no label"),
        ("x.csv", "start,end,label\n0,1\n", "line 2: 2 cells where there must be 3"),
        ("x.json", "{", "no valid JSON"),
        ("x.json", '{"v": 3}', "key 'v': there must be a list"),
        ("x.json", "[3]", "entry 1: a segment must be an object"),
        ("x.json", '[{"start": 0, "end": 1, "label": "a"}, {"start": 0, "label": "a"}]', "entry 2: no column for end"),
        ("x.json", '[{"start": NaN, "end": 1, "label": "a"}]', "entry 1: 'nan' is no time"),
        ("x.json", "[" * 100_000, "no valid JSON"),
    ],
)
def test_malformed_segments(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(FormatError, match=message):
        segments.read(tmp_path / name)


def test_the_layout_is_found(tmp_path, kitchen):
    assert readers.layout_of(kitchen).name == "MS-TCN"
    readers.read(kitchen, Options(fps=15)).actions.save(tmp_path / "set.json")
    assert readers.layout_of(tmp_path / "set.json").name == "action set"
    assert readers.read(tmp_path / "set.json").actions.digest == readers.read(kitchen, Options(fps=15)).actions.digest
    (tmp_path / "x.csv").write_text(CSV)
    assert readers.layout_of(tmp_path / "x.csv").name == "segments"


def test_no_layout(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        readers.read(tmp_path / "nothing")
    (tmp_path / "x.txt").write_text("")
    with pytest.raises(InputError, match="in no layout that is read"):
        readers.read(tmp_path / "x.txt")


@pytest.mark.data
def test_the_real_50salads(actions_dir):
    salads = readers.read(actions_dir / "50salads").actions
    assert (len(salads.timelines), len(salads.labels), len(salads.splits)) == (50, 19, 5)
    assert sum(map(len, salads.timelines.values())) == 577_595
    assert salads.digest == ActionSet.load(actions_dir / "50salads.json").digest
