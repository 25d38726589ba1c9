# make demo   a study from text to guarded results, on invented data
# make test   linters, types and tests
# make sweep  the long fuzzing and property sweeps
# make bench  CPU time of the commands and of 1,000 definitions, the sample study on 300,000 people,
#             and a whole invented city with its studies
# make check  linters and types only

PYTHON ?= python3
BIN := .venv/bin
DEMO := .demo
STUDY := examples/omnia/omnia_employment.study
SITE := examples/omnia/site.yaml
PEOPLE := 20000
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test check sweep bench clean

help:
	@sed -n 's/^# //p' Makefile

# --- set-up: each stamp is made once, and again when pyproject.toml changes -------------------------------------------

.venv/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "studyspec needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || \
		{ echo "Cannot make .venv: on Debian and Ubuntu, install the package python3-venv." >&2; exit 1; }
	@echo "Installing studyspec into .venv ..."
	@$(BIN)/python -m pip install --quiet --editable .
	@touch $@

# The group `dev` is read with tomllib, so that a pip too old for --group (before 25.1) installs it as well.
.venv/.dev: .venv/.installed
	@echo "Installing what the tests need into .venv ..."
	@$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["dev"], sep="\n")' > .venv/dev.txt
	@$(BIN)/python -m pip install --quiet --requirement .venv/dev.txt
	@touch $@

# --- demo -------------------------------------------------------------------------------------------------------------

$(DEMO)/.data: .venv/.installed $(SITE)
	@mkdir -p $(DEMO)
	@$(BIN)/studyspec synth $(SITE) --out $(DEMO)/data --entities $(PEOPLE) --seed 1
	@touch $@

demo: .venv/.installed $(DEMO)/.data
	@$(BIN)/studyspec check $(STUDY) --site $(SITE)
	@$(BIN)/studyspec compile $(STUDY) --site $(SITE) -o $(DEMO)/omnia_employment.sql
	@$(BIN)/studyspec run $(STUDY) --site $(SITE) --data $(DEMO)/data --out $(DEMO)/results
	@echo
	@echo "The study            $(STUDY)"
	@echo "Guarded results      $(DEMO)/results"
	@echo "The SQL behind them  $(DEMO)/omnia_employment.sql (and the way back: omnia_employment.map.json)"
	@echo "Invented data        $(DEMO)/data ($(PEOPLE) people who do not exist)"

# --- tests ------------------------------------------------------------------------------------------------------------

check: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: check
	$(BIN)/python -m pytest -n 2 -m "not sweep"

sweep: .venv/.dev
	$(BIN)/python -m pytest -n 2 -m sweep

bench: .venv/.dev
	$(BIN)/python -m bench.compile
	$(BIN)/python -m bench.definitions
	$(BIN)/python bench/run_sample.py
	$(BIN)/python -m bench.city

clean:
	rm -rf $(DEMO) .mypy_cache .ruff_cache .pytest_cache build dist
