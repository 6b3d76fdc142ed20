"""Procedures: which step comes next and what remains, with and without a task graph."""
