"""A service that all tests of a module share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("fastapi")

from service_tools import running, settings


@pytest.fixture(scope="package")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("service")


@pytest.fixture(scope="package")
def client(folder) -> Iterator:
    with running(settings(folder)) as found:
        yield found
