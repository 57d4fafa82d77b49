# `make` or `make help` lists what can be done here. `make run` needs Python 3.11 or
# newer with pip, git and nothing else; the tests also need a few Debian packages, which
# they install (tools/system-packages).

MAKEFLAGS += --no-print-directory --no-builtin-rules
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BIN := .venv/bin
SETUP_FILES := pyproject.toml uv.lock tools/uv-requirements.txt
# More for pytest, for example: make test T="-k folders -x -n 0"
T ?=
# More for the bench, for example: make bench B="--messages 20000 --only first"
B ?=
PYTEST := $(BIN)/pytest -n logical --maxprocesses 4 --dist loadfile

export PYTHON

.PHONY: help
help: ## List these targets
	@sed -nE 's/^([a-z-]+):[^#]*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

.PHONY: run
run: .venv/.for-run ## Start the console on http://127.0.0.1:8501 (Ctrl-C stops it)
	@exec $(BIN)/malote serve

.PHONY: test
test: .venv/.for-dev system-packages ## Run every test (real mail server and browser included)
	@$(PYTEST) $(T)

# -k: one failure does not hide another. -O: what they print does not mix.
.PHONY: check
check: .venv/.for-dev ## Run what is quick: format, lint, types, imports, fast tests
	@$(MAKE) -j2 -k -O check-types check-tests check-format check-lint check-imports

.PHONY: check-format check-lint check-types check-imports check-tests
check-format:
	@$(BIN)/ruff format --quiet --check --diff

check-lint:
	@$(BIN)/ruff check --quiet

check-types:
	@$(BIN)/mypy

check-imports:
	@said=$$($(BIN)/lint-imports --no-logo) || { echo "$$said"; exit 1; }

check-tests:
	@$(PYTEST) --dist worksteal -q -m "not server and not slow" \
		tests/unit tests/store tests/architecture

.PHONY: format
format: .venv/.for-dev ## Format the code and mend what can be mended by itself
	@$(BIN)/ruff check --quiet --fix-only
	@$(BIN)/ruff format --quiet

.PHONY: bench
bench: .venv/.for-dev ## Measure beside the wire and peers: docs/reference/speed.md
	@tools/system-packages bench
	@$(BIN)/python -m tests.bench $(B)

.PHONY: soak
soak: .venv/.for-dev system-packages ## Run property and crash tests in full size
	@MALOTE_TEST_PROFILE=soak $(PYTEST) --dist worksteal -m "hypothesis or soak_sized" $(T)

.PHONY: pictures
pictures: .venv/.for-dev system-packages ## Take the screenshots of the documentation
	@$(BIN)/python -m tools.pictures

.PHONY: system-packages
system-packages:
	@tools/system-packages

.venv/.for-run: $(SETUP_FILES)
	@tools/setup run

.venv/.for-dev: $(SETUP_FILES)
	@tools/setup dev
