"""Motions as tokens: from training to files and the table, on a tiny corpus."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from motionary import cli, formats
from motionary.corpora.pack import Pack
from motionary.errors import CheckpointError, FormatError, InputError
from motionary.evaluation.tokens import _aligned, evaluate, loss, use
from motionary.learning.tokens import RECIPES, WINDOW, Windows, train_tokens
from motionary.models import checkpoint
from motionary.models.tokenizer import Tokenizer, TokenizerConfig
from motionary.motion import rotations as rot
from motionary.tasks.tokens import BodyCodec, BodyTokens
from motions import stand, walk
from networks import CONFIGS, random_model
from tiny_corpus import build


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    build(folder)
    return folder


@pytest.fixture(scope="module")
def run(corpus, tmp_path_factory):
    return train_tokens(corpus, tmp_path_factory.mktemp("tokens"), "debug", steps=4, threads=1)


@pytest.fixture(scope="module")
def codec(run):
    return BodyCodec.load(run)


class TestCodec:
    @pytest.mark.parametrize("frames", [1, 4, 5, 64, 67])
    def test_any_length(self, codec, frames):
        motion = walk(4.0)[:frames]
        tokens = codec.encode(motion)
        assert tokens.frames == frames
        assert all(codes.shape == (-(-frames // 4), 1) for codes in tokens.codes.values())
        assert len(codec.decode(tokens)) == frames

    def test_what_is_decoded_is_what_the_codes_say(self, codec, walker):
        tokens = codec.encode(walker)
        first, second = codec.decode(tokens), codec.decode(tokens)
        assert np.array_equal(first.rotations, second.rotations)
        other = {part: codes.copy() for part, codes in tokens.codes.items()}
        other["upper"][:] = (other["upper"] + 1) % codec.model["upper"].codes
        changed = codec.decode(replace(tokens, codes=other))
        assert np.array_equal(changed.root, first.root)
        assert np.abs(changed.rotations - first.rotations).max() > 1e-4

    def test_in_place_keeps_turns_and_height(self, codec, walker):
        tokens = codec.encode(walker)
        there, here = codec.decode(tokens), codec.decode(tokens, in_place=True)
        assert np.abs(here.root[:, [0, 2]]).max() == 0
        assert np.array_equal(here.root[:, 1], there.root[:, 1])
        assert np.array_equal(here.rotations, there.rotations)

    def test_fewer_levels_are_read(self, walker):
        codec = BodyCodec(random_model("tokenizer"))
        tokens = codec.encode(walker)
        coarse = replace(tokens, codes={part: codes[:, :1] for part, codes in tokens.codes.items()})
        assert len(codec.decode(coarse)) == len(walker)

    def test_version_follows_the_weights(self, codec):
        other = Tokenizer(codec.model.config)
        other.load_state_dict(codec.model.state_dict())
        assert BodyCodec(other).version == codec.version
        other["upper"].widen.weight.data += 0.1
        assert BodyCodec(other).version != codec.version

    @pytest.mark.parametrize(
        ("change", "word"),
        [({"version": "other"}, "codec other"), ({"frames": 0}, "frames"), ({"frames": 999}, "upper must be"),
         ({"codes": {}}, "no upper")],
    )  # fmt: skip
    def test_refused(self, codec, walker, change, word):
        with pytest.raises(InputError, match=word):
            codec.decode(replace(codec.encode(walker), **change))

    def test_code_out_of_range(self, codec, walker):
        tokens = codec.encode(walker)
        codes = {**tokens.codes, "lower": np.full_like(tokens.codes["lower"], 16)}
        with pytest.raises(InputError, match="lower has a code outside 0 to 15"):
            codec.decode(replace(tokens, codes=codes))

    def test_missing_part(self, walker):
        with pytest.raises(InputError, match="no face"):
            BodyCodec(random_model("tokenizer-face")).encode(walker)

    def test_other_checkpoints(self, tmp_path):
        checkpoint.save(random_model("jl2p"), tmp_path)
        with pytest.raises(CheckpointError, match="is a jl2p model"):
            BodyCodec.load(tmp_path)


class TestFiles:
    def test_round_trip(self, codec, walker, tmp_path):
        tokens = codec.encode(walker)
        tokens.save(tmp_path / "t.json")
        back = BodyTokens.load(tmp_path / "t.json")
        assert (back.frames, back.version) == (tokens.frames, tokens.version)
        assert all(np.array_equal(back.codes[part], codes) for part, codes in tokens.codes.items())

    @pytest.mark.parametrize("content", ["", "[]", '{"codes": {}}', '{"codes": {"upper": [["x"]]}, "frames": 1}'])
    def test_malformed(self, tmp_path, content):
        (tmp_path / "t.json").write_text(content)
        with pytest.raises(FormatError, match="no tokens of a motion"):
            BodyTokens.load(tmp_path / "t.json")

    def test_commands(self, run, tmp_path, capsys):
        formats.write(stand(), tmp_path / "stand.bvh")
        told, back = tmp_path / "t.json", tmp_path / "again.bvh"
        for line in (
            ["tokens", "encode", str(tmp_path / "stand.bvh"), "-o", str(told), "--model", str(run), "--json"],
            ["tokens", "decode", str(told), "-o", str(back), "--model", str(run), "--json"],
        ):
            with pytest.raises(SystemExit) as end:
                cli.main(line)
            assert end.value.code == 0
            said = json.loads(capsys.readouterr().out)
        assert said["files"] == [str(back)]
        assert len(formats.read(back)) == len(formats.read(tmp_path / "stand.bvh"))


class TestTraining:
    def test_presets_are_networks(self):
        assert all(isinstance(recipe.model, TokenizerConfig) for recipe in RECIPES.values())

    def test_windows_are_pieces_of_motions(self):
        rows = np.arange(100, dtype=np.float32)[:, None].repeat(62, axis=1)
        batch = next(Windows([{"lower": rows}, {"lower": rows[:10] + 1000}], 64, 0).forever())["lower"][..., 0]
        assert batch.shape == (64, WINDOW)
        steps = batch.diff(dim=1)
        assert set(steps.unique().tolist()) <= {0.0, 1.0}
        long = batch[:, 0] < 1000
        assert bool((steps[long] == 1).all())
        assert 0 < int((~long).sum()) < 16  # a short motion is one place among 38

    def test_seeds(self, corpus, run, tmp_path):
        again = train_tokens(corpus, tmp_path / "again", "debug", steps=4, threads=1)
        first, second = (checkpoint.load(folder)[0].state_dict() for folder in (run, again))
        assert all(torch.equal(value, second[name]) for name, value in first.items())
        assert BodyCodec.load(again).version == BodyCodec.load(run).version

    def test_refused(self, corpus, tmp_path):
        with pytest.raises(InputError, match="presets are debug"):
            train_tokens(corpus, tmp_path, "huge")


class TestMeasures:
    def test_nothing_is_lost(self, walker):
        figures = loss(walker, walker)
        assert all(figures[name] < 1e-4 for name in ("MPJPE", "PA-MPJPE", "upper", "lower", "path", "heading"))

    def test_known_losses(self):
        """A body that stands and one that is turned, and one that has gone away."""
        motion = stand()
        turned = replace(motion, rotations=motion.rotations.copy())
        half = rot.from_axis("Y", np.linspace(0, np.radians(60), len(motion)))
        turned.rotations[:, 0] = rot.multiply(half, turned.rotations[:, 0])
        figures = loss(motion, turned)
        assert figures["heading"] == pytest.approx(30, abs=1)
        assert figures["MPJPE"] > 50
        assert figures["MPJPE, heading out"] < 1e-3
        assert figures["PA-MPJPE"] < 1e-3
        away = replace(motion, root=motion.root + np.linspace(0, 2, len(motion))[:, None] * [1, 0, 0])
        assert loss(motion, away)["path"] == pytest.approx(1.0, abs=0.02)
        assert loss(motion, away)["MPJPE"] < 1e-6

    def test_alignment_against_a_search(self, rng):
        there = rng.standard_normal((1, 6, 3))
        turn = rot.from_axis_angle(np.array([0.3, -0.5, 0.2]))
        here = rot.rotate(turn, there) + np.array([1.0, 2.0, 3.0])
        assert _aligned(there, here).max() < 1e-9
        noise = here + 0.1 * rng.standard_normal(here.shape)
        best = (_aligned(there, noise) ** 2).sum()
        a, b = there - there.mean(1, keepdims=True), noise - noise.mean(1, keepdims=True)
        for _ in range(200):
            other = rot.multiply(rot.from_axis_angle(0.1 * rng.standard_normal(3)), turn)
            assert ((rot.rotate(other, a) - b) ** 2).sum() >= best - 1e-9

    def test_use_of_codes(self):
        tokens = [BodyTokens({"upper": np.array([[0], [0], [1], [1]])}, 16)]
        assert use(tokens, {"upper": 4}, 1) == (pytest.approx(0.5), pytest.approx(2.0))

    def test_table(self, corpus, run, tmp_path):
        table = evaluate(corpus, [str(run)], "val", out=tmp_path)
        recordings, ours = table.rows
        assert recordings.name == "recordings"
        assert ours.cells["bits/s"] == pytest.approx(2 * 4 * 7.5)
        assert ours.cells["MPJPE"].n == recordings.n == len(Pack.load(corpus).indices("val"))
        assert (tmp_path / "tokens-val.md").is_file()


def test_every_kind_of_tokenizer_has_a_random_one():
    forms = {(config.form, config.quantizer) for config in CONFIGS.values() if isinstance(config, TokenizerConfig)}
    assert forms == {("patch", "averaged"), ("patch", "scalar"), ("conv", "plain")}
