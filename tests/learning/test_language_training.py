"""Training of the motion language model in its smallest form: what it leaves, resuming, stages, refusals."""

from __future__ import annotations

from dataclasses import replace

import pytest

from motionary.errors import CheckpointError, InputError
from motionary.learning.language.recipes import RECIPES
from motionary.learning.language.train import train_language
from motionary.models import checkpoint
from motionary.tasks.language import Ask, BodyLanguage
from networks import random_model

DEBUG = RECIPES["debug"]


@pytest.fixture(scope="module")
def aligned(corpus, tmp_path_factory):
    out = tmp_path_factory.mktemp("align") / "run"
    train_language(corpus, out, DEBUG, steps=3)
    return out


def test_what_training_leaves(aligned):
    assert {path.name for path in aligned.iterdir()} >= {"best", "state", "log.csv"}
    _, info = checkpoint.load(aligned / "best")
    assert info["stage"] == "align"
    assert info["exercises"]["text_to_motion"] > 0
    language = BodyLanguage.load(str(aligned / "best"))
    motion = language.motion(Ask("a person walks", frames=22))
    assert len(motion) == 22
    assert language.text(Ask(seen=language.rows(motion)), answers=2)


def test_the_vocabulary_is_checked(aligned, tmp_path):
    model, info = checkpoint.load(aligned / "best")
    blocks = {block["name"]: block["size"] for block in info["vocabulary"]["blocks"]}
    assert set(blocks) == {"words", "lower.0", "upper.0", "lower.1", "upper.1"}
    changed = {**info["vocabulary"], "size": 7}
    checkpoint.save(model, tmp_path / "changed", {**info, "vocabulary": changed})
    with pytest.raises(CheckpointError, match="changed after it was written"):
        BodyLanguage.load(str(tmp_path / "changed"))
    other = replace(model.config, tokenizer="0" * 12).vocabulary().to_manifest()
    checkpoint.save(model, tmp_path / "other", {**info, "vocabulary": other})
    with pytest.raises(CheckpointError, match=r"block 2 differs.*lower\.0.*use the tokenizers"):
        BodyLanguage.load(str(tmp_path / "other"))


def test_instructions_begin_with_alignment(corpus, aligned, tmp_path):
    train_language(corpus, tmp_path / "run", DEBUG, "instruct", begin=aligned / "best", steps=2)
    _, info = checkpoint.load(tmp_path / "run" / "best")
    assert info["stage"] == "instruct"
    assert info["begin"] == "best"


def test_training_resumes(corpus, aligned):
    train_language(corpus, aligned, DEBUG, steps=4, resume=True)
    assert (aligned / "log.csv").read_text().splitlines()[-1].startswith("4.0,")


def test_refusals(corpus, tmp_path):
    with pytest.raises(InputError, match="no stage 'pretrain'"):
        train_language(corpus, tmp_path, DEBUG, "pretrain")
    checkpoint.save(random_model("temos"), tmp_path / "temos")
    with pytest.raises(CheckpointError, match="is a temos model"):
        train_language(corpus, tmp_path / "run", DEBUG, begin=tmp_path / "temos", steps=1)
    checkpoint.save(random_model("motion-language"), tmp_path / "other")
    with pytest.raises(CheckpointError, match="its codes is 12"):
        train_language(corpus, tmp_path / "run", DEBUG, begin=tmp_path / "other", steps=1)
