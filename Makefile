# make demo      set up, then a sentence becomes a moving body: demo/walk.glb, .bvh, .png
# make studio    set up, then the page for all of it in your browser
# make test      set up, then lint, types and the default tests
# make test-all  the slow, data and browser tests too
# make web       build the studio's page anew (needs Node 20)
# make bench     the figures of docs/benchmarks.md

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
PROMPT ?= a tired person walks forward and turns left

.PHONY: demo studio test test-all lint types bench web setup dev clean

setup: $(VENV)/.run
dev: $(VENV)/.dev

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "motionary needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) install -c constraints.txt -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	$(PIP) install -c constraints.txt -e '.[dev]'
	@touch $@

demo: setup
	$(BIN)/motionary generate "$(PROMPT)" --seconds 5 --seed 7 -o demo/walk.glb -o demo/walk.bvh -o demo/walk.png
	@echo "Open demo/walk.glb in Blender or any glTF viewer, demo/walk.bvh in any animation tool; demo/walk.png shows it."

studio: setup
	$(BIN)/motionary studio

lint: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: dev
	$(BIN)/mypy

test: lint types
	PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n 2 --dist worksteal

test-all: lint types
	$(BIN)/pytest -m ''

web:
	cd web && npm ci --no-audit --no-fund && npm run build

bench: dev
	$(BIN)/python benchmarks/run.py

clean:
	rm -rf $(VENV) build dist demo .pytest_cache .mypy_cache .ruff_cache
