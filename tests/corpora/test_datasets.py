"""Every data set module finds what its official layout holds."""

import csv
import json

import pytest

from motionary.corpora import DATASETS, babel, bandai_namco, cmu, dataset, deepmimic, hdm05, humanml3d, kit
from motionary.corpora.item import Item, Source
from motionary.errors import FormatError, InputError


@pytest.mark.parametrize("name", DATASETS)
def test_every_module_keeps_the_contract(name):
    module = dataset(name)
    assert isinstance(module.SOURCE, Source)
    assert module.SOURCE.name == name
    assert module.SOURCE.licence
    assert module.SOURCE.credit
    assert callable(module.items)


def test_unknown_data_set():
    with pytest.raises(InputError, match="bandai_namco"):
        dataset("mixamo")


def test_bandai_namco(tmp_path):
    for number in range(1, 25):
        (tmp_path / f"dataset-2_wave-left-hand_exhausted_{number:03d}.bvh").touch()
    (tmp_path / "dataset-1_bow_not-confident_001.bvh").touch()
    (tmp_path / "notes.bvh").touch()
    items = bandai_namco.items(tmp_path)
    assert len(items) == 25
    assert (items[0].content, items[0].style) == ("bow", "not-confident")
    waves = [item for item in items if item.content == "wave-left-hand"]
    assert len({item.family for item in waves}) == 12
    assert waves[0].family == waves[1].family != waves[2].family
    assert {item.style for item in waves} == {"exhausted"}


def _cmu(tmp_path, rows):
    with (tmp_path / "clips.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["cmu_id", "file", "format", "fps", "cmu_description", "kit_ml_sentences"])
        writer.writerows(rows)
    (tmp_path / "kit-ml-sentences-of-cmu.json").write_text(json.dumps({"07_01": ["A person walks.", "Walking."]}))
    (tmp_path / "amc").mkdir()
    (tmp_path / "amc" / "07.asf").touch()


def test_cmu_keeps_one_form_of_a_recording(tmp_path):
    _cmu(
        tmp_path,
        [
            ["07_01", "bvh60/007_01.bvh", "bvh", "60", "walk", ""],
            ["07_01", "amc/07_01.amc", "amc", "120", "walk", ""],
            ["05_01", "amc/05_01.amc", "amc", "120", "dance", ""],
            ["05_01", "bvh120/05_01.bvh", "bvh", "120", "dance", ""],
            ["", "deepmimic/VC5_jump.txt", "deepmimic-json", "", "", ""],
        ],
    )
    items = {item.id: item for item in cmu.items(tmp_path)}
    assert items["cmu/amc/07_01"].skip == ""
    assert items["cmu/amc/07_01"].sentences == ("A person walks.", "Walking.")
    assert "same recording" in items["cmu/bvh60/007_01"].skip
    assert "asf" in items["cmu/amc/05_01"].skip
    assert items["cmu/bvh120/05_01"].skip == ""
    assert "origin unknown" in items["cmu/deepmimic/VC5_jump"].skip


def test_cmu_without_its_table(tmp_path):
    with pytest.raises(FormatError, match=r"clips\.csv"):
        cmu.items(tmp_path)


def test_hdm05_and_deepmimic(tmp_path):
    (tmp_path / "3").mkdir()
    (tmp_path / "3" / "HDM_bk_grabHighR_005_120.amc").touch()
    (tmp_path / "humanoid3d_spinkick.txt").touch()
    (item,) = hdm05.items(tmp_path)
    assert (item.content, item.performer, item.options["asf"]) == ("grabHighR", "hdm05/bk", tmp_path / "HDM_bk.asf")
    assert [i.content for i in deepmimic.items(tmp_path)] == ["spinkick"]


def test_kit(tmp_path):
    (tmp_path / "00001_mmm.xml").touch()
    (tmp_path / "00001_annotations.json").write_text('["A person walks."]')
    (tmp_path / "00002_mmm.xml").touch()
    first, second = kit.items(tmp_path)
    assert first.sentences == ("A person walks.",)
    assert second.skip
    (tmp_path / "00002_annotations.json").write_text('{"a": 1}')
    with pytest.raises(FormatError, match="list of sentences"):
        kit.items(tmp_path)


@pytest.fixture
def humanml(tmp_path):
    (tmp_path / "texts").mkdir()
    (tmp_path / "amass" / "CMU" / "07").mkdir(parents=True)
    (tmp_path / "amass" / "CMU" / "07" / "07_01_poses.npz").touch()
    (tmp_path / "index.csv").write_text(
        "source_path,start_frame,end_frame,new_name\n"
        "./pose_data/CMU/07/07_01_poses.npy,20,100,000001.npy\n"
        "./pose_data/CMU/08/08_01_poses.npy,0,-1,000002.npy\n"
    )
    (tmp_path / "texts" / "000001.txt").write_text(
        "a man walks.#a/DET man/NOUN walk/VERB#0.0#0.0\nhe turns#he/PRON turn/VERB#1.0#2.0\nopen#open/VERB#nan#nan\n"
    )
    (tmp_path / "test.txt").write_text("000001\n")
    return tmp_path


def test_humanml3d(humanml):
    items = humanml3d.items(humanml)
    assert [(i.id, i.start, i.end) for i in items] == [
        ("humanml3d/000001", 1.0, 5.0),
        ("humanml3d/000001/1", 2.0, 3.0),
    ]
    assert items[0].sentences == ("a man walks.", "open")
    assert items[0].split == "test"
    assert items[0].family == items[1].family


def test_humanml3d_bad_line(humanml):
    (humanml / "texts" / "000001.txt").write_text("a man walks.\n")
    with pytest.raises(FormatError, match="line 1"):
        humanml3d.items(humanml)


def test_babel(tmp_path):
    record = {
        "feat_p": "CMU/CMU/07/07_01_poses.npz",
        "dur": 4.0,
        "seq_ann": {"labels": [{"raw_label": "walk", "proc_label": "walk", "act_cat": ["walk"]}]},
        "frame_ann": {
            "labels": [
                {"raw_label": "walks", "proc_label": "walk", "act_cat": ["walk"], "start_t": 0, "end_t": 2.5},
                {"raw_label": "stop", "proc_label": "stop", "act_cat": None, "start_t": 2.5, "end_t": 4},
            ]
        },
    }
    (tmp_path / "train.json").write_text(json.dumps({"1": record, "2": {**record, "frame_ann": None}}))
    items = babel.items(tmp_path)
    assert [(i.content, i.start, i.end) for i in items] == [("walk", 0, 2.5), ("stop", 2.5, 4), ("walk", 0, 4.0)]
    assert all("is not there" in i.skip for i in items)
    (tmp_path / "val.json").write_text('{"3": {"dur": 1}}')
    with pytest.raises(FormatError, match="sequence '3'"):
        babel.items(tmp_path)


def test_an_item_reads_its_file(tmp_path):
    with pytest.raises(InputError):
        Item("x", tmp_path / "x.unknown", "walk").read()
