# One path for people and CI: `make setup`, `make demo`, `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CONTRACTS := $(wildcard harness/venue/contracts/*.sol)
ARTEFACTS := harness/venue/contracts/artefacts.json

# Processes that test the harness itself side by side; each file stays in one of them, with what it starts.
JOBS ?= 2

.PHONY: setup demo test sweep foreign workflows browser benchmarks soak mutation schema lint types check clean

setup: $(VENV)/.done node_modules/.done $(ARTEFACTS)

$(VENV)/.done: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one with: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# `npm install` and not `npm ci`: the lock holds the EVM's binary for the platform it was made on; versions and
# integrity of all that it does hold are kept either way, and --no-save leaves the lock as it is.
node_modules/.done: package.json package-lock.json
	@command -v npm >/dev/null || { echo "Node.js 20 or newer with npm is needed: it carries the EVM (anvil) and the contracts" >&2; exit 1; }
	npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(ARTEFACTS): node_modules/.done $(CONTRACTS) harness/venue/contracts/compile.mjs
	node harness/venue/contracts/compile.mjs

demo: setup
	@PATH="$(CURDIR)/$(BIN):$$PATH" scripts/demo

# What editors check cases by, and the page with every word of a case: both from the tables of words.
schema: $(VENV)/.done
	@mkdir -p build
	$(BIN)/harness schema > build/case.schema.json && mv build/case.schema.json harness/case.schema.json
	$(BIN)/harness reference > build/case-reference.md && mv build/case-reference.md docs/case-reference.md

lint: $(VENV)/.done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.done
	$(BIN)/mypy

check: lint types

test: setup check
	$(BIN)/pytest tests -n $(JOBS) --dist loadfile -m "not browser and not foreign and not workflows and not soak and not sweep"
	$(BIN)/pytest

# Every case live: red on the build with its bug, and all of them on the build that mends them.
sweep: setup
	$(BIN)/pytest tests -m sweep

# A suite of somebody else with twenty plugins and more, in an environment of its own, with and without us installed.
foreign: setup build/foreign/.done
	rm -rf build/wheel build/foreign-harness
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation -w build/wheel .
	build/foreign/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --target build/foreign-harness build/wheel/*.whl
	$(BIN)/pytest tests -m foreign

build/foreign/.done: tests/foreign/requirements.txt
	$(PYTHON) -m venv --clear build/foreign
	build/foreign/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/foreign/requirements.txt
	@touch $@

# The workflows: by GitHub's schema, by a linter for security, and their steps run against the venue; no network.
workflows: setup build/workflows/.done
	$(BIN)/pytest tests -m "workflows and not soak"

build/workflows/.done: tests/workflows/requirements.txt
	$(PYTHON) -m venv --clear build/workflows
	build/workflows/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/workflows/requirements.txt
	@touch $@

# The reports as a browser shows them; needs Chromium (Debian: apt-get install chromium).
browser: setup
	$(BIN)/pytest tests -m browser

# What takes its time: searches to their end, long runs.
soak: setup build/workflows/.done
	$(BIN)/pytest tests -m soak

# Every figure beside its peer, in one run; a quarter of an hour on a quiet machine.
benchmarks: setup build/peers/.done
	$(BIN)/python benchmarks/everything.py -o build/benchmarks.md

build/peers/.done: benchmarks/peers/requirements.txt
	$(PYTHON) -m venv --clear build/peers
	build/peers/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r benchmarks/peers/requirements.txt
	@touch $@

# Every mutant of the modules that everything trusts; hours. `make soak` has a sample of them, in a quarter of one.
mutation: setup
	scripts/mutation --jobs 2

clean:
	rm -rf $(VENV) node_modules build harness/venue/contracts/artefacts.json *.egg-info
