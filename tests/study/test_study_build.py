"""The page and its key: blinded, closed to the network, true to the motions, and refused where the input is wrong."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from simulated import small_pairs, small_study

import motions
from motionary.errors import InputError
from motionary.evaluation.study.build import Pair, build, pack, points
from motionary.evaluation.study.ratings import read_key
from motionary.motion.edit import canonical, resample, transform
from motionary.motion.skeleton import HUMAN


def data_of(page: Path) -> dict[str, Any]:
    found = re.search(r'id="study-data">(.*?)</script>', page.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return json.loads(found[1])


def test_page_and_key_belong_together(tmp_path):
    report = small_study(tmp_path)
    page, key = data_of(Path(report["page"])), read_key(Path(report["key"]))
    assert page["study"] == key.study == report["study"]
    assert {pair["id"] for pair in page["pairs"]} == set(key.pairs)
    for pair in page["pairs"]:
        assert pair["prompt"] == key.pairs[pair["id"]]["prompt"]
        assert {motion["id"] for motion in pair["motions"]} == set(key.pairs[pair["id"]]["motions"])


def test_the_key_names_the_right_system(tmp_path):
    report = small_study(tmp_path)
    key = read_key(Path(report["key"]))
    truth = {pair.prompt: {pair.system_a: pair.motion_a, pair.system_b: pair.motion_b} for pair in small_pairs()}
    for pair in data_of(Path(report["page"]))["pairs"]:
        for motion in pair["motions"]:
            system = key.pairs[pair["id"]]["motions"][motion["id"]]["system"]
            assert motion["data"] == pack(truth[pair["prompt"]][system], 25.0)


def test_the_page_names_no_system(tmp_path):
    page = Path(small_study(tmp_path)["page"]).read_text(encoding="utf-8")
    data = json.dumps(data_of(tmp_path / "study.html"))
    assert "knowing" not in page
    assert "plain" not in data
    assert "one sense" not in page  # quadrants stay in the key as well


def test_order_within_pairs_tells_nothing(tmp_path):
    pairs = [replace(small_pairs()[0], prompt=f"walk {number}") for number in range(60)]
    report = build(pairs, tmp_path / "many.html")
    key = read_key(Path(report["key"]))
    first = [
        key.pairs[pair["id"]]["motions"][pair["motions"][0]["id"]]["system"]
        for pair in data_of(Path(report["page"]))["pairs"]
    ]
    assert 18 <= first.count("plain") <= 42
    assert [pair["prompt"] for pair in data_of(Path(report["page"]))["pairs"]] != [pair.prompt for pair in pairs]


def test_seed_decides(tmp_path):
    first, second = small_study(tmp_path), small_study(tmp_path)
    other = build(small_pairs(), tmp_path / "other.html", seed=4)
    assert first == second
    assert other["study"] != first["study"]


def test_a_key_is_never_lost(tmp_path):
    report = small_study(tmp_path)
    before = Path(report["key"]).read_bytes(), Path(report["page"]).read_bytes()
    with pytest.raises(InputError, match="is the key of another study"):
        build(small_pairs(), tmp_path / "study.html", seed=4)
    assert (Path(report["key"]).read_bytes(), Path(report["page"]).read_bytes()) == before
    assert small_study(tmp_path) == report


def test_motions_are_stored_to_the_millimetre(tmp_path):
    motion = transform(motions.walk(2.0), 1.1, (3.0, 0.0, -2.0))
    stored = np.frombuffer(base64.b64decode(pack(motion, 20.0)), "<i2").reshape(-1, 27, 3) / 1000
    expected = canonical(resample(motion, 20.0))
    assert np.abs(stored[:, : len(HUMAN)] - expected.positions()).max() <= 0.00051
    assert stored.shape[0] == 41
    assert np.abs(stored[0, 0, [0, 2]]).max() == 0
    assert np.allclose(points(expected), stored, atol=0.00051)


def test_floating_stays_visible():
    stored = np.frombuffer(base64.b64decode(pack(transform(motions.stand(), 0.0, (0, 0.2, 0)), 25.0)), "<i2")
    assert stored.reshape(-1, 27, 3)[..., 1].min() > 150


def test_words_in_the_data_cannot_become_code(tmp_path):
    page = Path(small_study(tmp_path, contact="</script><script>1</script>")["page"]).read_text(encoding="utf-8")
    assert page.count("</script>") == 3  # words, data and the page's own code
    assert "<b>high" not in page
    assert data_of(tmp_path / "study.html")["contact"] == "</script><script>1</script>"


def test_the_page_asks_for_nothing(tmp_path):
    page = Path(small_study(tmp_path)["page"]).read_text(encoding="utf-8")
    assert "default-src 'none'" in page
    assert "unsafe" not in page
    reaches_out = (
        r"""(?:src|href|action|srcset)="|url\(|@import|https?:|fetch\(|XMLHttp|WebSocket|sendBeacon|import\("""
    )
    assert not re.search(reaches_out, page)


def test_a_study_of_84_pairs_is_below_4_mb(tmp_path):
    pairs = [replace(small_pairs()[0], motion_a=motions.walk(4.0), motion_b=motions.wave(4.0))] * 84
    assert build(pairs, tmp_path / "big.html")["bytes"] < 4_000_000


WALK = motions.walk(1.0)


@pytest.mark.parametrize(
    ("pairs", "options", "message"),
    [
        ([], {}, "needs 1 to 500 pairs; got 0"),
        ([Pair(" ", "", "a", WALK, "b", WALK)], {}, "pair 1 has no prompt"),
        ([Pair("walk", "", "a", WALK, "a", WALK)], {}, "compares 'a' with itself"),
        ([Pair("walk", "", "", WALK, "b", WALK)], {}, "a system has no name"),
        ([Pair("walk", "", "a", WALK, "b", motions.stand(61.0))], {}, "lasts 61 s; at most 60 s"),
        ([Pair("walk", "", "a", WALK, "b", motions.walk(40.0))], {}, "leaves the 32 m around"),
        ([Pair("walk", "", "Flow", WALK, "b", WALK)], {"title": "flow"}, "title is the name of a system"),
        ([Pair("walk", "", "a", WALK, "b", WALK)], {"fps": 60}, "between 10 and 30; got 60"),
        ([Pair("walk", "", "a", WALK, "b", WALK)], {"repeats": 1}, "between 0 and half of the 1 pairs"),
    ],
)
def test_what_is_refused(tmp_path, pairs, options, message):
    with pytest.raises(InputError, match=re.escape(message)):
        build(pairs, tmp_path / "study.html", **options)
    assert not list(tmp_path.iterdir())


def test_the_page_must_be_html(tmp_path):
    with pytest.raises(InputError, match=r"end the name in \.html"):
        build(small_pairs(), tmp_path / "study.txt")
