# Every habit of the project. `make help` lists them.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
.DEFAULT_GOAL := help

.PHONY: help run test test-long lint types format docs lock bench screenshots browser database scripts clean

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(VENV)/.runtime: requirements.txt
	@test -x $(PY) || $(PYTHON) -m venv $(VENV) || { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq python3-venv && $(PYTHON) -m venv $(VENV); }
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.development: requirements-dev.txt $(VENV)/.runtime
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

run: $(VENV)/.runtime ## start everything and print the address
	@$(PY) -m dash_app run

browser:
	@command -v chromium >/dev/null || { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq chromium fonts-dejavu-core fonts-liberation; }

database: # the tests of the workspace start a server of their own
	@ls -d /usr/lib/postgresql/*/bin >/dev/null 2>&1 || command -v initdb >/dev/null || { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq postgresql; }

scripts: # tools that check assets/*.js; the application needs neither
	@command -v node >/dev/null && command -v tsc >/dev/null || $(SUDO) apt-get update -qq
	@command -v node >/dev/null || $(SUDO) apt-get install -y -qq nodejs
	@command -v tsc >/dev/null || $(SUDO) apt-get install -y -qq node-typescript

test: $(VENV)/.development browser database scripts ## everything: style, types, rooms, unit, property, protocol and browser tests
	@$(PY) -m ruff format --check --quiet . || { echo 'run: make format'; exit 1; }
	@$(PY) -m ruff check .
	@$(PY) -m mypy
	@$(VENV)/bin/lint-imports --no-cache
	@$(PY) -m pytest -n 2 --dist loadfile

test-long: $(VENV)/.development browser database scripts ## what random tests ask, four times as often and over more companies: before a release
	@EXAMPLES=4 $(PY) -m pytest -n 2 --dist loadfile

lint: $(VENV)/.development ## style and the order of rooms
	@$(PY) -m ruff format --check --quiet .
	@$(PY) -m ruff check .
	@$(VENV)/bin/lint-imports --no-cache

types: $(VENV)/.development scripts ## type checkers
	@$(PY) -m mypy
	@tsc -p assets

format: $(VENV)/.development ## put the code into shape
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

docs: $(VENV)/.runtime ## write the generated parts of the documentation
	@$(PY) -m dash_app docs

lock: ## resolve requirements anew
	@$(PY) -m piptools compile --quiet --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --output-file requirements.txt requirements.in
	@$(PY) -m piptools compile --quiet --strip-extras --allow-unsafe --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --output-file requirements-dev.txt requirements-dev.in

bench: $(VENV)/.development ## benchmarks; not part of the tests
	@$(PY) -m benchmarks

screenshots: $(VENV)/.development browser ## pictures of every page, light, dark, phone, into build/pictures; those of the documentation anew
	@$(PY) -m tests.browser.screenshots build/pictures
	@$(PY) -m tests.browser.screenshots docs/pictures --shown
	@$(PY) -m tests.browser.screenshots docs/pictures --first

clean: ## remove what was built; data and settings stay
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
