"""A service with a fake models' process in a process of its own: ``python run_service.py DATA``."""

from __future__ import annotations

import sys
from pathlib import Path

from service_tools import FAKE

from motionary.service.server import run
from motionary.service.settings import Settings

if __name__ == "__main__":
    run(Settings(Path(sys.argv[1]), port=0, commands={"models": FAKE}))
