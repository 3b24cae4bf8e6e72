# Tocsin. `make` prints what there is; `make run` and `make test` need Python 3.11 or newer, venv and make, nothing else.

PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; \
	done || echo python3)
BIN := .venv/bin
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test faults bench-polls bench-feeds bench-push bench-restrain bench-heard bench-pages bench-queries bench-match bench-backtest lint format texts lock clean

help: ## show these lines
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/run-ready ## start everything on this machine, then open http://127.0.0.1:8000/
	@exec $(BIN)/tocsin up

test: .venv/test-ready lint ## check style, types and import directions, then run the whole test suite
	@echo "Running the tests"
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal

faults: .venv/test-ready ## kill workers, beat and the broker in the middle of a fan-out; a table of missing and twice
	@TOCSIN_FAULT_RECIPIENTS=20000 $(BIN)/python -m pytest -q tests/faults

bench-polls: .venv/test-ready ## replay real polls through the whole chain: missing, twice (needs TOCSIN_CORPUS)
	@$(BIN)/python -m tests.benchmarks.replay_polls

bench-feeds: .venv/test-ready ## read every document of the feed corpus into build/feeds.jsonl (needs TOCSIN_CORPUS)
	@mkdir -p build
	@$(BIN)/python -m tests.benchmarks.score_feeds build/feeds.jsonl

bench-push: .venv/test-ready ## send to many thousands beside plain Apprise, pywebpush and raw aiohttp; some 15 minutes
	@$(BIN)/python -m tests.benchmarks.push

bench-restrain: .venv/test-ready ## decide for 100,000 subscribers with mixed preferences, beside a plain SQL reference
	@$(BIN)/python -m tests.benchmarks.restrain

bench-heard: .venv/test-ready ## time "My alerts" and "Why didn't I get it?" with 100,000 subscribers and 2,000 alerts
	@$(BIN)/python -m tests.benchmarks.heard

bench-pages: .venv/test-ready ## time every page with 100,000 subscribers on SQLite
	@$(BIN)/python -m tests.benchmarks.pages

bench-queries: .venv/test-ready ## time analysing and matching, also what is made to take long; with TOCSIN_CORPUS compare other languages
	@$(BIN)/python -m tests.benchmarks.time_queries
	@$(BIN)/python -m tests.benchmarks.compare_languages

bench-match: .venv/test-ready ## match articles to a million queries beside PostgreSQL and Lucene Monitor; some 15 minutes
	@$(BIN)/python -m tests.benchmarks.matching

bench-backtest: .venv/test-ready ## try queries on 100,000 stored articles, on SQLite and PostgreSQL
	@$(BIN)/python -m tests.benchmarks.backtest

lint: .venv/test-ready ## ruff, mypy and import-linter
	@echo "Checking style, types and import directions"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: .venv/test-ready ## rewrite the code in the project's style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

texts: .venv/test-ready ## gather what readers are told into subscriptions/texts/catalogues, for translators
	@$(BIN)/python -m subscriptions.texts.gather

lock: .venv/test-ready ## choose newer versions of everything within pyproject.toml's bounds
	@$(BIN)/pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --extra build pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --extra build --extra dev pyproject.toml -o requirements-dev.lock

clean: ## remove the virtual environment and what tests and benchmarks left; data/ stays
	@rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tocsin needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Say which one to use: make PYTHON=/path/to/python3.11")'
	@echo "Making a virtual environment in .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "Python's venv module is missing: on Debian, apt install python3-venv" >&2; exit 1; }

.venv/run-ready: .venv/bin/python requirements.lock pyproject.toml hatch_build.py $(wildcard subscriptions/queries/index/kernel/*.[chp]*)
	@echo "Installing what Tocsin uses (some 60 packages, pinned in requirements.lock); this is needed once"
	@$(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r requirements.lock | sed -u -n 's/^Collecting \([^ ]*\).*/  \1/p; s/^Installing collected.*/  unpacking them all/p'
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/test-ready: .venv/run-ready requirements-dev.lock
	@echo "Installing what the tests use (pinned in requirements-dev.lock)"
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements-dev.lock
	@touch $@
