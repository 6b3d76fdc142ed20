"""Every task in this process, with tiny models: what goes in and what comes out."""

from __future__ import annotations

import numpy as np
import pytest

import motions
import sounds
from motionary import formats
from motionary.errors import InputError
from motionary.motion import HUMAN
from motionary.service import modelwork
from motionary.service.context import Context
from motionary.service.examples import videos
from motionary.service.tasks import FORMS, TASKS
from motionary.speech.audio import write
from tiny_language import saved, short

A, B, C, D = ("upload:" + letter * 32 for letter in "abcd")


@pytest.fixture(scope="module")
def context(tmp_path_factory):
    folder = tmp_path_factory.mktemp("work")
    formats.write(motions.walk(2.0), folder / "walk.npz")
    formats.write(motions.walk(1.0), folder / "walk.glb")
    write(sounds.babble([(0.3, 0.1, 120)], 0.6), folder / "speech.wav")
    (folder / "steps.csv").write_text("start,end,label\n0,9,take_cup\n9,20,pour_coffee\n")
    files = {A: folder / "walk.npz", B: folder / "walk.glb", C: folder / "speech.wav", D: folder / "steps.csv"}
    return Context(files, folder, model="debug", language=str(saved(folder / "language")))


def run(task, context, **params):
    return TASKS[task].run(FORMS.validate_python({"task": task, **params}), context)


def test_generate_with_seeds_that_count_up(context):
    made = run("generate", context, prompt="a person waves", seconds=1, samples=2, seed=4, fps=20).motions
    assert [motion.meta["seed"] for motion in made] == [4, 5]
    assert [motion.fps for motion in made] == [20.0, 20.0]
    again = run("generate", context, prompt="a person waves", seconds=1, seed=5, fps=20).motions[0]
    assert np.allclose(made[1].rotations, again.rotations, atol=1e-5)  # alone or in a batch
    assert not np.allclose(made[0].rotations, again.rotations, atol=1e-3)
    styled = run("generate", context, prompt="a person waves", style="happy").motions[0]
    assert styled.meta["prompt"] == "a person waves, in happy style"


def test_generate_with_definitions(context):
    made = run("generate", context, prompt="a person hops", definitions={"hop": "A jump on one leg."}, seconds=1)
    assert len(made.motions) == 1
    assert "A jump on one leg." in (context.folder / "definitions.jsonl").read_text()
    with pytest.raises(InputError, match="definitions, '  '"):
        run("generate", context, prompt="a person hops", definitions={"  ": "A jump."})


def test_sequence_does_one_after_the_other(context):
    parts = [{"prompt": "a person walks", "seconds": 2}, {"prompt": "a person waves", "seconds": 1}]
    motion = run("sequence", context, segments=parts, seed=3).motions[0]
    assert [one.text for one in motion.segments] == ["a person walks", "a person waves"]
    assert motion.duration == pytest.approx(3.0, abs=0.2)
    assert motion.segments[1].start == pytest.approx(2.0, abs=0.4)
    with pytest.raises(InputError, match="at most 60 s in all"):
        run("sequence", context, segments=[{"prompt": "a person walks", "seconds": 40}] * 2)


def test_gesture_keeps_the_sound_for_its_film(context):
    outcome = run("gesture", context, audio=C, seed=1)
    assert outcome.audio == C
    assert outcome.motions[0].duration == pytest.approx(0.6, abs=0.05)
    legs = run("gesture", context, audio=C, lower=A).motions[0]
    assert np.allclose(legs.root, motions.walk(2.0).root[: len(legs)], atol=1e-6)


def test_edit_goes_on_on_the_own_rig(context):
    outcome = run("edit", context, motion=B, prompt="waves", part=["left arm"], tries=1)
    assert outcome.rig == B
    kept = HUMAN.index("right_knee")
    assert np.abs(outcome.motions[0].rotations[:, kept] - formats.read(context.path(B)).rotations[:, kept]).max() < 1e-6
    assert run("edit", context, motion=A, between=[0.5, 1], tries=1).rig is None
    with pytest.raises(InputError, match="nothing to do"):
        run("edit", context, motion=A)


def test_describe_in_words_of_either_source(context, monkeypatch):
    short(monkeypatch)
    told = run("describe", context, motion=A, answers=2).result
    assert 1 <= len(told["passages"][0]["captions"]) <= 2
    spoken = run("describe", context, motion=A, by="language", answers=1).result
    assert spoken["model"] != told["model"]


def test_emotion_adds_up(context):
    assert sum(run("emotion", context, motion=A).result["probabilities"].values()) == pytest.approx(1, abs=1e-3)


def test_next_with_a_body(context):
    outcome = run("next", context, motion=A, horizon=3)
    assert (outcome.motions, outcome.result["horizon"]) == ((), 3.0)
    assert outcome.result["running"] == "walk"


def test_anticipate_labels_and_what_ships(context):
    told = run("anticipate", context, labels=D, horizon=30).result
    assert (told["running"], told["horizon"]) == ("pour_coffee", pytest.approx(30, abs=0.1))
    assert len(videos()) >= 4
    for name in videos():
        assert run("anticipate", context, labels=f"video:{name}", horizon=60).result["segments"]
    with pytest.raises(InputError, match="no model 'magic'"):
        run("anticipate", context, labels=D, model="magic")
    with pytest.raises(InputError, match="no timeline 'nothing' ships"):
        run("anticipate", context, labels="video:nothing")


def test_retarget_to_human_and_to_a_rig(context):
    assert run("retarget", context, motion=B).motions[0].skeleton.same_as(HUMAN, 1e-6)
    outcome = run("retarget", context, motion=A, rig=B)
    assert outcome.rig == B
    assert len(outcome.motions[0]) == len(formats.read(context.path(A)))


def test_convert(context):
    assert run("convert", context, motion=A, fps=60).motions[0].fps == 60.0


def test_what_is_written_is_what_is_told(context, tmp_path):
    from dataclasses import replace

    folder = tmp_path / "job"
    folder.mkdir()
    done = modelwork.works()["generate"](
        {"task": "generate", "prompt": "a person waves", "seconds": 1.0}, replace(context, folder=folder)
    )
    [told] = done["motions"]
    found = formats.read(folder / "0.npz")
    assert (told["frames"], told["fps"], told["seconds"]) == (len(found), found.fps, found.duration)
    assert told["segments"] == [{"start": 0.0, "end": 1.0, "label": "a person waves"}]


def test_readiness_names_the_missing_model(tmp_path):
    with pytest.raises(InputError, match="nowhere"):
        modelwork.warm(str(tmp_path / "nowhere"), "default")
