# make predict IMAGES=FOLDER   read line images (default: the sample lines of this repository)
# make test                    all checks
# Both set up an environment in .venv on first use; they need Python 3.11 or newer, make and a network.

PYTHON ?= python3
IMAGES ?= tests/samples
WORKERS ?= 2
VENV := .venv
BIN := $(VENV)/bin

.PHONY: predict test lint clean

predict: $(VENV)/installed
	@$(BIN)/multirec predict $(IMAGES) --workers $(WORKERS)

test: $(VENV)/installed-dev lint
	$(BIN)/python -m pytest

lint: $(VENV)/installed-dev
	$(BIN)/ruff check multirec tests
	$(BIN)/ruff format --check multirec tests
	$(BIN)/mypy

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("multirec needs Python 3.11 or newer: make PYTHON=python3.11") if sys.version_info < (3, 11) else 0'
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable . >&2
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --editable '.[dev]' >&2
	@touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
