"""The state while a Chinese prompt is read: clauses so far, the present action, what waits for its verb."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from motionary.text._chinese_clause import Action, Clause
from motionary.text._chinese_words import Word


@dataclass
class Reader:
    """The state while words are read: clauses so far, the present one, and what waits for its verb."""

    words: Sequence[Word]
    clauses: list[Clause] = field(default_factory=lambda: [Clause()])
    waiting: Action = field(default_factory=Action)
    unknown: list[str] = field(default_factory=list)
    beside: bool = False  # a first 一边 was read
    place: int = 0

    @property
    def clause(self) -> Clause:
        """The present clause."""
        return self.clauses[-1]

    @property
    def action(self) -> Action:
        """Where the next detail belongs: the clause's last action, or the one that waits for its verb."""
        return self.clause.actions[-1] if self.clause.actions and self.idle() else self.waiting

    def idle(self) -> bool:
        return vars(self.waiting) == vars(Action())

    def word(self, offset: int = 0) -> Word:
        """A word relative to the present one; an empty one beyond the end."""
        place = self.place + offset
        return self.words[place] if 0 <= place < len(self.words) else Word("", {})

    def verb_follows(self, start: int) -> bool:
        """Whether a verb comes before the clause ends: then what stands here belongs to that verb."""
        for word in self.words[start:]:
            if "mark" in word.kinds or ("links" in word.kinds and "locations" not in word.kinds):
                return False
            if "verbs" in word.kinds:
                return True
        return False

    def link(self, link: str) -> None:
        """Begin a new clause, unless nothing was read in this one: then only the way it follows changes."""
        if self.waiting.parts and self.waiting.directions and not self.clause.actions:
            self.settle()  # "双手向上": a part and where it goes are an action
        if self.clause.actions:
            self.settle()
            self.clauses.append(Clause(link))
        elif link in ("then", "while", "but", "until", "or") or (link == "and" and self.clause.link == ","):
            if len(self.clauses) > 1:
                self.clause.link = link
        elif not self.idle() and len(self.clauses) > 1 and link in (",", ".", ";"):
            self.settle()
            self.clause.link = link

    def settle(self) -> None:
        """What waited for a verb that never came belongs to the last action."""
        if self.idle():
            return
        if self.waiting.parts and self.waiting.directions:
            self.verb({"up": "raise {o}", "down": "lower {o}"}.get(self.waiting.directions[-1], "stretch {o}"))
            return
        last = next((one.actions[-1] for one in reversed(self.clauses) if one.actions), None)
        if last is None:
            return
        last.details += [f"with {part}" for part in (*self.waiting.parts, *self.waiting.objects)]
        last.directions += self.waiting.directions
        last.details += self.waiting.details
        last.steps += self.waiting.steps
        self.waiting = Action()

    def verb(self, template: str) -> None:
        """A verb: it takes what waited for one."""
        action, self.waiting = self.waiting, Action()
        last = self.clause.actions[-1] if self.clause.actions else None
        if (
            last is not None
            and last.verb == "step"
            and not last.steps
            and template.split()[0] in ("walk", "run", "move")
        ):
            last.verb, action.verb = template, template  # "迈步向前走" is one walk
            last.directions += action.directions
            last.details += action.details
            return
        action.verb = template
        self.clause.actions.append(action)
