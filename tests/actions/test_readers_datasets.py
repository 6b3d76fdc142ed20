"""EPIC-Kitchens, CaptainCook4D, ELAN and feature files."""

from __future__ import annotations

import json

import numpy as np
import pytest

from motionary.actions import readers
from motionary.actions.readers import Options, captaincook, elan, epic, features
from motionary.actions.readers.graphs import TaskGraph, load_graphs, read_graph, save_graphs
from motionary.errors import FormatError, InputError

EPIC = (
    "narration_id,participant_id,video_id,narration_timestamp,start_timestamp,stop_timestamp,start_frame,stop_frame,"
    "narration,verb,verb_class,noun,noun_class,all_nouns,all_noun_classes\n"
    "P01_01_0,P01,P01_01,00:00:01.0,00:00:00.00,00:00:02.00,0,120,open door,open,3,door,8,['door'],[8]\n"
    "P01_01_1,P01,P01_01,00:00:02.0,00:00:01.50,00:00:04.00,90,240,unzip bag,unzip,3,bag,9,"
    "\"['bag', 'zip']\",\"[9, 7]\"\n"
)


def test_epic_columns(tmp_path):
    (tmp_path / "EPIC_100_train.csv").write_text(EPIC)
    (tmp_path / "EPIC_100_validation.csv").write_text(EPIC.replace("P01_01", "P02_07"))
    (tmp_path / "EPIC_100_noun_classes.csv").write_text("id,key,instances,category\n9,bag:tea,['bag'],x\n")
    actions = readers.read(tmp_path, Options(fps=2)).actions
    assert actions.labels == ("open bag:tea", "open door")  # the class's name, not the row's words
    one = actions.timelines["P01_01"]
    assert (one.classes.tolist(), one.lengths.tolist(), one.person) == ([1, 0], [3, 5], "P01")
    assert (actions.split("1").train, actions.split("1").test) == (("P01_01",), ("P02_07",))
    assert actions.licence == "CC BY-NC 4.0"


def test_epic_by_verb_joins_what_is_the_same(tmp_path):
    (tmp_path / "train.csv").write_text(EPIC)
    actions = epic.read(tmp_path / "train.csv", Options(what="verb")).actions
    assert actions.labels == ("open",)
    assert actions.timelines["P01_01"].lengths.tolist() == [120]


def test_rulstm_lists(tmp_path):
    (tmp_path / "training.csv").write_text("P01_11_0,P01_11,0,60,0,2,106\nP01_11_1,P01_11,60,90,1,2,1216\n")
    (tmp_path / "actions.csv").write_text("id, action,verb,noun\n106, take_plate,0,2\n")
    actions = readers.read(tmp_path).actions
    assert actions.labels == ("take plate", "verb 1 plate")
    assert actions.timelines["P01_11"].seconds == 3.0


def test_epic_actions_without_a_duration_are_left_out_and_counted(tmp_path):
    (tmp_path / "train.csv").write_text(EPIC.replace("00:00:04.00", "00:00:01.50"))
    source = epic.read(tmp_path)
    assert source.notes == ("1 actions without a duration left out",)
    assert source.actions.labels == ("open door",)


def test_malformed_epic(tmp_path):
    (tmp_path / "train.csv").write_text(EPIC.replace("00:00:04.00", "soon"))
    with pytest.raises(FormatError, match=r"train\.csv, line 3: 'soon' is no time"):
        epic.read(tmp_path)
    with pytest.raises(InputError, match="not by 'colour'"):
        epic.read(tmp_path, Options(what="colour"))


