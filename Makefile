# What can be made here; `make` alone lists it.

PYTHON ?= python3
PROFILE ?= ci
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.complete
PRECURSOR := $(BIN)/precursor

# Mirrored data, where they lie beside the repository and no other folder was named.
ifndef PRECURSOR_DATA
ifneq ($(wildcard ../shared/data/sources.tsv),)
export PRECURSOR_DATA := $(abspath ../shared/data)
endif
endif

# Two notebooks at a time, each on one core.
NBVAL := env OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 NUMBA_NUM_THREADS=1 \
	$(BIN)/pytest -q -p no:cacheprovider --nbval --nbval-current-env \
	--nbval-sanitize-with tests/nbval_sanitize.cfg -n 2 --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help setup book test lint unit references compare constraints bench clean

help: ## this list
	@echo "usage: make TARGET"
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  PROFILE=paper   the papers' own sizes instead of the small ones (make book)"
	@echo "  PYTHON=...      the Python that the environment is made from, 3.11 or later"
	@echo "  PRECURSOR_DATA  folder of mirrored data: $(or $(PRECURSOR_DATA),not set)"

setup: $(STAMP) ## environment in .venv, with the pinned packages

$(STAMP): requirements.txt constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "error: $(PYTHON) is $$($(PYTHON) --version 2>&1); Python 3.11 or later is needed:" \
			"make setup PYTHON=python3.11" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --prefer-binary --disable-pip-version-check \
		-r requirements.txt -c constraints.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation \
		--disable-pip-version-check -e .
	@touch $@

book: $(STAMP) ## run what is stale and build the site: _build/html/index.html
	$(PRECURSOR) build --profile $(PROFILE)

test: lint ## everything that is checked: style, types, library, book, references, site, browser
	$(MAKE) book PROFILE=ci
	$(MAKE) unit
	$(MAKE) compare

lint: $(STAMP) ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

unit: $(STAMP) ## tests of the library, of the project and of the built site
	$(BIN)/pytest -q -n 2 --dist worksteal tests

compare: $(STAMP) ## run the reference notebooks again and compare their text
	$(PRECURSOR) references --check
	PRECURSOR_DATA_MODE=bundled $(NBVAL) --ignore tests/reference/mirror tests/reference
ifdef PRECURSOR_DATA
	test ! -d tests/reference/mirror || PRECURSOR_DATA_MODE=auto $(NBVAL) tests/reference/mirror
else
	@echo "tests/reference/mirror is not compared: PRECURSOR_DATA is not set"
endif

references: $(STAMP) ## make the reference notebooks anew, after a change that is meant
	$(PRECURSOR) references

constraints: ## pin anew all that requirements.txt brings, from an environment made of it alone
	rm -rf _build/clean
	$(PYTHON) -m venv _build/clean
	_build/clean/bin/python -m pip install --quiet --prefer-binary -r requirements.txt
	{ echo "# All that requirements.txt brings: the freeze of an environment made of it alone."; \
	  echo "# 'make constraints' writes this file."; \
	  _build/clean/bin/python -m pip freeze --all --exclude pip | sed 's/+cpu$$//'; \
	} > constraints.txt
	rm -rf _build/clean

bench: $(STAMP) ## speed and memory beside other libraries
	$(BIN)/pytest -q $(wildcard benchmarks/bench_*.py)

clean: ## remove what can be made again; .venv and downloaded data stay
	rm -rf _build runs book/notebooks book/generated .snakemake
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
