# One command each; `make` alone lists them. The first run of demo or test sets the machine up.
SHELL := bash
.DEFAULT_GOAL := help

PYTHON_BIN := .venv/bin/python
# Two processes; the tests of a file share its servers, so they stay in one. In order, for the
# longest files come first in the alphabet.
PYTEST_ARGS ?= -n 2 --dist loadfile --no-loadscope-reorder
BENCH_ARGS ?=
MUTATION_ARGS ?=

# Every process that a test starts would compile the whole service anew: four seconds of a core.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test check bench mutation soak setup lock clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

demo: ## read the sample scans through the whole service and show the records
	@scripts/setup.sh run
	@.venv/bin/ocr-service demo

test: check ## set up, check, and run the whole test suite
	@$(PYTHON_BIN) -m pytest -m "not soak" $(PYTEST_ARGS)

check: setup ## format, lint, types, layers
	@$(PYTHON_BIN) -m ruff format --check .
	@$(PYTHON_BIN) -m ruff check .
	@$(PYTHON_BIN) -m mypy
	@$(PYTHON_BIN) -c 'from importlinter.cli import lint_imports_command as main; main()'

bench: setup ## accuracy and speed on generated scans, as a table and a JSON file
	@$(PYTHON_BIN) scripts/bench.py $(BENCH_ARGS)

mutation: setup ## break the rules one by one and see whether the tests notice
	@nice -n 10 $(PYTHON_BIN) scripts/mutation.py $(MUTATION_ARGS)

soak: setup ## long proofs: crashes, leaks, many pages
	@$(PYTHON_BIN) -m pytest -m soak --timeout 3600

setup: ## virtual environment and system packages; nothing to do the second time
	@scripts/setup.sh dev

lock: ## resolve requirements/*.lock again
	@scripts/lock.sh

clean: ## remove what the targets made, but not the environment
	rm -rf build dist bench-out .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache \
	  .hypothesis .coverage*
	find ocr_service workers samples scripts tests training -name __pycache__ -type d -prune -exec rm -rf {} +
