# One entry point for a laptop and for CI. `make` alone lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/bash

# The first suitable Python that has pip: python3, or else the newest one. Others: make PYTHON=/path/to/python VENV=.venv-other
# No 3.14: dagster-dbt requires an earlier Python, so pip finds no version of it.
SUITABLE := import pip, sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
	"$$name" -c '$(SUITABLE)' >/dev/null 2>&1 && command -v "$$name" && break; done)
VENV ?= .venv
VENV_PYTHON := $(VENV)/bin/python
PROJECT := $(VENV_PYTHON) -m orchestration
# The packages that a command needs depend on the engine; Iceberg needs another version of Spark.
INSTALLED := $(if $(filter spark,$(CALL_ATTRIBUTION_TARGET)),$(VENV)/.installed-spark,$(VENV)/.installed)
BUILD_INSTALLED := $(INSTALLED)
BUILD := $(PROJECT)
ifeq ($(CALL_ATTRIBUTION_TARGET)/$(CALL_ATTRIBUTION_SPARK_FORMAT),spark/iceberg)
BUILD_INSTALLED := $(VENV)-iceberg/.installed
BUILD := $(VENV)-iceberg/bin/python -m orchestration
endif

# The versions of DuckDB with which analysts open the published file (make test-clients).
DUCKDB_VERSIONS := 1.0.0 1.4.4 1.5.6 2.0.1

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(BUILD_INSTALLED) ## Write the sample dataset, land, build, test and publish it, print a summary
	@$(BUILD) run --sessions $(or $(SESSIONS),20000)

build: $(BUILD_INSTALLED) ## Land, build, test and publish what is new in the landing folder (FULL=1: a full refresh)
	@$(BUILD) build $(if $(FULL),--full)

init: $(VENV)/.installed ## Write a starting point for your own seeds and variables into CALL_ATTRIBUTION_CONFIG_DIR
	@$(PROJECT) init

quarantine: $(VENV)/.installed ## List records and values that landing could not use (RAW=1: with their text, personal data)
	@$(PROJECT) quarantine $(if $(RAW),--raw)

extract: $(VENV)/.installed ## Extract new and changed rows from the live systems into the landing folder
	@$(PROJECT) extract

reconcile: $(VENV)/.installed ## Compare the live systems with the warehouse; write what is missing into the landing folder
	@$(PROJECT) reconcile

check-salesforce: $(VENV)/.installed ## Connect to Salesforce; show what would be extracted and what it costs
	@$(PROJECT) check-salesforce

summary: $(VENV)/.installed ## Print a summary of the published marts
	@$(PROJECT) summary

report: $(VENV)/.installed ## Write the report page from the published marts and print its path (OPEN=1: open it)
	@$(PROJECT) report $(if $(OPEN),--open)

docs: $(VENV)/.installed ## Write dbt's documentation of every model as one page, target/static_index.html
	@$(PROJECT) docs

reference: $(VENV)/.installed ## Update the pages that repeat rules, verdicts, variables and marts, after you edit one
	@$(VENV_PYTHON) -m scripts.reference

versions: $(VENV)/.installed ## List the published versions: when, why, how many rows
	@$(PROJECT) versions

rollback: $(VENV)/.installed ## Publish the previous version again (TO=12: version 12, earlier or later)
	@$(PROJECT) rollback $(if $(TO),--to "$(TO)")

compare: $(VENV)/.installed ## Compare two published versions and explain each change (FROM=11 TO=12; ROWS=100)
	@$(PROJECT) compare $(if $(FROM),--from "$(FROM)") $(if $(TO),--to "$(TO)") $(if $(ROWS),--rows "$(ROWS)")

preview: $(VENV)/.installed ## Show what your edited seeds and variables would change; publishes nothing (ROWS=100)
	@$(PROJECT) preview $(if $(ROWS),--rows "$(ROWS)")

replay: $(VENV)/.installed ## Build the marts as of a day or a load beside the published ones (THROUGH=2026-03-03 RULES=12)
	@$(PROJECT) replay --through "$(THROUGH)" $(if $(RULES),--rules "$(RULES)")

sample: $(VENV)/.installed ## Write the sample dataset only (SESSIONS=20000)
	@$(PROJECT) sample --sessions $(or $(SESSIONS),20000)

