"""What can be asked for: one form a task, checked field by field before anything is queued.

Every form is strict: unknown fields, numbers as text and truth values as numbers are refused, and nothing is infinite.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from motionary.errors import InputError
from motionary.tasks.prompts import LONGEST_PROMPT, LONGEST_SECONDS, MOST_PARTS, Request

_ID = "[0-9a-f]{32}"
UPLOAD = rf"upload:{_ID}"
MOTION = rf"({UPLOAD}|job:{_ID}/[0-9]{{1,2}})"
MOST_SAMPLES = 8

#: Field -> kinds of file that it may name.
Kinds = dict[str, tuple[str, ...]]


def _prompt(text: str) -> str:
    try:
        _ = Request(text).parts
    except InputError as error:
        raise ValueError(str(error)) from None
    return text


def _text(text: str) -> str:
    if "\x00" in text:
        raise ValueError("a NUL is no text")
    return text


Seed = Annotated[int, Field(ge=0, lt=2**63, description="The same seed gives the same motion.")]
Prompt = Annotated[
    str,
    Field(min_length=1, max_length=LONGEST_PROMPT, description="What the body does, in English or Chinese."),
    AfterValidator(_prompt),
]
Words = Annotated[str, Field(max_length=LONGEST_PROMPT), AfterValidator(_text)]
Name = Annotated[str, Field(max_length=100), AfterValidator(_text)]
Seconds = Annotated[float, Field(ge=0.2, le=LONGEST_SECONDS)]
Temperature = Annotated[float, Field(ge=0, le=5, description="Scales the noise; 0 draws none.")]
Samples = Annotated[int, Field(ge=1, le=MOST_SAMPLES, description="How many motions; seeds count up.")]
Fps = Annotated[float, Field(ge=1, le=240, description="Frames a second; by default the motion's own.")]
MotionRef = Annotated[str, Field(pattern=rf"^{MOTION}$", description="upload:ID or job:ID/INDEX.")]
UploadRef = Annotated[str, Field(pattern=rf"^{UPLOAD}$", description="upload:ID.")]


class Form(BaseModel):
    """What all forms share. ``references``: field -> kinds of file that it may name."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
    references: ClassVar[Kinds] = {}

    def named(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        """Field -> (reference, kinds allowed), for every file that this request names."""
        found: dict[str, tuple[str, tuple[str, ...]]] = {}
        for field, kinds in self.references.items():
            value = getattr(self, field)
            if isinstance(value, str) and value.startswith(("upload:", "job:")):
                found[field] = (value, kinds)
        return found


_RIG: Kinds = {"rig": ("rig", "motion")}
_MOTION: Kinds = {"motion": ("motion",)}


class Generate(Form):
    """A sentence becomes a moving body."""

    references = _RIG
    task: Literal["generate"]
    prompt: Prompt
    seconds: Seconds | None = None
    seed: Seed = 0
    samples: Samples = 1
    style: Name = ""
    temperature: Temperature = 1.0
    foot_lock: bool = True
    knowledge: bool = True
    definitions: Annotated[dict[Name, Words], Field(max_length=20)] = {}
    fps: Fps | None = None
    rig: UploadRef | None = None


class Part(Form):
    """One stretch of a sequence."""

    prompt: Prompt
    seconds: Seconds | None = None


class Sequence(Form):
    """Several prompts, one after the other, as one motion."""

    references = _RIG
    task: Literal["sequence"]
    segments: Annotated[list[Part], Field(min_length=1, max_length=MOST_PARTS)]
    seed: Seed = 0
    temperature: Temperature = 1.0
    foot_lock: bool = True
    knowledge: bool = True
    fps: Fps | None = None
    rig: UploadRef | None = None


class Gesture(Form):
    """Speech in, a body that speaks along out."""

    references: ClassVar[Kinds] = _RIG | {"audio": ("audio",), "lower": ("motion",)}
    task: Literal["gesture"]
    audio: UploadRef
    style: Name = ""
    lower: Annotated[Words, Field(description="What the legs do: words, or a motion's reference.")] = ""
    seconds: Annotated[float, Field(gt=0, le=600)] | None = None
    seed: Seed = 0
    temperature: Temperature = 1.0
    in_place: bool = False
    foot_lock: bool = True
    fps: Fps | None = None
    rig: UploadRef | None = None


class Follow(Form):
    """A spoken instruction in, a body that follows it out."""

    references: ClassVar[Kinds] = _RIG | {"audio": ("audio",)}
    task: Literal["follow"]
    audio: UploadRef
    seconds: Seconds | None = None
    seed: Seed = 0
    temperature: Temperature = 1.0
    foot_lock: bool = True
    fps: Fps | None = None
    rig: UploadRef | None = None


class Edit(Form):
    """A motion changed in part, and all else as it is."""

    references = _MOTION
    task: Literal["edit"]
    motion: MotionRef
    prompt: Words = ""
    part: Annotated[list[Name], Field(max_length=10)] = []
    keep: Annotated[list[Name], Field(max_length=10)] = []
    between: Annotated[list[Annotated[float, Field(ge=0)]], Field(min_length=2, max_length=2)] | None = None
    extend: Annotated[float, Field(ge=0, le=30)] = 0.0
    style: Name = ""
    seed: Seed = 0
    samples: Samples = 1
    tries: Annotated[int, Field(ge=1, le=32)] = 8
    foot_lock: bool = True
    human: bool = False


class Describe(Form):
    """What a body does, in words."""

    references = _MOTION
    task: Literal["describe"]
    motion: MotionRef
    by: Literal["memory", "language"] = "memory"
    answers: Annotated[int, Field(ge=1, le=20)] = 3
    seed: Seed = 0


class Emotion(Form):
    """Which style a body shows."""

    references = _MOTION
    task: Literal["emotion"]
    motion: MotionRef


class Next(Form):
    """What a body will do next."""

    references = _MOTION
    task: Literal["next"]
    motion: MotionRef
    horizon: Annotated[float, Field(ge=0.5, le=60, description="Seconds ahead.")] = 5.0
    then: Annotated[bool, Field(description="Give a body that goes on as expected, too.")] = False
    seed: Seed = 0


class Anticipate(Form):
    """What happens next, from labels of what was seen."""

    references: ClassVar[Kinds] = {"labels": ("labels",)}
    task: Literal["anticipate"]
    labels: Annotated[str, Field(pattern=rf"^({UPLOAD}|video:[a-z0-9-]{{1,60}})$")]
    horizon: Annotated[float, Field(gt=0, le=3600)] = 60.0
    now: Annotated[float, Field(gt=0, le=1e6)] | None = None
    total: Annotated[float, Field(gt=0, le=1e6)] | None = None
    activity: Name = ""
    model: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,60}$")] = "default"


class Retarget(Form):
    """A motion on another skeleton: a rig's, or HUMAN."""

    references: ClassVar[Kinds] = _RIG | _MOTION
    task: Literal["retarget"]
    motion: MotionRef
    rig: UploadRef | None = None
    names: Annotated[
        dict[Name, Name], Field(max_length=64, description="Joint of HUMAN -> bone; by default recognised.")
    ] = {}


class Convert(Form):
    """A motion at another rate or on HUMAN; its files come in every format."""

    references = _MOTION
    task: Literal["convert"]
    motion: MotionRef
    fps: Fps | None = None
    human: bool = False


def as_params(form: Form) -> dict[str, Any]:
    """A request as it is stored, JSON-serialisable."""
    return form.model_dump(mode="json")
