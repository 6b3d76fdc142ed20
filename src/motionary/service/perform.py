"""What does each task, in the process of the models: a form in, an ``Outcome`` out. Thin: the work is in ``tasks``."""

from __future__ import annotations

from collections.abc import Sequence as Many
from pathlib import Path
from typing import TYPE_CHECKING, Any

from motionary.errors import FormatError, InputError
from motionary.motion import Motion
from motionary.motion.retarget import from_human, to_human
from motionary.service import requests as ask
from motionary.service.context import Context, Outcome
from motionary.tasks.save import at_rate

if TYPE_CHECKING:
    from motionary.tasks.generate import Generator


def generate(form: ask.Generate, context: Context) -> Outcome:
    """Motions of a prompt, with seeds that count up."""
    from motionary.tasks.prompts import Request

    words = f"{form.prompt}, in {form.style} style" if form.style else form.prompt
    wanted = [Request(words, form.seconds, form.seed + number) for number in range(form.samples)]
    generator = _generator(form.definitions, context)
    motions = generator(wanted, form.temperature, form.foot_lock, form.knowledge)
    return Outcome(_at(motions, form.fps), rig=form.rig)


def _generator(definitions: dict[str, str], context: Context) -> Generator:
    """The model, with the user's definitions over those that ship."""
    from motionary.tasks.generate import Generator

    shared = Generator.load(context.model)
    if not definitions:
        return shared
    return Generator(shared.model, shared.info, shared.familiarity, _written(definitions, context.folder))


def _written(definitions: dict[str, str], folder: Path) -> Path:
    """A file of definitions, as the knowledge base reads them."""
    from motionary.text.knowledge.entries import add_to_file
    from motionary.text.knowledge.lm import clean
    from motionary.text.knowledge.schema import to_entry

    path = folder / "definitions.jsonl"
    for name, text in definitions.items():
        values: dict[str, Any] = {
            "name": name.strip().lower(), "kind": ["user"], "synonyms": [], "chinese": [],
            "definition": clean(text) or [text.strip()], "parts": [], "extent": "whole", "senses": "one",
            "opposite": "", "wordnet": "", "gloss": "", "provenance": "sent with a request",
        }  # fmt: skip
        entry = to_entry(values, lambda key, reason, of=name: FormatError(reason, where=f"definitions, {of!r}, {key}"))  # type: ignore[misc]
        add_to_file(entry, path, replace=True)
    return path


def sequence(form: ask.Sequence, context: Context) -> Outcome:
    """Prompts as one timeline."""
    from motionary.tasks.generate import Generator
    from motionary.tasks.sequence import sequence as run

    segments = [(part.prompt, part.seconds) for part in form.segments]
    motion = run(
        segments, form.seed, temperature=form.temperature, foot_lock=form.foot_lock, knowledge=form.knowledge,
        generator=Generator.load(context.model),
    )  # fmt: skip
    return Outcome(_at([motion], form.fps), rig=form.rig)


def gesture(form: ask.Gesture, context: Context) -> Outcome:
    """A body that speaks along."""
    from motionary.tasks.gesture import gesture as run

    named = "lower" in form.named()
    motion = run(
        context.path(form.audio), style=form.style, lower=context.motion(form.lower) if named else form.lower,
        seconds=form.seconds, seed=form.seed, temperature=form.temperature, in_place=form.in_place,
        foot_lock=form.foot_lock, model=context.model, progress=context.progress,
    )  # fmt: skip
    return Outcome(_at([motion], form.fps), rig=form.rig, audio=form.audio)


def follow(form: ask.Follow, context: Context) -> Outcome:
    """A body that does what a voice says."""
    from motionary.tasks.follow import follow as run

    motion = run(
        context.path(form.audio), seconds=form.seconds, seed=form.seed, temperature=form.temperature,
        foot_lock=form.foot_lock, model=context.model,
    )  # fmt: skip
    return Outcome(_at([motion], form.fps), rig=form.rig)


