# One command for each thing to do; `make` alone lists them.
# Needs Python 3.11 or newer with venv and pip; everything else goes into .venv, at the versions of constraints.txt.

PYTHON ?= python3
BIN := .venv/bin
ORACLES := .venv-oracles
PIP := -m pip install --quiet --disable-pip-version-check -c constraints.txt
PINS := pyproject.toml constraints.txt
COMMA := ,

.DEFAULT_GOAL := help
.PHONY: help demo serve bundle test bench bench-web wheel verify lint types layers clean distclean

help:
	@echo "make demo       plan the demonstration city; ends with the path of its report"
	@echo "make serve      the web application at http://127.0.0.1:8000, with the demonstration in it"
	@echo "make test       the tests"
	@echo "make lint       ruff: style and likely mistakes"
	@echo "make types      mypy: types of src/mutirao"
	@echo "make layers     import-linter: who may import whom"
	@echo "make verify     slow tests, and comparisons with independent tools (oracles.txt)"
	@echo "make bench      benchmarks; 'make bench-web' reads the web application with many readers at once"
	@echo "make wheel      a wheel with the browser bundle in it, in dist"
	@echo "make clean      remove the demonstration's output and caches; 'make distclean' the environments too"
	@echo "PYTHON=python3.12 behind any of them chooses the Python that makes .venv"

demo: .venv/.installed
	$(BIN)/mutirao plan cities/boston --out out/boston

serve: bundle
	$(BIN)/mutirao serve

# What browsers load, built with the Node that pip brings; nothing is done where it is up to date.
bundle: .venv/.installed-web
	$(BIN)/python frontend/build.py

# Two processes: a machine with more cores may say PARTS=4.
PARTS ?= 2
test: .venv/.installed-test
	$(BIN)/python frontend/build.py
	$(BIN)/python -m pytest -n $(PARTS) --dist worksteal

lint: .venv/.installed-lint
	$(BIN)/python -m ruff check

types: .venv/.installed-lint
	$(BIN)/python -m mypy

layers: .venv/.installed-lint
	$(BIN)/lint-imports --no-logo

bench: .venv/.installed-test
	$(BIN)/python -m benchmarks.run

bench-web: bundle
	$(BIN)/python -m benchmarks.web

wheel: bundle
	$(BIN)/python $(PIP) build
	$(BIN)/python -m build --wheel --outdir dist

# A marker that no test carries is told, not failed: pytest leaves with 5.
define MARKED
code=0; $(1)/bin/python -m pytest -m "$(2)" --timeout 3600 || code=$$?; \
if [ $$code -eq 5 ]; then echo "No test is marked: $(2)."; else exit $$code; fi
endef

verify: .venv/.installed-test $(ORACLES)/.installed
	@$(call MARKED,.venv,slow and not oracle)
	@if [ -s $(ORACLES)/missing.txt ]; then echo "Oracles that could not be installed; tests that need them are skipped:"; cat $(ORACLES)/missing.txt; fi
	@$(call MARKED,$(ORACLES),oracle)

clean:
	rm -rf out/boston build dist src/*.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean
	rm -rf .venv $(ORACLES)

# --- environments: a stamp for each says that it matches pyproject.toml and constraints.txt ---

# $(1): a Python. Ends with one sentence when it is missing or too old.
define NEW_ENOUGH
$(1) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	echo "Python 3.11 or newer is needed, but '$(1)' is: $$($(1) --version 2>&1 | head -n 1). $(2)" >&2; exit 1; }
endef

define NEW_ENVIRONMENT
@$(call NEW_ENOUGH,$(PYTHON),Install a newer Python and name it: make $(firstword $(MAKECMDGOALS)) PYTHON=python3.12)
@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	echo "'$(PYTHON)' cannot make an environment: its venv or ensurepip is missing. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
$(PYTHON) -m venv --clear $(1)
endef

# Remade only when .venv has no working Python, so --clear loses nothing.
$(BIN)/python:
	$(call NEW_ENVIRONMENT,.venv)

$(ORACLES)/bin/python:
	$(call NEW_ENVIRONMENT,$(ORACLES))

# $(1): what to install beside the package, such as [test]
define INSTALL
@$(call NEW_ENOUGH,$(BIN)/python,Remove .venv to have it made anew.)
@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip
@echo "Installing mutirao$(1) into .venv; the first time takes a minute or two and about 1 GB of disk."
@$(BIN)/python $(PIP) -e '.$(1)'
@touch $@
endef

.venv/.installed: $(PINS) | $(BIN)/python
	$(call INSTALL)

.venv/.installed-web: $(PINS) | $(BIN)/python
	$(call INSTALL,[web$(COMMA)build])
	@touch .venv/.installed

.venv/.installed-test: $(PINS) | $(BIN)/python
	$(call INSTALL,[test])
	@touch .venv/.installed .venv/.installed-web

.venv/.installed-lint: $(PINS) | $(BIN)/python
	$(call INSTALL,[lint])
	@touch .venv/.installed

# Oracles are installed one by one, so that one that cannot be had does not take the others with it.
$(ORACLES)/.installed: $(PINS) oracles.txt | $(ORACLES)/bin/python
	@$(ORACLES)/bin/python -m pip --version >/dev/null 2>&1 || $(ORACLES)/bin/python -m ensurepip
	@echo "Installing mutirao[test] and the oracles of oracles.txt into $(ORACLES)."
	@$(ORACLES)/bin/python $(PIP) -e '.[test]'
	@: > $(ORACLES)/missing.txt
	@grep -v -e '^#' -e '^ *$$' oracles.txt | while read -r oracle; do \
		$(ORACLES)/bin/python $(PIP) "$$oracle" </dev/null || echo "  $$oracle" >> $(ORACLES)/missing.txt; \
	done
	@[ -s $(ORACLES)/missing.txt ] || touch $@