@pytest.fixture
def recipes(tmp_path):
    root = tmp_path / "captaincook"
    for folder in ("annotation_csv", "task_graphs", "data_splits"):
        (root / folder).mkdir(parents=True)
    (root / "annotation_csv" / "step_annotations.csv").write_text(
        '"recording_id","step_id","start_time","end_time","description","has_errors"\n'
        '"5_1","1","2.0","4.0","Boil-Boil water","False"\n"5_1","2","6.0","9.0","Add-1 spoon of tea","False"\n'
        '"5_1","3","-1.0","-1.0","Drink-Drink it","True"\n'
        '"5_2","2","0.0","8.0","Add-1 spoon of tea","False"\n"5_2","1","3.0","5.0","Boil-Boil water","False"\n'
    )
    (root / "annotation_csv" / "activity_idx_step_idx.csv").write_text('activity_idx,activity_name\n5,"Green Tea"\n')
    (root / "annotation_csv" / "recording_id_step_idx.csv").write_text("recording_id,activity_id\n5_1,5\n5_2,5\n")
    steps = {"0": "START", "1": "Boil-Boil water", "2": "Add-1 spoon of tea", "3": "Drink-Drink it", "4": "END"}
    graph = {"steps": steps, "edges": [[0, 1], [1, 3], [2, 3], [3, 4]]}
    (root / "task_graphs" / "greentea.json").write_text(json.dumps(graph))
    split = {"train": ["5_1"], "val": [], "test": ["5_2"]}
    (root / "data_splits" / "person_data_split_normal.json").write_text(json.dumps(split))
    (root / "data_splits" / "recipes_data_split_normal.json").write_text('{"train": [], "val": [], "test": []}')
    return root


def test_captaincook(recipes):
    source = readers.read(recipes, Options(fps=1))
    actions = source.actions
    assert actions.labels == ("Add 1 spoon of tea", "Boil water")
    assert source.notes == ("1 skipped steps left out",)
    assert actions.timelines["5_1"].lengths.tolist() == [6, 3]  # a pause belongs to the step before it
    assert actions.timelines["5_2"].lengths.tolist() == [3, 2]  # a step within another cuts it short
    assert list(actions.splits) == ["person-normal"]
    assert actions.timelines["5_1"].activity == "Green Tea"


def test_captaincook_with_pauses(recipes):
    one = readers.read(recipes, Options(fps=1, bridge=0)).actions
    assert [one.labels[number] for number in one.timelines["5_1"].classes] == [
        "background", "Boil water", "background", "Add 1 spoon of tea",
    ]  # fmt: skip


def test_task_graphs(recipes, tmp_path):
    graph = captaincook.read(recipes).graphs["Green Tea"]
    assert graph.ready([]) == ["Boil water", "Add 1 spoon of tea"]
    assert graph.ready(["Boil water", "Add 1 spoon of tea"]) == ["Drink it"]
    save_graphs({"Green Tea": graph}, tmp_path / "graphs.json")
    assert load_graphs(tmp_path / "graphs.json") == {"Green Tea": graph}


def test_a_step_that_is_done_twice():
    graph = TaskGraph(("cook", "stir", "cook"), ((0, 1), (1, 2)))
    assert graph.ready(["cook"]) == ["stir"]
    assert graph.ready(["cook", "stir"]) == ["cook"]
    assert graph.ready(["cook", "stir", "cook"]) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "no task graph"),
        ('{"steps": {"0": "a"}, "edges": [[0, 7]]}', r"edge \[0, 7\] names a step"),
        ("{", "JSON"),
    ],
)
def test_malformed_graphs(tmp_path, text, message):
    (tmp_path / "graph.json").write_text(text)
    with pytest.raises(FormatError, match=message):
        read_graph(tmp_path / "graph.json")


EAF = """<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT VERSION="3.0"><HEADER TIME_UNITS="milliseconds"/>
<TIME_ORDER><TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="0"/><TIME_SLOT TIME_SLOT_ID="ts2"/>
<TIME_SLOT TIME_SLOT_ID="ts3" TIME_VALUE="4000"/></TIME_ORDER>
<TIER TIER_ID="actions" PARTICIPANT="P7">
<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2">
<ANNOTATION_VALUE>pour &amp; wait</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a2" TIME_SLOT_REF1="ts2" TIME_SLOT_REF2="ts3">
<ANNOTATION_VALUE>stir</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER>
<TIER TIER_ID="hands"><ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a3" ANNOTATION_REF="a2">
<ANNOTATION_VALUE>left</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION></TIER><TIER TIER_ID="empty"/>
</ANNOTATION_DOCUMENT>"""