def edit(form: ask.Edit, context: Context) -> Outcome:
    """A motion changed in part; a rigged character goes on to look as it did."""
    from motionary.tasks.edit import edit as run
    from motionary.tasks.edit_plan import Edit, new
    from motionary.tasks.language import BodyLanguage

    motion = context.motion(form.motion)
    span = None if form.between is None else (form.between[0], form.between[1])
    asked = [
        Edit(form.prompt.strip(), tuple(form.part), tuple(form.keep), span, form.extend, form.style.lower(), seed)
        for seed in range(form.seed, form.seed + form.samples)
    ]
    new(asked[0], len(motion), motion.fps)
    language, made = BodyLanguage.load(context.language), []
    for number, one in enumerate(asked):
        made.append(run(motion, one, language, human=form.human, foot_lock=form.foot_lock, tries=form.tries))
        context.progress("edits", number + 1, len(asked))
    own = context.path(form.motion).suffix == ".glb" and not form.human
    return Outcome(tuple(made), rig=form.motion if own and _skinned(context.path(form.motion)) else None)


def describe(form: ask.Describe, context: Context) -> Outcome:
    """Captions, as ``motionary describe --json`` gives them."""
    from motionary.tasks.describe import describe as run
    from motionary.tasks.language import BodyLanguage

    language = BodyLanguage.load(context.language) if form.by == "language" else None
    found = run(
        context.motion(form.motion), language, source=form.by, answers=form.answers, seed=form.seed,
        candidates=max(16, form.answers), progress=context.progress,
    )  # fmt: skip
    return Outcome(result=found.as_dict())


def emotion(form: ask.Emotion, context: Context) -> Outcome:
    """Styles, as ``motionary emotion --json`` gives them."""
    from motionary.tasks.feeling import feel

    return Outcome(result=feel(context.motion(form.motion)).as_dict())


def coming(form: ask.Next, context: Context) -> Outcome:
    """What a body does next, as ``motionary anticipate --json`` gives it for a motion."""
    from motionary.tasks.anticipate import anticipate as run

    motion = context.motion(form.motion)
    found = run(motion, form.horizon)
    made: tuple[Motion, ...] = ()
    if form.then:
        from motionary.tasks.continuation import continued

        made = (continued(found, to_human(motion), form.seed),)
    return Outcome(made, found.as_dict())


def anticipate(form: ask.Anticipate, context: Context) -> Outcome:
    """What happens next, as ``motionary anticipate --json`` gives it."""
    from motionary.service.examples import video
    from motionary.tasks import remaining
    from motionary.tasks.anticipate import anticipate as run
    from motionary.tasks.anticipators import ACTIVITIES, Model, load
    from motionary.tasks.trained import released

    if form.model not in (known := ("default", ACTIVITIES, *released())):
        raise InputError(f"no model {form.model!r} anticipates; there are {', '.join(known)}")
    kind, _, name = form.labels.partition(":")
    path = video(name) if kind == "video" else context.path(form.labels)
    model: str | Model = form.model
    source: Any = path
    if form.activity:
        model = load(remaining.GENERAL if form.model == "default" else form.model)
        source = remaining.following(path, model, form.activity)
    found = run(source, form.horizon, model, now=form.now, total=form.total)
    rest = remaining.beside(found, model)
    named = {"name": name if kind == "video" else ""}  # an upload's file is called by no name of the user's
    return Outcome(result={**found.as_dict(), **named, **({"remaining": rest.as_dict()} if rest else {})})


def retarget(form: ask.Retarget, context: Context) -> Outcome:
    """A motion on HUMAN, or on a rig: a GLB's skin or the skeleton of any motion file."""
    from motionary import formats
    from motionary.formats import gltf

    motion, names = context.motion(form.motion), form.names or None
    if form.rig is None:
        return Outcome((to_human(motion, names),))
    human, path = to_human(motion), context.path(form.rig)
    if path.suffix == ".glb" and _skinned(path):
        rig = gltf.rest(path)[1]
        return Outcome((from_human(human, rig.skeleton, names, rig.rest),), rig=form.rig)
    skeleton = formats.read(path).skeleton
    return Outcome((from_human(human, skeleton, names),))


def convert(form: ask.Convert, context: Context) -> Outcome:
    """A motion at another rate, or on HUMAN."""
    motion = context.motion(form.motion)
    return Outcome(_at([to_human(motion) if form.human else motion], form.fps))


def _skinned(path: Path) -> bool:
    """Whether a GLB has a character that can be moved."""
    from motionary.formats import gltf

    try:
        gltf.rest(path)
    except FormatError:  # bones without a skin
        return False
    return True


def _at(motions: Many[Motion], fps: float | None) -> tuple[Motion, ...]:
    return tuple(motion if fps is None else at_rate(motion, fps) for motion in motions)
