.DEFAULT_GOAL := help
.PHONY: help setup lock demo test check format bench sdl clean
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

help: ## list the recipes
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort

setup: $(READY) ## make .venv from the lock file

$(READY): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	@VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv pip sync --quiet requirements.lock
	@VIRTUAL_ENV=$(CURDIR)/.venv $(BIN)/uv pip install --quiet --no-deps --editable .
	@touch $(READY)

lock: ## resolve the lock file anew
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header \
		--python-version 3.11 --extra dev --output-file requirements.lock pyproject.toml

demo: setup ## centre, region and two sites with simulated traffic
	@$(BIN)/caifs demo

test: setup check ## every check and every test, the real servers included
	@$(BIN)/pytest -q -m "not scenario" --numprocesses 2 --dist loadfile
	@$(BIN)/pytest -q -m scenario --numprocesses 2 --dist loadfile --no-loadscope-reorder

check: setup ## all static checks
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: setup ## format the tree and mend what ruff can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: setup ## every measurement, as a table and under bench/results
	@$(BIN)/python -m bench

sdl: setup ## write each role's GraphQL schema into api/sdl
	@$(BIN)/caifs sdl

clean: ## forget the environment and local state
	@rm -rf .venv .state build dist
