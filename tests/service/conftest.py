"""A service that all tests of a module share."""

from __future__ import annotations

import socket
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


@pytest.fixture(autouse=True)
def _no_way_out(monkeypatch):
    """Whoever connects to another machine fails (T4)."""
    connect = socket.socket.connect

    def checked(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            assert str(address[0]).startswith(("127.", "::1", "localhost")), f"a connection to {address}"
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", checked)