def test_elan(tmp_path):
    (tmp_path / "v.eaf").write_text(EAF)
    actions = readers.read(tmp_path, Options(tier="actions")).actions
    assert actions.labels == ("pour & wait", "stir")
    one = actions.timelines["v"]
    assert (one.lengths.tolist(), one.person) == ([20, 20], "P7")  # the slot without a time lies in the middle
    hands = elan.Document(tmp_path / "v.eaf")
    [span] = hands.spans(hands.tier("hands"))
    assert (span.start, span.end, span.label) == (2.0, 4.0, "left")  # the time of what it refers to


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("<ANNOTATION_DOCUMENT", '<!DOCTYPE x [<!ENTITY e "x">]><ANNOTATION_DOCUMENT', "line 2: a DOCTYPE"),
        ("</TIER>", "", "line 12: no valid XML"),
        ('TIME_VALUE="4000"', 'TIME_VALUE="-4"', "line 4: TIME_VALUE must be milliseconds"),
        ('TIME_SLOT_REF1="ts1"', 'TIME_SLOT_REF1="ts9"', "line 6: no time for this annotation"),
        ("ANNOTATION_DOCUMENT", "html", "expected <ANNOTATION_DOCUMENT>"),
    ],
)
def test_malformed_elan(tmp_path, old, new, message):
    (tmp_path / "v.eaf").write_text(EAF.replace(old, new))
    with pytest.raises(FormatError, match=message):
        elan.read(tmp_path / "v.eaf", Options(tier="actions"))


def test_elan_tiers_are_offered(tmp_path):
    (tmp_path / "v.eaf").write_text(EAF)
    with pytest.raises(InputError, match=r"--tier; .*'actions' \(2\), 'hands' \(1\), 'empty' \(0\)"):
        elan.read(tmp_path / "v.eaf")
    with pytest.raises(InputError, match="no annotations in a tier 'empty'"):
        elan.read(tmp_path / "v.eaf", Options(tier="empty"))


def test_features(tmp_path, rng):
    values = rng.normal(size=(8, 100)).astype(np.float32)
    np.save(tmp_path / "v.npy", values)
    rows = features.read(tmp_path / "v.npy", 97)
    assert rows.shape == (97, 8)
    assert isinstance(rows.base, np.memmap)
    np.testing.assert_array_equal(rows, values.T[:97])
    np.testing.assert_array_equal(features.read(tmp_path / "v.npy", rows_first=True), values)


def test_features_that_do_not_fit(tmp_path):
    values = np.zeros((8, 100), np.float32)
    np.save(tmp_path / "v.npy", values)
    with pytest.raises(FormatError, match="100 rows of features for 200 labels"):
        features.read(tmp_path / "v.npy", 200)
    with pytest.raises(FormatError, match=r"8 rows of features for 100 labels .*the other way round"):
        features.read(tmp_path / "v.npy", 100, rows_first=True)
    values[3, 42] = np.nan
    np.save(tmp_path / "v.npy", values)
    with pytest.raises(FormatError, match="row 42: NaN or infinity"):
        features.read(tmp_path / "v.npy")
    np.save(tmp_path / "v.npy", np.zeros((8, 100), np.int64))
    with pytest.raises(FormatError, match=r"floats with two axes; this is int64 \(8, 100\)"):
        features.read(tmp_path / "v.npy")
    (tmp_path / "v.npy").write_bytes(b"\x93NUMPY nothing")
    with pytest.raises(FormatError, match="no array in npy form"):
        features.read(tmp_path / "v.npy")


@pytest.mark.data
def test_the_real_captaincook(actions_dir):
    source = readers.read(actions_dir / "captaincook4d")
    assert len(source.actions.timelines) == 384
    assert len(source.graphs) == 24
    assert source.notes[0] == "287 skipped steps left out"
    split = source.actions.split("recordings-combined")
    assert (len(split.train), len(split.test)) == (213 + 62, 109)
    labels = set(source.actions.labels)
    assert all(set(graph.steps) <= labels for graph in source.graphs.values())
