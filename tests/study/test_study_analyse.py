"""The whole analysis on raters whose preferences are known."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from simulated import QUADRANTS, key_file, rate

from motionary.errors import InputError
from motionary.evaluation.study.analyse import analyse
from motionary.evaluation.study.report import to_markdown

TRUTH = {"flow": 0.6, "temos": 0.0, "jl2p": -0.6}


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> dict:
    folder = tmp_path_factory.mktemp("study")
    key = key_file(folder, tuple(TRUTH), 40)
    files = rate(key, folder, 25, TRUTH, -0.7, seed=2, repeats=6, faithful=0.8)
    return analyse(files, key, draws=400)


def test_known_strengths_lie_in_their_intervals(result):
    for question in ("meaning", "naturalness"):
        found = result["questions"][question]["all"]["strengths"]
        for system, truth in TRUTH.items():
            figure = found["systems"][system]
            assert figure["low"] < truth < figure["high"]
            assert figure["high"] - figure["low"] < 0.6
            assert figure["n"] == 25 * 40 * 2
        assert found["ties"] == pytest.approx(math.exp(-0.7), rel=0.1)
        best = next(one for one in found["differences"] if (one["first"], one["second"]) == ("flow", "jl2p"))
        assert best["low"] < 1.2 < best["high"]
        assert best["low"] > 0


def test_contests_count_votes(result):
    contests = result["questions"]["meaning"]["all"]["contests"]
    assert [(one["first"], one["second"]) for one in contests] == [
        ("flow", "temos"), ("flow", "jl2p"), ("temos", "jl2p"),
    ]  # fmt: skip
    for one in contests:
        assert sum(one["votes"].values()) == 1000
        shares = [one[name]["mean"] for name in ("first_preferred", "same", "second_preferred")]
        assert sum(shares) == pytest.approx(1)
        assert one["first_score"]["mean"] == pytest.approx(shares[0] + shares[1] / 2)
        assert one["votes"]["first"] / 1000 == pytest.approx(shares[0])
        tests = one["sign_tests"]
        assert tests["votes"]["first"] == one["votes"]["first"]
        assert tests["raters"]["first"] + tests["raters"]["second"] <= 25
        assert tests["pairs"]["first"] + tests["pairs"]["second"] <= 40


def test_a_clear_winner_is_clear(result):
    one = result["questions"]["meaning"]["all"]["contests"][1]
    assert (one["first"], one["second"]) == ("flow", "jl2p")
    assert one["first_score"]["low"] > 0.5
    assert one["sign_tests"]["raters"]["p"] < 1e-4


def test_quadrants_part_the_votes(result):
    groups = result["questions"]["meaning"]
    assert set(groups) == {"all", *QUADRANTS}
    for row in range(3):
        whole = groups["all"]["contests"][row]["votes"]
        parts = [groups[name]["contests"][row]["votes"] for name in QUADRANTS]
        assert whole == {name: sum(part[name] for part in parts) for name in whole}


def test_consistency_is_what_the_raters_were_made_of(result):
    for found in result["consistency"].values():
        assert found["repeated"] == 25 * 6
        assert found["share"] == pytest.approx(0.8, abs=0.1)


def test_prompts_are_listed_with_their_votes(result):
    assert len(result["prompts"]) == 120
    one = result["prompts"][0]
    assert sum(one["meaning"].values()) == sum(one["naturalness"].values()) == 25


def test_inconsistent_raters_are_flagged_and_dropped(tmp_path):
    key = key_file(tmp_path, ("old", "new"), 12)
    good = rate(key, tmp_path, 3, {"old": 0.0, "new": 1.0}, -0.5, seed=1, repeats=6)
    bad = tmp_path / "bad" / "r.json"
    bad.parent.mkdir()
    (one,) = rate(key, bad.parent, 1, {"old": 5.0, "new": 0.0}, -0.5, seed=3, repeats=6, faithful=0.0)
    value = json.loads(one.read_text())
    bad.write_text(json.dumps({**value, "rater": "bad"}))
    kept = analyse([*good, bad], key, draws=100)
    flagged = {about["rater"]: about["flags"] for about in kept["raters"] if about["flags"]}
    assert flagged == {"bad": ["repeats 0 of 12 answers"]}
    assert kept["used_raters"] == 4
    assert kept["dropped_raters"] == []
    dropped = analyse([*good, bad], key, drop=True, draws=100)
    assert dropped["dropped_raters"] == ["bad"]
    alone = analyse(good, key, draws=100)
    assert dropped["questions"] == alone["questions"]
    assert "Left out because they are flagged: bad." in to_markdown(dropped)
    with pytest.raises(InputError, match="every rater is flagged"):
        analyse([bad], key, drop=True, draws=100)


def test_one_button_is_flagged(tmp_path):
    key = key_file(tmp_path, ("old", "new"), 12)
    (path,) = rate(key, tmp_path, 1, {"old": 0.0, "new": 0.0}, 0.0, seed=1)
    value = json.loads(path.read_text())
    for trial in value["trials"]:
        trial.update(meaning="left", naturalness="left")
    path.write_text(json.dumps(value))
    (about,) = analyse([path], key, draws=100)["raters"]
    assert about["flags"] == ["answers 'left' 24 of 24 times"]
    assert about["left_right_p"] < 1e-6


def test_one_rater_has_no_agreement(tmp_path):
    key = key_file(tmp_path, ("old", "new"), 6)
    found = analyse(rate(key, tmp_path, 1, {"old": 0.0, "new": 1.0}, 0.0, seed=1), key, draws=100)
    assert found["questions"]["meaning"]["all"]["agreement"] is None
    assert "| all | one rater | - | - |" in to_markdown(found)


def test_raters_of_one_mind_have_no_alpha(tmp_path):
    key = key_file(tmp_path, ("old", "new"), 6)
    found = analyse(rate(key, tmp_path, 3, {"old": 0.0, "new": 60.0}, -60.0, seed=1), key, draws=100)
    assert found["questions"]["meaning"]["all"]["agreement"]["pairwise"] == 1.0
    assert "| all | one answer only | 100 % | 6 |" in to_markdown(found)


def test_systems_that_never_met_have_no_common_scale(tmp_path):
    key = key_file(tmp_path, ("a", "b", "c", "d"), 2)
    value = json.loads(key.read_text())
    value["pairs"] = {name: pair for name, pair in value["pairs"].items() if name.endswith(("a-b", "c-d"))}
    key.write_text(json.dumps(value))
    found = analyse(rate(key, tmp_path, 2, dict.fromkeys("abcd", 0.0), 0.0, seed=1), key, draws=100)
    assert "never compared" in found["questions"]["meaning"]["all"]["strengths"]["note"]
    assert "No strengths for all" in to_markdown(found)


def test_the_report_says_what_the_figures_are(result):
    report = to_markdown(result)
    lines = report.splitlines()
    assert lines[0] == "# Simulated"
    assert "120 of 120 pairs rated by 25 raters" in report
    score = result["questions"]["meaning"]["all"]["contests"][0]["first_score"]
    assert f"{100 * score['mean']:.1f} % [{100 * score['low']:.1f}, {100 * score['high']:.1f}]" in report
    assert report.count("| r07 |") == 1
    widths = {line.count("|") for line in lines if line.startswith("| r") and "rater" not in line}
    assert widths == {8}


def test_seeded(tmp_path):
    key = key_file(tmp_path, ("old", "new"), 8)
    files = rate(key, tmp_path, 4, {"old": 0.0, "new": 1.0}, 0.0, seed=1)
    first, second, other = (analyse(files, key, draws=200, seed=seed) for seed in (0, 0, 1))
    assert first == second
    assert first["questions"] != other["questions"]
    assert np.isfinite(first["questions"]["meaning"]["all"]["agreement"]["alpha"]["low"])


@pytest.mark.parametrize("options", [{"draws": 3}, {"least_consistency": 2.0}])
def test_numbers_out_of_range(tmp_path, options):
    with pytest.raises(InputError, match="least consistency"):
        analyse([], tmp_path / "key.json", **options)