dev: $(VENV)/.installed-dev $(INSTALLED) ## Start Dagster's user interface, with the schedule and the sensor on
	@$(PROJECT) dev

test: browser $(VENV)/.installed-dev ## Run the tests on DuckDB, without the slow ones
	@$(VENV_PYTHON) -m pytest $(ON_DUCKDB) -m "not slow"

test-slow: browser $(VENV)/.installed-dev ## Run the slow tests: whole runs, interruptions, random sequences of builds
	@$(VENV_PYTHON) -m pytest $(ON_DUCKDB) -m slow

test-all: browser $(VENV)/.installed-dev ## Run every test on DuckDB, with full counts: hundreds of kills, thousands of examples
	@CALL_ATTRIBUTION_FULL_TESTS=1 $(VENV_PYTHON) -m pytest $(ON_DUCKDB)

# With worksteal no process is idle while the other one has tests left.
ON_DUCKDB := -n 2 --dist worksteal $(addprefix --ignore tests/,spark iceberg snowflake clients)

test-spark: $(VENV)/.installed-dev $(VENV)/.installed-spark ## Run every test of the Spark target (needs Java 17 or later)
	@$(VENV_PYTHON) -m pytest -n 2 --maxschedchunk 1 --ignore tests/spark/test_server.py tests/spark

test-spark-server: $(VENV)/.installed-dev $(VENV)/.installed-spark ## Run a full and an incremental build on a Spark Thrift server (needs Java 17 or later)
	@$(VENV_PYTHON) -m pytest tests/spark/test_server.py

test-snowflake: $(VENV)-snowflake/.installed ## Run every test of the Snowflake target, on an emulator
	@$(VENV)-snowflake/bin/python -m pytest tests/snowflake

test-clients: $(VENV)/.installed-dev $(DUCKDB_VERSIONS:%=$(VENV)-clients/%/.installed) $(VENV)-clients/harlequin/.installed $(VENV)-clients/node/.installed ## Run every line of docs/connecting.md on DuckDB 1.0 to 2.0, in separate environments
	@$(VENV_PYTHON) -m pytest tests/clients

test-iceberg: $(VENV)-iceberg/.installed ## Run every test of Iceberg tables, on Spark 3.5 (needs Java 17)
	@$(VENV)-iceberg/bin/python -m pytest tests/iceberg
	@$(VENV)-iceberg/bin/python -m pytest tests/spark/test_macros.py

check: $(VENV)/.installed-dev ## Run the quick tests of an edit: style, layers, descriptions, lists, links
	@$(VENV_PYTHON) -m ruff check -q .
	@$(VENV_PYTHON) -m ruff format -q --check .
	@$(VENV_PYTHON) -m pytest -q tests/orchestration/test_structure.py tests/orchestration/test_documents.py \
		tests/orchestration/test_definitions.py tests/unit/test_descriptions.py tests/unit/test_data_flow.py tests/biz/test_docs.py

lint: $(VENV)/.installed-dev $(VENV)/.installed-bench ## Check style, types and SQL
	@$(VENV_PYTHON) -m ruff check .
	@$(VENV_PYTHON) -m ruff format --check .
	@$(VENV_PYTHON) -m pyright --pythonpath $(VENV_PYTHON)
	@mkdir -p target/lint
	@$(LINT_ENVIRONMENT) $(VENV_PYTHON) -m dbt.cli.main --quiet seed --target duckdb --target-path target/lint
	@$(LINT_ENVIRONMENT) $(VENV_PYTHON) -m sqlfluff lint models --processes 2 --disable-progress-bar

# Some models are rendered from the rows of seeds, so lint loads the seeds first, into its own database.
LINT_ENVIRONMENT := DBT_PROFILES_DIR=. CALL_ATTRIBUTION_TARGET=duckdb CALL_ATTRIBUTION_WAREHOUSE=target/lint/warehouse.duckdb

browser:
	@scripts/install_browser

audit: $(VENV)-audit/.installed ## Look for known vulnerabilities of all packages in the lock files
	@$(VENV)-audit/bin/python scripts/audit.py requirements*.lock

bench: $(VENV)/.installed ## Measure a full refresh against its lower bound (SESSIONS=1_000_000 MEMORY=8GB)
	@$(VENV_PYTHON) -m benchmarks.pipeline --sessions $(or $(SESSIONS),1_000_000) --memory $(or $(MEMORY),8GB)

