"""What is tried on Spark whatever its tables are made of; `spark_format` and the like are settings."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from dbt.contracts.graph.manifest import Manifest

from orchestration.lib import build as builds
from orchestration.lib import engines, publish
from orchestration.lib.build import dbt
from orchestration.lib.engines.spark import marts, session, tables
from orchestration.lib.settings import PROJECT_DIR, Settings
from tests.conftest import FULL
from tests.engines import parity
from tests.harness import Collecting, Project, frozen_manifest, plain_manifest, thaw
from tests.incremental.change_scenarios import STEPS as SCENARIO_STEPS
from tests.incremental.full_refreshes import Observed, differences, node, set_sql
from tests.incremental.replays import Plan, draw_replay, take

SEED, DATASETS = 1, 20
# Each step is a build on Spark, most of a minute.
STEPS = SCENARIO_STEPS if FULL else 2
BREAKS = {1: "int_calls__tasks"}
SESSIONS = 1000


def manifest_of(settings: Settings) -> Manifest:
    return thaw(frozen_manifest(settings.target, settings.spark_format))


def all_marts_compared(project: Project, spark: Project) -> list[parity.MartParity]:
    """Every mart as DuckDB has built it against what Spark has."""
    names = marts.marts_of(manifest_of(spark.settings))
    folder = spark.settings.parquet_build
    assert folder
    shutil.rmtree(folder, ignore_errors=True)
    for name, mart in names.items():
        marts.link_parquet(session.start(spark.settings), mart, folder / name)
    return parity.compare(project.settings.marts_build, folder, list(names))


class OnSpark(Observed):
    """A project whose builds are those of a run, without their tests."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        super().__init__(folder, target="spark", **settings)

    def build_incrementally(self, variables: Mapping[str, Any] | None = None) -> None:
        self.build(variables=variables, incremental=True)

    def engine(self) -> builds.Engine:
        return engines.of(self.settings)

    def interrupt(self, model: str, variables: Mapping[str, Any] | None = None) -> None:
        """And in the middle of stored marts: the old rows are deleted, the new ones are not there yet."""
        super().interrupt(model, variables)
        for stored in manifest_of(self.settings).nodes.values():
            if stored.config.materialized == "by_component":
                if self.settings.spark_format == "parquet":
                    shutil.rmtree(self.settings.spark_dir / "tables" / stored.schema / stored.alias)
                else:
                    session.start(self.settings).sql(f"DELETE FROM {stored.schema}.{stored.alias}")


def assert_incremental_builds_equal_duckdbs_and_full_refreshes(folder: Path, **settings: Any) -> None:
    replay = draw_replay(SEED, DATASETS, Plan(steps=STEPS, breaks=BREAKS))
    duckdb, spark = Observed(folder / "duckdb"), OnSpark(folder / "spark", **settings)
    for number, step in enumerate(replay.steps):
        take(duckdb, replace(step, interrupted_by=None), number, {})
        take(spark, step, number, {})
        assert spark.plan.kind == duckdb.plan.kind
        assert number != 1 or spark.plan.kind == "incremental"
        assert spark.outcome.recomputed == duckdb.outcome.recomputed
        built = spark.settings.parquet_build
        assert built
        found = parity.compare(duckdb.settings.marts_build, built, list(marts.marts_of(manifest_of(spark.settings))))
        assert not parity.report(found), f"step {number}\n{parity.report(found)}"
    assert not differences(duckdb.marts(), duckdb.full_refresh())
    assert builds.plan(spark.settings, plain_manifest()).kind == "nothing"
    changed = builds.plan(spark.settings, plain_manifest(), variables={"dedupe_calls": False})
    assert (changed.kind, changed.reason) == ("full", "variable dedupe_calls is false, it was true")


# A stored mart that is made of few models: opportunities in a currency without a rate. Opportunities of one account
# belong to one component.
STORED = "rpt_missing_rates"


def opportunity(name: str) -> str:
    return f"006000000000{name:0>3}AAA"


