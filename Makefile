# make predict IMAGES=FOLDER   read line images (default: the sample lines of this repository)
# make test                    all checks (minutes)
# make check                   those of them that need no TensorFlow: lint, types, most tests (less than a minute)
# make fuzz CASES=100000       more of the cases that the tests make up (about 10 minutes)
# make kills KILLS=200         kill a run of 2,000 images at so many random instants (about 20 minutes)
# make soak                    one run of an hour (SOAK_SECONDS), its memory, files and threads watched
# make cost                    how cost grows with the images' width, height, files and number (some minutes)
# make plan IMAGES=FOLDER      what millions of lines like those take: cores, machines, bytes (two minutes)
# make screens                 draw training lines as screens show them (about 15 minutes; Debian 12, as root)
# make weights LINES='FOLDER…' train weights from nothing, as the shipped ones were (hours; Debian 12, as root)
# All set up an environment in .venv on first use; they need Python 3.11 or newer, make and a network.

PYTHON ?= python3
IMAGES ?= tests/samples
WORKERS ?= 2
CASES ?= 100000
KILLS ?= 200
VENV := .venv
BIN := $(VENV)/bin

# For `make weights`: where its fonts and text, and its results, are put; folders of real lines; batches of each stage.
DATA ?= runs/corpus
RUN ?= runs/weights
# Not ?=: some environments hold the height of a terminal under this name.
LINES =
STEPS_363 ?= 17000 12000 10400 15500 15600 5000 16000 38000 12600 28000 24000
STEPS_484 ?= 14500 10500 8400 12000 13600 4200 14500 35000 11500 26500 22000

comma := ,

.PHONY: predict test check lint fuzz kills soak cost plan weights screens train-363 train-484 clean

predict: $(VENV)/installed
	@$(BIN)/multirec predict "$(IMAGES)" --workers $(WORKERS)

