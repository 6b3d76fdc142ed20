"""What is known about the actions of a prompt."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any

from fastapi import APIRouter, Query

from motionary.service import answers
from motionary.text.chinese import is_chinese, to_english
from motionary.text.knowledge import Knowledge

router = APIRouter(prefix="/v1/knowledge", tags=["knowledge"])


@lru_cache(maxsize=1)
def _knowledge() -> Knowledge:
    return Knowledge.load()


@router.get("", response_model=answers.Known, responses=answers.errors(422))
def definitions(prompt: Annotated[str, Query(min_length=1, max_length=2000)]) -> dict[str, Any]:
    """The definitions that a model with knowledge would be told for a prompt."""
    from motionary.text.knowledge.finder import find

    knowledge = _knowledge()
    english = (to_english(prompt).text or prompt) if is_chinese(prompt) else prompt
    names = dict.fromkeys(one.name for one in find(english, knowledge))
    return {"prompt": prompt, "english": english, "actions": [knowledge[name].as_dict() for name in names]}
