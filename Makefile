# make predict IMAGES=FOLDER   read line images (default: the sample lines of this repository)
# make test                    all checks
# make fuzz CASES=100000       more of the cases that the tests make up (about 10 minutes)
# make soak                    one run of an hour (SOAK_SECONDS), its memory, files and threads watched
# make weights LINES='FOLDER…' train weights from nothing, as the shipped ones were (hours; Debian 12, as root)
# All set up an environment in .venv on first use; they need Python 3.11 or newer, make and a network.

PYTHON ?= python3
IMAGES ?= tests/samples
WORKERS ?= 2
CASES ?= 100000
VENV := .venv
BIN := $(VENV)/bin

# For `make weights`: where its fonts and text, and its results, are put; folders of real lines; batches to train on.
DATA ?= runs/corpus
RUN ?= runs/weights
# Not ?=: some environments hold the height of a terminal under this name.
LINES =
STEPS_363 ?= 17000
STEPS_484 ?= 14500
MORE_363 ?= 12000
MORE_484 ?= 10500

comma := ,

.PHONY: predict test lint fuzz soak weights train-363 train-484 clean

predict: $(VENV)/installed
	@$(BIN)/multirec predict "$(IMAGES)" --workers $(WORKERS)

test: $(VENV)/installed-dev lint
	$(BIN)/python -m pytest

lint: $(VENV)/installed-dev
	$(BIN)/ruff check multirec tests weights
	$(BIN)/ruff format --check multirec tests weights
	$(BIN)/mypy

fuzz: $(VENV)/installed-dev
	MULTIREC_FUZZ=$(CASES) $(BIN)/python -m pytest tests/test_fuzz.py

soak: $(VENV)/installed-dev
	$(BIN)/python -m tests.soak

LANGUAGES := en de fr es it cs da nl pl pt sv nb fi hu sl tr ro hr et lv lt is
# Some are named again, to be drawn as often.
TEXT := $(foreach language,$(LANGUAGES) en en en en de de de fr fr fr es es it,--text $(DATA)/text/$(language).txt)
RENDERING := --fonts $(DATA)/fonts.tsv $(TEXT)
HOLD_OUT := 0.04
PAIR := --weights-363 $(RUN)/SEnet363.npz --weights-484 $(RUN)/SEnet484.npz

# The two networks are trained at once, a process each, first from nothing, then once more at a lower rate.
# Interrupted, it goes on from the last checkpoints in RUN.
weights: $(VENV)/installed-train $(DATA)/installed
	$(MAKE) --no-print-directory -j2 train-363 train-484
	$(BIN)/multirec render $(RUN)/rendered $(RENDERING) --count 600 --seed 9
	$(BIN)/multirec calibrate $(RUN)/rendered $(PAIR) \
		$(if $(LINES),$(foreach folder,$(LINES),--held-out $(folder)) --hold-out $(HOLD_OUT))

train-363 train-484: train-%: $(VENV)/installed-train $(DATA)/installed
	$(BIN)/multirec train $(LINES) --from-nothing --network SEnet$* --run $(RUN)/first $(RENDERING) \
		--steps $(STEPS_$*) --rate 1.5e-3 --real-share 0.3 --hold-out $(HOLD_OUT) --threads 1 --seed $* --label 2
	$(BIN)/multirec train $(LINES) --network SEnet$* --run $(RUN) $(RENDERING) \
		--weights-363 $(RUN)/first/SEnet363.npz --weights-484 $(RUN)/first/SEnet484.npz \
		--steps $(MORE_$*) --rate 8e-4 --real-share 0.35 --hold-out $(HOLD_OUT) --threads 1 --seed 3$* --label 2

$(DATA)/installed: $(addprefix weights/corpus/,install.sh fonts.py fonts.tsv texts.py) | $(VENV)/bin/python
	PYTHON=$(BIN)/python weights/corpus/install.sh $(DATA)
	@touch $@

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("multirec needs Python 3.11 or newer: make PYTHON=python3.11") if sys.version_info < (3, 11) else 0'
	@$(PYTHON) -m venv $(VENV)

# opencv-python needs libraries of a desktop (libGL); where they are missing its twin without windows serves.
define install
	@$(BIN)/python -m pip install --quiet --editable '$(1)' >&2
	@$(BIN)/python -c 'import cv2' 2>/dev/null || { \
		echo 'no libGL on this machine: installing opencv-python-headless instead of opencv-python' >&2; \
		$(BIN)/python -m pip uninstall --quiet --yes opencv-python >&2; \
		$(BIN)/python -m pip install --quiet --force-reinstall --no-deps opencv-python-headless >&2; }
	@touch $@
endef

$(VENV)/installed: $(VENV)/bin/python pyproject.toml
	$(call install,.)

$(VENV)/installed-dev: $(VENV)/installed
	$(call install,.[dev])

# Without a GPU, a CPU build of torch installed into .venv beforehand saves gigabytes: it is kept.
$(VENV)/installed-train: $(VENV)/installed
	$(call install,.[train$(comma)evaluate])

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
