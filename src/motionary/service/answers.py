"""What is answered, for OpenAPI and for those who write clients."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

State = Literal["queued", "running", "done", "failed", "cancelled", "interrupted"]


class Problem(BaseModel):
    """What is wrong: in words, in which field, and a code for programs."""

    message: str
    field: str | None
    code: str


class Error(BaseModel):
    """The body of every answer from 400 on."""

    error: Problem


class Alive(BaseModel):
    """The service answers."""

    status: Literal["alive"]
    version: str
    token: bool = Field(description="Whether other requests need one.")


class Ready(BaseModel):
    """Whether jobs can run now."""

    ready: bool
    models: dict[str, Any]
    problem: str | None = None


class Segment(BaseModel):
    """A label in time, seconds."""

    start: float
    end: float
    label: str


class MotionAbout(BaseModel):
    """One motion of a job; its files are at /v1/jobs/{id}/motions/{index}.{glb,bvh,npz,mp4,gif,png}."""

    index: int
    seconds: float
    frames: int
    fps: float
    meta: dict[str, Any]
    segments: list[Segment]
    rig: str | None = Field(description="Whose skin its GLB has.")
    audio: str | None = Field(description="The sound of its film.")


class Progress(BaseModel):
    """How far a job is."""

    what: str
    done: int
    total: int


class Job(BaseModel):
    """One job."""

    id: str
    task: str
    state: State
    position: int | None = Field(description="In the queue: 1 is next.")
    progress: Progress | None
    created: str
    started: str | None
    finished: str | None
    params: dict[str, Any]
    result: dict[str, Any] | None
    error: Problem | None
    motions: list[MotionAbout]


class Jobs(BaseModel):
    """Jobs, the newest first; ``next`` is the ``before`` of the page after this one."""

    jobs: list[Job]
    next: str | None


class Upload(BaseModel):
    """One file of a user's, and what is in it."""

    id: str
    kind: Literal["motion", "rig", "audio", "labels"]
    name: str
    bytes: int
    created: str
    facts: dict[str, Any]


class Uploads(BaseModel):
    """Uploads, the newest first."""

    uploads: list[Upload]


class Token(BaseModel):
    """For a session in a browser."""

    token: str = Field(max_length=1000)


class Known(BaseModel):
    """What is known about the actions of a prompt."""

    prompt: str
    english: str
    actions: list[dict[str, Any]]


class Video(BaseModel):
    """A timeline that ships."""

    seconds: float
    segments: list[Segment]


class Study(BaseModel):
    """The study that is served."""

    study: str
    title: str
    pairs: int
    ratings: int


class Rated(BaseModel):
    """A rater's file that was taken."""

    rater: str
    votes: int
    complete: bool


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors that a route may answer, beside those that every route may."""
    return {status: {"model": Error} for status in (*statuses, 401, 403, 421)}
