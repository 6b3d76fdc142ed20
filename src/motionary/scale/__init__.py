"""The same work on one machine or on many: engines, and the journal of a run that can be resumed."""

from motionary.scale.engine import ENGINES, Engine, Work
from motionary.scale.journal import Journal

__all__ = ["ENGINES", "Engine", "Journal", "Work"]