class OnSparkInPart(OnSpark):
    """What one stored mart needs, built by Spark alone or as in a run."""

    def __init__(self, folder: Path, *, adds_unaffected_rows: bool = False, **settings: Any) -> None:
        super().__init__(folder, **settings)
        self.adds_unaffected_rows = adds_unaffected_rows

    def engine(self) -> builds.Engine:
        return Collecting(engines.of(self.settings), self.collect, self.adds_unaffected_rows)

    def arrive(self, names: list[str], **cells: Any) -> None:
        """Opportunities, with the session, Task and currency that they need."""
        self.write(
            "web/sessions", [{"ID": "s", "COOKIE_ID": "c", "EVENT_DATE": "2024-05-01 10:00:00"}], name="sessions"
        )
        self.write("salesforce/Task", [{"Id": "00T000000000001", "bizible2__BizibleId__c": "c"}], name="tasks")
        usd = {"Id": "01L000000000001", "IsoCode": "USD", "ConversionRate": "1"}
        self.write("salesforce/CurrencyType", [usd], name="currencies")
        deal = {"CreatedDate": "2024-05-01T10:00:00Z", "CloseDate": "2024-06-01", "Amount": "5"}
        self.write("salesforce/Opportunity", [{"Id": opportunity(name)} | deal | cells for name in names])
        self.land()

    def build_stored(self, check: bool = True) -> dbt.BuildResult:
        return self.build([f"+{STORED}"], incremental=True, check=check)

    def collect(self, plan: builds.Plan, *given: Any, **options: Any) -> dbt.BuildResult:
        manifest, spark = manifest_of(self.settings), session.start(self.settings)
        for name, made in list(manifest.nodes.items()):
            is_table = made.resource_type in ("model", "seed")
            if not is_table or not spark.catalog.tableExists(f"{made.schema}.{made.alias}"):
                del manifest.nodes[name]
        if plan.kind == "incremental" and self.adds_unaffected_rows:
            tables.add_unaffected_rows(spark, self.settings, manifest)
        tables.save(spark, self.settings, manifest)
        return dbt.BuildResult(())

    def rows(self) -> list[tuple[Any, ...]]:
        return self.found(f"SELECT opportunity_id, currency FROM marts.{STORED} ORDER BY ALL")

    def found(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in session.start(self.settings).sql(sql).collect()]


def assert_a_row_of_no_affected_component_stops_the_build(folder: Path, **settings: Any) -> None:
    project = OnSparkInPart(folder, **settings)
    project.arrive(["1"], CurrencyIsoCode="EUR")
    project.build_stored()
    project.arrive(["2"], CurrencyIsoCode="EUR")
    stranger = opportunity("1")
    project.plant = lambda manifest: set_sql(
        manifest,
        STORED,
        node(manifest, STORED).raw_code.replace("    opportunity_id,", f"    '{stranger}' as opportunity_id,"),
    )
    result = project.build_stored(check=False)
    assert [failed.name for failed in result.failed] == [STORED]
    assert f"marts.{STORED} computed a row of a component that is not affected." in result.failed[0].message


def assert_the_sample_dataset_comes_out_the_same(folder: Path, first: Path | None, then: Path, **changes: Any) -> None:
    """A first build, an incremental build and nothing to build, each a process of its own.

    `first` and `then` are the folders of Spark's configuration for the first of them and the others.
    """
    project = Project(folder)
    project.has_comments = True
    settings = project.on("spark", **changes).settings

    def run(*command: str, conf: Path | None = then) -> str:
        ran = as_a_user(settings, folder, *command, conf=conf)
        assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]
        return ran.stdout

    assert "Full refresh: this is the first build" in run("run", "--sessions", str(SESSIONS), conf=first)
    # Another process continues where that one ended, and a third one has nothing to do.
    project.write("web/sessions", [{"ID": "late", "COOKIE_ID": "late", "EVENT_DATE": "2024-05-01 10:00:00"}])
    output = run("build")
    assert "Incremental build: 1 new row in web/sessions (1 file)" in output
    assert "Recomputed the components of all new rows: 1 row of web/sessions." in output
    assert "Nothing to build" in run("build")

    project.build()
    names, parquet_names = (list(marts.marts_of(manifest_of(one))) for one in (project.settings, settings))
    # The descriptions of columns are in the DuckDB file only.
    assert set(names) - set(parquet_names) == {"docs_columns"}
    published = publish.current_version(settings.marts)
    assert published
    for built, expected in ((publish.parquet_of(settings.marts), parquet_names), (published, names)):
        found = parity.compare(project.settings.marts_build, built, expected)
        print(*found, sep="\n")
        assert not parity.report(found), parity.report(found)
    assert sorted(path.name for path in publish.parquet_of(settings.marts).iterdir()) == sorted(parquet_names)
    # Publishing adds tables of its own.
    added = ("publications", "publication_seeds", "rpt_changes")
    assert [row for row in parity.described(published) if row[1].split(".")[0] not in added] == parity.described(
        project.settings.marts_build
    )


def as_a_user(
    settings: Settings, folder: Path, *command: str, conf: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, with Spark's own defaults or what the folder `conf` says."""
    home = folder / "dagster"
    home.mkdir(exist_ok=True)
    (home / "dagster.yaml").write_bytes((PROJECT_DIR / "orchestration" / "dagster.yaml").read_bytes())
    environment = {name: value for name, value in os.environ.items() if name != "SPARK_CONF_DIR"}
    environment |= settings.environment() | {"DAGSTER_HOME": str(home)}
    environment |= {"SPARK_CONF_DIR": str(conf)} if conf else {}
    line = [sys.executable, "-m", "orchestration", *command]
    return subprocess.run(line, env=environment, cwd=PROJECT_DIR, capture_output=True, text=True, check=False)
