PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST_WORKERS ?= 2

.PHONY: demo test test-trino check format bench clean

demo: $(BIN)/flowsql  ## Write flow logs that end now and ask the first question of them.
	@$(BIN)/flowsql demo
	@echo "(flowsql is $(BIN)/flowsql; \`. $(BIN)/activate\` puts it on your PATH)"

test: $(VENV)/.dev  ## Run the tests: offline, a few minutes on two cores.
	$(BIN)/pytest -n $(PYTEST_WORKERS)

test-trino: $(VENV)/.dev  ## Run the tests on a local AWS with a real Trino: needs a JDK 24 or newer and mvn.
	$(BIN)/pytest -m trino -n $(PYTEST_WORKERS) --dist worksteal

check: $(VENV)/.dev  ## Style, types, layers, SQL style, checks and cases of every saved query.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint --processes 2 --disable-progress-bar queries
	$(BIN)/flowsql check --strict
	$(BIN)/flowsql test --quiet

format: $(VENV)/.dev  ## Put code and queries in the project's style.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/sqlfluff fix queries

bench: $(VENV)/.dev  ## Ratios against a polars script and a plain DuckDB script; takes minutes.
	$(BIN)/python benchmarks/run.py

$(BIN)/flowsql: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) flowsql-demo .mypy_cache .ruff_cache .pytest_cache .hypothesis