bench-spark: $(VENV)/.installed-spark ## Measure a build on Spark (SESSIONS=1_000_000 MEMORY=8GB)
	@$(VENV_PYTHON) -m benchmarks.spark --sessions $(or $(SESSIONS),1_000_000) --memory $(or $(MEMORY),8GB)

bench-join: $(VENV)/.installed-bench ## Measure the window join against others (SESSIONS=10_000_000 CALLS=500_000)
	@$(VENV_PYTHON) -m benchmarks.window_join --sessions $(or $(SESSIONS),10_000_000) --calls $(or $(CALLS),500_000)

clean: ## Remove the sample dataset and what was built from it; keeps your own data
	@if [ -x $(VENV_PYTHON) ]; then $(PROJECT) clean; fi
	@rm -rf target .pytest_cache .ruff_cache .hypothesis
	@find . -path './.venv*' -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

lock: ## Rewrite the lock files from pyproject.toml (needs uv)
	$(PYTHON) -m uv pip compile pyproject.toml --group dev --extra s3 --extra sql $(LOCK_OPTIONS) -o requirements-dev.lock
	$(PYTHON) -m uv pip compile pyproject.toml $(LOCK_OPTIONS) -c requirements-dev.lock -o requirements.lock
	$(PYTHON) -m uv pip compile pyproject.toml --extra s3 --extra sql $(LOCK_OPTIONS) -c requirements-dev.lock -o requirements-sources.lock
	$(PYTHON) -m uv pip compile --group pyproject.toml:bench $(LOCK_OPTIONS) -c requirements-dev.lock -o requirements-bench.lock
	$(PYTHON) -m uv pip compile --group pyproject.toml:spark $(LOCK_OPTIONS) -c requirements-dev.lock -o requirements-spark.lock
	$(PYTHON) -m uv pip compile pyproject.toml --group snowflake $(LOCK_OPTIONS) -o requirements-snowflake.lock
	$(PYTHON) -m uv pip compile pyproject.toml --group iceberg $(LOCK_OPTIONS) -o requirements-iceberg.lock
	@for file in requirements*.lock; do awk "$$PIN_WITHOUT_EXTRAS" $$file > $$file.new && mv $$file.new $$file; done

LOCK_OPTIONS := --quiet --generate-hashes --no-annotate --no-header --no-emit-index-url --no-strip-extras --universal --python-version 3.11

# Every pin with extras (`sqlglot[rs]==30.30.0`) a second time without them. pip needs the one for packages that require the
# extras and the other for packages that do not: with one alone it chose the newest version for the rest, and refused it as not
# pinned on the day on which one appeared.
define PIN_WITHOUT_EXTRAS
function flush() {
    printf "%s", pin
    if (pin ~ /^[^ ;]+\[/ && sub(/\[[^]]*\]/, "", pin)) printf "%s", pin
    pin = ""
}
/^[^ ]/ { flush() }
{ pin = pin $$0 "\n" }
END { flush() }
endef
export PIN_WITHOUT_EXTRAS

# Without pip inside: the existing pip installs into it, so Debian's python3-venv is not needed.
$(VENV_PYTHON):
	@"$(PYTHON)" -c '$(SUITABLE)' >/dev/null 2>&1 || { echo "$$NO_PYTHON" >&2; exit 1; }
	@echo "Setting up $(VENV) with $$("$(PYTHON)" --version)"
	@"$(PYTHON)" -m venv --without-pip $(VENV)

define NO_PYTHON
Python 3.11, 3.12 or 3.13 with pip is needed and was not found. Install one:
  Debian, Ubuntu:  sudo apt-get install python3 python3-pip   (Debian 12 or 13, Ubuntu 24.04)
  Fedora:          sudo dnf install python3.13, then python3.13 -m ensurepip
  macOS:           brew install python@3.13
  elsewhere:       pyenv install 3.13, or an installer from python.org
If it is already installed, name it: make PYTHON=/path/to/python3 ...
endef
export NO_PYTHON