# Two files at a time, in the order of tests/conftest.py: each process has TensorFlow in memory.
PYTEST := $(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder --durations 10

test: $(VENV)/installed-dev lint
	$(PYTEST)

check: $(VENV)/installed-dev lint
	$(PYTEST) -m 'not models'

lint: $(VENV)/installed-dev
	$(BIN)/ruff check multirec tests weights
	$(BIN)/ruff format --check multirec tests weights
	$(BIN)/mypy

fuzz: $(VENV)/installed-dev
	MULTIREC_FUZZ=$(CASES) $(BIN)/python -m pytest tests/test_fuzz.py

kills: $(VENV)/installed-dev
	MULTIREC_KILLS=$(KILLS) MULTIREC_LINES=2000 $(BIN)/python -m pytest tests/test_resume.py -k killed

soak: $(VENV)/installed-dev
	$(BIN)/python -m tests.soak

cost: $(VENV)/installed-dev
	$(BIN)/python -m tests.cost

plan: $(VENV)/installed-dev
	$(BIN)/python -m tests.plan "$(IMAGES)"

LANGUAGES := en de fr es it cs da nl pl pt sv nb fi hu sl tr ro hr et lv lt is
# Some are named again, to be drawn as often.
TEXT := $(foreach language,$(LANGUAGES) en en en en de de de fr fr fr es es it,--text $(DATA)/text/$(language).txt)
RENDERING := --fonts $(DATA)/fonts.tsv $(TEXT)
TRAINING := $(RENDERING) --hold-out 0.04 --threads 1 --label 14
pair = --weights-363 $(1)/SEnet363.npz --weights-484 $(1)/SEnet484.npz

# Lines as screens show them, drawn by a browser.
SCREENS := $(RUN)/screens

screens: $(SCREENS)/drawn

$(SCREENS)/drawn: $(VENV)/installed-dev $(DATA)/installed $(wildcard weights/screens/*)
	PYTHONPATH=. $(BIN)/python weights/screens/draw.py $(SCREENS) --fonts $(DATA)/fonts.tsv $(DATA)/screen_fonts.tsv \
		--interface $(DATA)/text/interface/*.txt --prose $(LANGUAGES:%=$(DATA)/text/%.txt) --program $(DATA)/text/program.txt \
		--count 24000 --seed 2
	@touch $@

# The two networks are trained at once, a process each: from nothing, then ten times more from what they have learned;
# after the sixth, and from the ninth time on, they are averaged with what they were before; from the seventh on lines of
# screens join the others.
# Interrupted, it goes on from the last checkpoints in RUN.
weights: $(VENV)/installed-train $(DATA)/installed $(SCREENS)/drawn
	$(MAKE) --no-print-directory -j2 train-363 train-484
	$(BIN)/python weights/language.py $(RUN)/language.npz $(TEXT) \
		$(foreach text,$(wildcard $(DATA)/text/interface/*.txt) $(DATA)/text/program.txt,--text $(text)) \
		$(foreach folder,$(LINES),--lines $(folder)) --label 4 --rest $(RUN)/uncounted
	$(BIN)/multirec render $(RUN)/rendered --fonts $(DATA)/fonts.tsv $(subst $(DATA)/text,$(RUN)/uncounted,$(TEXT)) \
		--count 2000 --seed 9
	$(BIN)/multirec calibrate --rendered $(RUN)/rendered $(call pair,$(RUN)) --language $(RUN)/language.npz \
		$(if $(LINES),$(foreach folder,$(LINES),--held-out $(folder)) --hold-out 0.04)

# $(call stage,number,folder,what it starts from,rate,share of lines from folders,seed,folders beside LINES)
define stage
	$(BIN)/multirec train $(LINES) $(7) --network SEnet$* --run $(2) $(TRAINING) $(3) \
		--steps $(word $(1),$(STEPS_$*)) --rate $(4) --real-share $(5) --seed $(6)$*
endef

train-363 train-484: train-%: $(VENV)/installed-train $(DATA)/installed $(SCREENS)/drawn
	$(call stage,1,$(RUN)/first,--from-nothing,1.5e-3,0.3,)
	$(call stage,2,$(RUN)/second,$(call pair,$(RUN)/first),8e-4,0.35,3)
	$(call stage,3,$(RUN)/third,$(call pair,$(RUN)/second),1.2e-3,0.35,6)
	$(call stage,4,$(RUN)/fourth,$(call pair,$(RUN)/third),8e-4,0.35,7)
	$(call stage,5,$(RUN)/fifth,$(call pair,$(RUN)/fourth),1e-3,0.35,8)
	$(call stage,6,$(RUN)/sixth,$(call pair,$(RUN)/fifth),8e-4,0.35,9)
	mkdir -p $(RUN)/mean
	$(BIN)/python weights/average.py $(RUN)/mean/SEnet$*.npz $(RUN)/fifth/SEnet$*.npz $(RUN)/sixth/SEnet$*.npz
	$(call stage,7,$(RUN)/seventh,$(call pair,$(RUN)/mean),8e-4,0.58,10,$(SCREENS))
	$(call stage,8,$(RUN)/eighth,$(call pair,$(RUN)/seventh),8e-4,0.56,11,$(SCREENS))
	$(call stage,9,$(RUN)/ninth,$(call pair,$(RUN)/eighth),8e-4,0.5,12,$(SCREENS))
	mkdir -p $(RUN)/mean-of-ninth
	$(BIN)/python weights/average.py $(RUN)/mean-of-ninth/SEnet$*.npz $(RUN)/eighth/SEnet$*.npz $(RUN)/ninth/SEnet$*.npz
	$(call stage,10,$(RUN)/tenth,$(call pair,$(RUN)/mean-of-ninth),8e-4,0.5,13,$(SCREENS))
	mkdir -p $(RUN)/mean-of-tenth
	$(BIN)/python weights/average.py $(RUN)/mean-of-tenth/SEnet$*.npz $(RUN)/mean-of-ninth/SEnet$*.npz $(RUN)/tenth/SEnet$*.npz
	$(call stage,11,$(RUN)/eleventh,$(call pair,$(RUN)/mean-of-tenth),8e-4,0.5,14,$(SCREENS))
	$(BIN)/python weights/average.py $(RUN)/SEnet$*.npz $(RUN)/mean-of-tenth/SEnet$*.npz $(RUN)/eleventh/SEnet$*.npz

$(DATA)/installed: $(addprefix weights/corpus/,install.sh fonts.py fonts.tsv screen_fonts.tsv texts.py screens.py) | $(VENV)/bin/python
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

$(VENV)/installed-train: $(VENV)/installed
	$(call install,.[train$(comma)evaluate])

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
