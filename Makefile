.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
ASSETS := $(wildcard portal/assets/* portal/assets/*/*) package.json package-lock.json
# One test process more than processors: those with a browser wait for it a quarter of their time.
TEST_PROCESSES ?= $(shell echo $$(($$(nproc) + 1)))
export PORT
export PORTAL_VAR ?= var
export DJANGO_SETTINGS_MODULE ?= portal.settings.dev

.PHONY: help run test install lint bench database clean

help: ## Show what make can do
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: install ## Run the portal with its demo at http://localhost:8000 (another port: make run PORT=8123)
	@$(BIN)/python manage.py load_demo --if-empty
	@$(BIN)/python manage.py welcome
	@exec $(BIN)/supervisord --configuration portal/supervisord.conf

test: $(VENV)/.tests build/.assets ## Run every test (another database: make test DATABASE_URL=postgres://...)
	@DJANGO_SETTINGS_MODULE=portal.settings.test $(BIN)/pytest -n $(TEST_PROCESSES) --dist loadscope --no-loadscope-reorder $(PYTEST_ARGS)

install: database ## Make the environment, the front-end assets and the database, and no more

lint: $(VENV)/.tests ## Check style, types and the direction of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/.tests ## Measure speed as ratios; writes build/bench.json
	@for benchmark in tests/benchmarks/[a-z]*_*.py; do $(BIN)/python $$benchmark || exit 1; done

database: $(VENV)/.portal build/.assets
	@mkdir -p $(PORTAL_VAR)
	@$(BIN)/python manage.py migrate --verbosity 0

clean: ## Remove what was installed and built; keeps the data in var/
	@rm -rf $(VENV) build node_modules

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "The portal needs Python 3.11 or newer: make run PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || bash portal/install/venv.sh
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.portal: $(BIN)/python requirements.txt
	@echo "Installing the portal's packages (about half a minute) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.tests: $(VENV)/.portal requirements-test.txt
	@echo "Installing what the tests need ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.txt
	@touch $@

build/.assets: $(VENV)/.portal $(ASSETS)
	@echo "Building the front end ..."
	@bash portal/install/assets.sh $(BIN)
	@$(BIN)/python manage.py collectstatic --noinput --clear --verbosity 0
	@touch $@