# The stamps make each lock file install once. The packages of the larger one include those of the smaller.
$(VENV)/.installed: requirements.lock | $(VENV_PYTHON)
	@echo 'Installing what a run needs (once; about half a minute)'
	@"$(PYTHON)" -m pip --python $(VENV_PYTHON) install $(PIP_OPTIONS) -r requirements.lock
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock requirements.lock | $(VENV_PYTHON)
	@echo 'Installing what the tests and the user interface need (once; about a minute)'
	@"$(PYTHON)" -m pip --python $(VENV_PYTHON) install $(PIP_OPTIONS) -r requirements-dev.lock
	@touch $(VENV)/.installed $@

$(VENV)/.installed-sources: requirements-sources.lock $(VENV)/.installed
	@echo 'Installing what reads object stores and databases (once)'
	@"$(PYTHON)" -m pip --python $(VENV_PYTHON) install $(PIP_OPTIONS) -r requirements-sources.lock
	@touch $@

$(VENV)/.installed-bench: requirements-bench.lock $(VENV)/.installed
	@echo 'Installing what the window join is compared with (once)'
	@"$(PYTHON)" -m pip --python $(VENV_PYTHON) install $(PIP_OPTIONS) -r requirements-bench.lock
	@touch $@

# Into the same environment: parity is tested in one process, with one dbt, on the versions that both lock files have.
$(VENV)/.installed-spark: requirements-spark.lock $(VENV)/.installed
	@echo 'Installing what the Spark target needs (once; about a minute)'
	@"$(PYTHON)" -m pip --python $(VENV_PYTHON) install $(PIP_OPTIONS) -r requirements-spark.lock
	@touch $@

# Separate environments, for the reasons in pyproject.toml. The lock files are complete; if pip tried to complete them, it would fail
# on packages that appear both with and without an extra.
$(VENV)-snowflake/.installed $(VENV)-iceberg/.installed: $(VENV)-%/.installed: requirements-%.lock | $(VENV_PYTHON)
	@echo 'Setting up $(VENV)-$* (once; about a minute)'
	@rm -rf $(VENV)-$*
	@"$(PYTHON)" -m venv --without-pip $(VENV)-$*
	@"$(PYTHON)" -m pip --python $(VENV)-$*/bin/python install $(PIP_OPTIONS) --no-deps -r requirements-$*.lock
	@touch $@

# PyPI has DuckDB's command line for some versions only.
COMMAND_LINES := 1.4.4 1.5.6

$(DUCKDB_VERSIONS:%=$(VENV)-clients/%/.installed): $(VENV)-clients/%/.installed: tests/clients/requirements.txt | $(VENV_PYTHON)
	@echo 'Setting up a client with DuckDB $* (once)'
	@"$(PYTHON)" -m venv --without-pip $(@D)
	@"$(PYTHON)" -m pip --python $(@D)/bin/python install --quiet --disable-pip-version-check duckdb==$* $(if $(filter $*,$(COMMAND_LINES)),duckdb-cli==$*.*) -r $<
	@touch $@

$(VENV)-clients/harlequin/.installed: | $(VENV_PYTHON)
	@echo 'Setting up Harlequin (once)'
	@"$(PYTHON)" -m venv --without-pip $(@D)
	@"$(PYTHON)" -m pip --python $(@D)/bin/python install --quiet --disable-pip-version-check harlequin==2.17.0
	@touch $@

$(VENV)-audit/.installed: | $(VENV_PYTHON)
	@echo 'Setting up pip-audit (once)'
	@"$(PYTHON)" -m venv --without-pip $(@D)
	@"$(PYTHON)" -m pip --python $(@D)/bin/python install --quiet --disable-pip-version-check pip-audit==2.10.1
	@touch $@

# Without Node, its test is skipped and reports it.
$(VENV)-clients/node/.installed:
	@mkdir -p $(@D)
	@if command -v npm >/dev/null; then npm install --prefix $(@D) --silent --no-audit --no-fund @duckdb/node-api@1.5.6-r.1; fi
	@touch $@

PIP_OPTIONS := --quiet --disable-pip-version-check --require-hashes

.PHONY: audit browser check help run build init quarantine extract reconcile check-salesforce summary report docs reference versions rollback \
	compare preview replay sample dev test test-slow test-all test-spark test-spark-server test-iceberg test-snowflake test-clients lint bench \
	bench-spark bench-join clean lock
