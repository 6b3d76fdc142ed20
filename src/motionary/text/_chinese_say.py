"""From the clauses of a Chinese prompt to English sentences."""

from __future__ import annotations

from collections.abc import Sequence

from motionary.text._chinese_clause import Action, Clause
from motionary.text._chinese_words import lexicon
from motionary.text.english import gerund, third_person

_LINKS = {"": "", ",": ", ", ".": ". ", ";": "; ", "then": ", then ", "and": " and ", "while": " while ",
          "but": ", but ", "until": " until ", "or": " or "}  # fmt: skip
_PRONOUNS = ("he", "she", "it", "they", "himself", "I", "you")


def say(clauses: Sequence[Clause]) -> str:
    """English for clauses in order; with a person in them "walks", without one "walk"."""
    spoken = [clause for clause in clauses if clause.actions or clause.subject]
    anyone = any(clause.subject for clause in spoken)
    text, plural, before = "", False, ""
    for clause in spoken:
        first = not text
        plural = clause.plural if clause.subject else plural
        subject = clause.subject
        if not first and subject in _PRONOUNS:
            subject = ""
        link = "" if first else clause.link or ","
        form = "ing" if link == "while" and not subject else "s" if anyone and not plural else "base"
        for action in clause.actions:
            before = action.refer(before)
        said = _actions(clause.actions, form)
        if not first and said.startswith(("do not ", "does not ")) and not subject:
            link, said = "without", "without " + _actions([_affirmed(action) for action in clause.actions], "ing")
        text += _LINKS.get(link, " ") + " ".join(filter(None, (subject, said)))
    return text.strip()


def _actions(actions: Sequence[Action], form: str) -> str:
    """Actions of one clause: the main one, then the states it is done in ("walks while holding up both hands")."""
    if not actions:
        return ""
    states = [action for action in actions[:-1] if action.lasting]
    main = [action for action in actions if not any(action is state for state in states)]
    spoken = [one for one in main if not one.denied]
    text = " and ".join(_inflected(action, form) for action in spoken)
    text += "".join(f" while {_inflected(state, 'ing')}" for state in states)
    for action in main:
        if action.denied and not text:
            text = f"{'does' if form == 's' else 'do'} not {_inflected(action, 'base')}"
        elif action.denied:
            text = f"{text} without {_inflected(action, 'ing')}".strip()
    return text


def _affirmed(action: Action) -> Action:
    return Action(**{**vars(action), "denied": False})


def _inflected(action: Action, form: str) -> str:
    if action.begin:
        after = lexicon().after_begin.get(action.begin, "to")
        inner = _inflected(Action(**{**vars(action), "begin": ""}), "ing" if after == "ing" else "base")
        return f"{_form(action.begin, form)} {'to ' if after == 'to' else ''}{inner}"
    return action.words(lambda verb: _form(verb, form))


def _form(verb: str, form: str) -> str:
    if form == "ing":
        return gerund(verb)
    return third_person(verb) if form == "s" else verb
