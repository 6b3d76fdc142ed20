"""The table of tasks: its name -> what may be asked, what does it, and an example. A new task is one entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from motionary.service import perform, requests
from motionary.service.context import Context, Outcome

_ID = "0123456789abcdef0123456789abcdef"


@dataclass(frozen=True)
class Task:
    """One thing a user can ask for.

    Attributes:
        form: of the request.
        run: does it, in the process of the models.
        example: a request, for the documents.
    """

    form: type[requests.Form]
    run: Callable[[Any, Context], Outcome]
    example: dict[str, Any]


TASKS: dict[str, Task] = {
    "generate": Task(
        requests.Generate,
        perform.generate,
        {"prompt": "a tired person walks forward and turns left", "seconds": 5, "seed": 7},
    ),
    "sequence": Task(
        requests.Sequence,
        perform.sequence,
        {"segments": [{"prompt": "a person walks forward", "seconds": 3}, {"prompt": "a person waves"}], "seed": 1},
    ),
    "gesture": Task(requests.Gesture, perform.gesture, {"audio": f"upload:{_ID}", "style": "happy"}),
    "follow": Task(requests.Follow, perform.follow, {"audio": f"upload:{_ID}"}),
    "edit": Task(
        requests.Edit,
        perform.edit,
        {"motion": f"job:{_ID}/0", "prompt": "waves with the left hand", "part": ["left arm"], "seed": 2},
    ),
    "describe": Task(requests.Describe, perform.describe, {"motion": f"upload:{_ID}"}),
    "emotion": Task(requests.Emotion, perform.emotion, {"motion": f"upload:{_ID}"}),
    "next": Task(requests.Next, perform.coming, {"motion": f"job:{_ID}/0", "horizon": 5}),
    "anticipate": Task(requests.Anticipate, perform.anticipate, {"labels": f"upload:{_ID}", "horizon": 60}),
    "retarget": Task(requests.Retarget, perform.retarget, {"motion": f"job:{_ID}/0", "rig": f"upload:{_ID}"}),
    "convert": Task(requests.Convert, perform.convert, {"motion": f"upload:{_ID}", "fps": 30}),
}

#: Any of the forms, told apart by "task".
AnyForm = Annotated[
    requests.Generate
    | requests.Sequence
    | requests.Gesture
    | requests.Follow
    | requests.Edit
    | requests.Describe
    | requests.Emotion
    | requests.Next
    | requests.Anticipate
    | requests.Retarget
    | requests.Convert,
    Field(discriminator="task"),
]
FORMS: TypeAdapter[Any] = TypeAdapter(AnyForm)


def examples() -> dict[str, Any]:
    """Of every task, as OpenAPI wants them."""
    return {name: {"value": {"task": name, **task.example}} for name, task in TASKS.items()}
