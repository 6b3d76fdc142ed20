"""Data sets -> clips with captions, labels, splits and licences. A new data set is one module and one line below.

A data set's module has ``SOURCE`` (its terms) and ``items(folder)`` (what is there, see ``corpora.item``).
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from motionary.errors import InputError

#: Data set -> what its folder or archive is called in a data folder.
DATASETS = {
    "bandai_namco": "bandai-namco",
    "cmu": "cmu",
    "hdm05": "hdm05",
    "deepmimic": "deepmimic",
    "kaykit": "kaykit",
    "kit": "kit",
    "humanml3d": "humanml3d",
    "babel": "babel",
}


def dataset(name: str) -> ModuleType:
    """The module of a data set. Raises InputError for an unknown name."""
    if name not in DATASETS:
        raise InputError(f"no data set {name!r}; known are {', '.join(DATASETS)}")
    return import_module(f"motionary.corpora.{name}")
