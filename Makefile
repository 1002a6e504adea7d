# Every target sets up what it needs; `make demo` and `make test` are the two a newcomer runs.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: demo test env lint validate bench docs explore explore-test lock clean

demo: env
	$(BIN)/thermal demo

# Two halves side by side, one for each of two cores; the first compiles what the second waits for.
HALF := tests/contracts tests/verification
test: env lint
	@$(BIN)/python -m pytest -m "not slow" $(HALF) & half=$$!; \
	$(BIN)/python -m pytest -m "not slow" tests thermal $(HALF:%=--ignore=%); rest=$$?; \
	wait $$half && exit $$rest

lint: env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@echo "mypy, half a minute the first time"
	$(BIN)/mypy
	$(BIN)/lint-imports

env: $(STAMP)

# 950 MB in .venv: two to four minutes on two cores, once; pip says which package it is at.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] <= (3, 13) else "thermal needs Python 3.11 to 3.13, this is " + sys.version.split()[0] + ": set PYTHON=python3.12, say")'
	@echo "[1/3] a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@echo "[2/3] the pinned packages, two to four minutes, once"
	@$(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r requirements.lock
	@echo "[3/3] thermal itself, from this directory"
	@$(BIN)/python -m pip install --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q thermal
	@touch $@

validate: env
	$(BIN)/thermal validate
	$(BIN)/python -m pytest -m slow tests

bench: env
	$(BIN)/python -m benchmarks

# The site in build/docs/html and the explorer, from an environment of their own: two to four minutes once.
SITE := .venv-docs
docs: $(SITE)/.installed
	$(SITE)/bin/python docs/make_site.py

explore: $(SITE)/.installed
	$(SITE)/bin/thermal explore

# A slider moved in Chromium, and units of FMI through FMPy; make test skips both where the extras are absent.
explore-test: $(SITE)/.installed
	$(SITE)/bin/python -m pytest -q tests/explore tests/fmi

$(SITE)/.installed: pyproject.toml
	@$(PYTHON) -m venv $(SITE)
	@$(SITE)/bin/python -m pip install --disable-pip-version-check -e ".[docs,explore,fmi]" pytest hypothesis
	@touch $@

# Rewrites the pins; needs uv.
lock:
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --extra dev --custom-compile-command "make lock" -o requirements.lock

clean:
	rm -rf $(VENV) $(SITE) .pytest_cache .mypy_cache .ruff_cache dist build
