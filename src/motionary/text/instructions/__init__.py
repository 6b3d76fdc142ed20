"""Instructions for the language model: what is asked, in English and Chinese, with places for audio and motion."""

from motionary.text.instructions.catalogue import Instructions
from motionary.text.instructions.prompt import Prompt, Slot
from motionary.text.instructions.report import Report, check

__all__ = ["Instructions", "Prompt", "Report", "Slot", "check"]
