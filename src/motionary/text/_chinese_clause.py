"""What is said of one action in a Chinese prompt, gathered while it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

_TURNS = ("turn", "rotate", "pivot")
_SIDED = {"left": "to the left", "right": "to the right", "forward left": "diagonally forward to the left",
          "forward right": "diagonally forward to the right", "backward left": "diagonally backward to the left",
          "backward right": "diagonally backward to the right", "both sides": "to both sides"}  # fmt: skip
_PLACED = ("on", "onto", "in", "at", "above", "behind", "beside", "under")
_WITH = ("kick", "punch", "wave", "box", "hit", "greet", "point", "throw", "hop", "jump", "stand", "balance", "clap")
_BODY_VERBS = (
    "wave",
    "turn",
    "rotate",
    "twist",
    "tilt",
    "sway",
    "shake",
    "swing",
    "circle",
    "bend",
    "stretch",
    "move",
    "spin",
)


@dataclass
class Action:
    """A verb and all that belongs to it, in English; ``verb`` is a template whose first word is inflected."""

    verb: str = ""
    begin: str = ""  # "starts", "keeps": goes before the verb
    objects: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)  # of the body, named before the verb: object or tool
    steps: list[str] = field(default_factory=list)  # steps, circles, metres
    directions: list[str] = field(default_factory=list)
    details: list[str] = field(default_factory=list)  # where, with what, how, how often
    lasting: bool = False  # 着: the state in which the next verb is done
    denied: bool = False

    def refer(self, before: str) -> str:
        """Take the object of the action before ("it", "them") where none is named; the object for the next one."""
        if "{o}" in self.verb and not self.objects and not self.parts and before:
            self.objects = [before]
        named = self.objects + self.parts
        if not named:
            return before
        return "them" if len(named) > 1 or named[0].startswith(("both", "two", "them")) else "it"

    def words(self, inflect: Callable[[str], str]) -> str:
        """The action in English.

        Args:
            inflect: gives a verb the form that is wanted.
        """
        template = self._template()
        head, *rest = template.split()
        text, objects = " ".join((inflect(head), *rest)), list(self.objects)
        if len(self.parts) == 1:
            text, self.parts = _part_in(text, self.parts)
        standing = head in ("stand", "balance", "hop")
        tools = [f"{'on' if standing and _foot(part) else 'with'} {part}" for part in self.parts]
        wants = "{o}" in text
        body = head in _BODY_VERBS and not rest
        if not objects and self.parts and (wants or body):
            kept = [part for part in self.parts if part != "the body"]
            objects, tools = kept or (["the body"] if wants else []), []
        if head in ("kick", "punch", "clap") and not wants:
            tools += [
                f"with {one}" for one in objects if one.split()[-1] in ("foot", "feet", "leg", "legs", "hand", "hands")
            ]
            objects = [one for one in objects if f"with {one}" not in tools]
        tools = [tool for tool in tools if tool not in ("with the body", "with the head") or head in _WITH]
        said = _joined(objects)
        if wants:
            text = text.replace("{o}", said or self._default(head))
        elif said:
            text += f" {said}"
        directions = [self._direction(direction, head, rest, bool(said)) for direction in self.directions]
        details = [one for one in self.details if one != "in a curve" or not directions]
        if len(details) < len(self.details):
            text += " in a curve"
        if len(tools) > 1 and all(tool.startswith("with ") for tool in tools):
            tools = ["with " + _joined([tool.removeprefix("with ") for tool in tools])]
        return " ".join(filter(None, (text, *self.steps, *directions, *tools, *details)))

    def _template(self) -> str:
        if self.verb == "jump" and self.objects and self.objects[0].endswith(("dance", "salsa", "ballet", "waltz")):
            return "dance"
        if self.verb == "sway" and self.parts and self.parts[0].endswith(("hand", "hands", "arm", "arms")):
            return "wave"
        if self.verb == "go around {o}" and self.objects and self.objects[0].endswith("circle"):
            self.objects, around = [], bool(self.parts)
            return "circle" if around else "walk in a circle"
        if self.verb == "put down {o}" and any(detail.split()[0] in _PLACED for detail in self.details):
            return "put {o}"
        if self.verb in ("step", "take a big step") and self.steps:
            return "take"
        if self.verb == "turn" and self.directions in (["backward"], ["around"]):
            self.directions = []
            return "turn around"
        if self.verb.startswith("step back") and self.directions == ["backward"]:
            self.directions = []
        if self.verb.endswith(" forward") and self.directions == ["forward"]:
            self.directions = []
        if "{o}" in self.verb and self.verb.split()[0] in ("raise", "lower") and self.directions in (["up"], ["down"]):
            self.directions = []
        return self.verb

    @staticmethod
    def _default(head: str) -> str:
        return "the arms" if head in ("stretch", "swing", "spread", "cross") else "something"

    @staticmethod
    def _direction(direction: str, head: str, rest: list[str], has_object: bool) -> str:
        if head in _TURNS and not rest and not has_object and direction in ("left", "right"):
            return direction
        if head in ("look", "lean", "bend") and direction == "backward":
            return "back"
        if direction == "sideways" and (has_object or head in ("kick", "lean", "look", "raise", "stretch")):
            return "to the side"
        return _SIDED.get(direction, direction)


def _foot(part: str) -> bool:
    return part.endswith(("foot", "feet", "leg", "legs"))


def _part_in(text: str, parts: list[str]) -> tuple[str, list[str]]:
    """A verb that names a part of the body itself names the one that was said: "raise a hand", "the left hand"."""
    named = parts[0].split()[-1]
    for own in (f"the {named}s", f"a {named}", f"the {named}"):
        if f" {own}" in text:
            return text.replace(own, parts[0], 1), []
    return text, parts


def _joined(nouns: list[str]) -> str:
    """ "the left and right hand", "the head and the right arm"."""
    if len(nouns) == 2:
        one, other = (noun.split() for noun in nouns)
        if one[:1] == other[:1] == ["the"] and len(one) == len(other) == 3 and one[2] == other[2]:
            return f"the {one[1]} and {other[1]} {one[2]}"
    return " and ".join(nouns)


@dataclass
class Clause:
    """Actions of one subject that belong together, and how they follow on what was before.

    Attributes:
        link: "", ",", ".", ";", "then", "and", "while", "but", "until", "or".
        subject: in English; "" carries on.
        plural: more than one person.
        actions: the last is the main one if the others are states (着).
    """

    link: str = ""
    subject: str = ""
    plural: bool = False
    actions: list[Action] = field(default_factory=list)
