# Everything a person or a pipeline does here. Each target makes the environment that it needs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Every CPython from 3.11 on that is on this machine: 3.11 3.12 ...
PYTHONS := $(shell sh tools/pythons)

.DEFAULT_GOAL := help
.PHONY: help serve test format lint types imports unit postgres interop console-test wsdl bench bench-peers soak chaos build clean

help: ## What there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

serve: $(VENV)/.installed ## The server, with the demo fixture
	$(BIN)/mockmkto serve --fixture demo

test: format lint types imports unit ## Every check: format, lint, types, import contracts, tests on every Python

format: $(VENV)/.ready ## Is it formatted? (ruff format mends it)
	$(BIN)/ruff format --check

lint: $(VENV)/.ready ## Does it lint?
	$(BIN)/ruff check

types: $(VENV)/.ready ## Do the types hold?
	$(BIN)/mypy

imports: $(VENV)/.ready ## Does each room know only what stands below it?
	$(BIN)/lint-imports

unit: $(addprefix unit-,$(PYTHONS)) ## The tests, on every Python from 3.11 that is here
	@test -n "$(PYTHONS)" || { echo 'no Python from 3.11 on with venv and ensurepip is here: nothing was tested' >&2; exit 1; }

# All examples of the property tests on the first Python, fewer on the others; and all that is asked of PostgreSQL, of which
# the others run the tests of the store, where the driver is.
unit-%: .venv-%/.ready postgres
	$(EXAMPLES) .venv-$*/bin/python -W error -m pytest --fidelity -n 3 $(ARGS)
	$(EXAMPLES) .venv-$*/bin/python -W error -m pytest --postgresql -n 3 tests/store $(FURTHER) $(ARGS)
unit-%: EXAMPLES = $(if $(filter-out $(firstword $(PYTHONS)),$*),PROPERTY_EXAMPLES=few)
unit-%: FURTHER = $(if $(filter $(firstword $(PYTHONS)),$*),tests/engine tests/rest tests/web/admin)

postgres: ## A PostgreSQL server for the tests, which start it for themselves: installs it if there is none
	@tools/postgres-setup

interop: $(VENV)/.interop ## Real SOAP clients of every language: installs what is missing, runs them all
	tools/interop-setup
	$(BIN)/python -W error -m pytest tests/interop $(ARGS)

console-test: $(VENV)/.console ## The console in a real browser: installs what is missing, looks at every page
	tools/console-setup
	MOCKMKTO_CONSOLE_REQUIRED=1 $(BIN)/python -W error -m pytest tests/console -n 2 $(ARGS)

wsdl: $(VENV)/.ready ## Write the documents of wsdl/ anew
	$(BIN)/python -m mockmkto.soap.wsdl wsdl

bench: $(VENV)/.ready ## Measure: a table, with the ratio to a floor measured in the same run
	$(BIN)/python -m bench $(ARGS)

bench-peers: $(VENV)/.ready ## The same load on other doubles (WireMock, MockServer, moto ...), in turns: installs them
	tools/bench-peers-setup
	$(BIN)/python -m bench.peers $(ARGS)

soak: $(VENV)/.ready ## Ten minutes of mixed load: nothing lost, nothing that grows; ARGS='--seconds 60'
	$(BIN)/python -m bench.trials.soak $(ARGS)

chaos: $(VENV)/.ready ## Five minutes of kills, stops, freezes and full disks under load; ARGS='--seconds 60'
	$(BIN)/python -m bench.trials.chaos $(ARGS)

build: $(VENV)/.ready ## A wheel and an sdist in dist/
	$(BIN)/python -m hatchling build

clean: ## Take away what was made here
	rm -rf .venv .venv-* tests/interop/node_modules tests/interop/.tap-marketo tests/console/node_modules bench/peers/node_modules bench/peers/.venv dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

# The environments. Editable, so that a change needs no new installation; a change of pyproject.toml does.
$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.ready: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --group test --group lint
	touch $@

$(VENV)/.interop: $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --group interop
	touch $@

$(VENV)/.console: $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --group console
	touch $@

.PRECIOUS: .venv-%/.ready
.venv-%/.ready: pyproject.toml
	$$(sh tools/pythons $*) -m venv .venv-$*
	.venv-$*/bin/python -m pip install --quiet --upgrade 'pip>=25.1'
	.venv-$*/bin/python -m pip install --quiet --editable . --group test
	touch $@
