"""What is known about actions: written definitions, definitions from language models, and their encodings."""

from motionary.text.knowledge.entries import Entry, Knowledge

__all__ = ["Entry", "Knowledge"]
