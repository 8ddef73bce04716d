# One command each for a stranger, a developer and a machine. `make help` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/sh
export PORT ?= 8000
export SANDBOX_PORT ?= 8001

PY := .venv/bin/python
PYTEST := $(PY) -m pytest
# Two test processes for two cores, each with databases of its own. The tests of a file stay together and in order.
PROCESSES ?= 2
BESIDE := --numprocesses $(PROCESSES) --dist loadfile --no-loadscope-reorder
# Two checks at a time; what each of them says stays together, where this make can do that.
PAIRS := -j2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)
PHONE := miniprogram
PHONE_SOURCES := $(shell find $(PHONE)/src -type f 2>/dev/null) $(wildcard locales/*.json $(PHONE)/*.ts $(PHONE)/index.html)
RUNTIME := .venv/.runtime
DEV := .venv/.dev
FONTS := .venv/.fonts
DESK := .venv/.desk
MODULES := $(PHONE)/node_modules/.installed
# Packages of tests that run in Node, where they have some of their own.
NODE_TESTS := $(patsubst %/package-lock.json,%/node_modules/.installed,$(wildcard tests/*/package-lock.json))
H5 := $(PHONE)/dist/.h5
MP := $(PHONE)/dist/.mp

.PHONY: help demo test test-services prove check check-server check-phone test-phone bench mp h5 browser lock format

help: ## list what can be made
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

demo: ## run everything here with sample data (PORT=8000 SANDBOX_PORT=8001); Ctrl-C stops it
	@requirements/install machine
	@$(MAKE) --silent --no-print-directory -j3 $(RUNTIME) $(FONTS) $(DESK) $(H5)
	@$(PY) -m server demo

test: $(DEV) $(FONTS) $(DESK) $(H5) $(MP) $(NODE_TESTS) browser ## check, then every test; skips say why
	@$(MAKE) --no-print-directory $(PAIRS) check-server check-phone test-phone
	$(PYTEST) $(BESIDE) --ignore=tests/house

test-services: $(DEV) $(FONTS) $(DESK) $(H5) $(MP) $(NODE_TESTS) browser ## every Python test against PostgreSQL and Redis on their usual ports
	$(PY) -m tests.services $(PYTEST) $(BESIDE)

prove: $(DEV) $(FONTS) $(DESK) $(H5) $(NODE_TESTS) ## the long proofs: kill matrices, growth to a million rows, fuzz
	$(PYTEST) tests/prove

check: $(DEV) $(MODULES) ## lint, types, import contract, house rules, stale generated files
	@$(MAKE) --no-print-directory $(PAIRS) check-server check-phone

check-server: $(DEV)
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy
	.venv/bin/lint-imports --no-logo
	$(PYTEST) -q tests/house

check-phone: $(DEV) $(MODULES)
	cd $(PHONE) && npm run --silent schema:check && npm run --silent lint && npm run --silent type-check

test-phone: $(MODULES) $(MP) $(NODE_TESTS)
	cd $(PHONE) && npm run --silent test

bench: $(DEV) $(FONTS) $(DESK) $(H5) $(NODE_TESTS) ## measure ours beside the limit, one JSON line a row (ROW=booking_hot for one)
	@$(PY) -m tests.bench $(ROW)

mp: $(MP) ## build the phone for WeChat: miniprogram/dist/build/mp-weixin

h5: $(H5) ## build the phone for browsers: miniprogram/dist/build/h5

browser: ## Chromium and a Chinese font for the browser tests, where they may be installed
	@requirements/install browser

lock: ## pin requirements/*.in again (needs uv)
	cd requirements && for name in runtime dev; do \
	  uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url \
	    --quiet $$name.in --output-file $$name.txt || exit 1; done

format: $(DEV) ## let ruff lay out the Python
	$(PY) -m ruff check --fix
	$(PY) -m ruff format

# --- the environment: each stamp is made again only when what it stands for has changed ------------------------------

$(RUNTIME): requirements/runtime.txt
	@requirements/install runtime
	@touch $@

$(DEV): requirements/dev.txt $(RUNTIME)
	@requirements/install dev
	@touch $@

# After the packages: both may make .venv, and only one of them should.
$(FONTS): requirements/fonts/package-lock.json | $(RUNTIME)
	@requirements/install fonts
	@touch $@

$(DESK): requirements/console/package-lock.json | $(RUNTIME)
	@requirements/install desk
	@touch $@

%/node_modules/.installed: %/package-lock.json
	@requirements/install modules $*
	@touch $@

$(H5): $(MODULES) $(PHONE_SOURCES)
	@echo "setup: building the phone for browsers ..."
	@mkdir -p var && cd $(PHONE) && CI=1 npm run --silent build:h5 >../var/build-h5.log 2>&1 || { tail -n 20 ../var/build-h5.log; exit 1; }
	@touch $@

# After H5: two builds at once would not fit two small cores.
$(MP): $(MODULES) $(PHONE_SOURCES) | $(H5)
	@echo "setup: building the phone for WeChat ..."
	@mkdir -p var && cd $(PHONE) && CI=1 npm run --silent build:mp-weixin >../var/build-mp.log 2>&1 || { tail -n 20 ../var/build-mp.log; exit 1; }
	@touch $@
