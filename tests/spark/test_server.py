"""A Spark server, reached over Thrift, as docs/engines.md describes: every mart equals DuckDB's."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from orchestration.lib import build as builds
from orchestration.lib.build import dbt
from orchestration.lib.engines.spark import marts
from orchestration.lib.landing.contract import literal, read_global_columns
from orchestration.lib.settings import PROJECT_DIR, Settings
from tests.engines import builds as cases
from tests.engines import parity
from tests.engines.builds import assert_equal
from tests.golden import test_golden as golden
from tests.harness import Project, frozen_manifest, thaw
from tests.incremental.change_scenarios import SCENARIOS, arrivals_of
from tests.oracle import Dataset
from tests.properties.datasets import pack
from tests.spark.server import Server, running

BUILD = "as shipped"
REBUILT = ["config.materialized:table", "config.materialized:by_component", "config.materialized:global_table"]
REBUILT += ["test_type:singular"]


def test_a_server_builds_what_duckdb_builds(tmp_path: Path) -> None:
    """A build that is killed, the full refresh that makes up for it, and an incremental build."""
    user = User(tmp_path)
    write_scenarios(user, 0)
    # dbt alone reads the shipped seeds: those of a user belong to the orchestration.
    shipped = cases.builds()[BUILD]
    build = replace(shipped, seeds={}, scenarios=[one for one in shipped.scenarios if not golden.seeds_of(one)])
    build.write(user)
    user.land()
    variables = build.case.dbt_variables() | build.variables
    with running(tmp_path / "server") as user.server:
        user.build(variables=variables)
        assert "spark.sql.session.timeZone is Asia/Kolkata in this session. It must be UTC" in user.unheard()
        user.kill_dbt("START sql by_component model", variables)
        assert f"{data_tests()} data tests" in user.dbt(variables)
        user.compare()

        write_scenarios(user, 1)
        user.land()
        user.build(variables=variables, incremental=True)
        assert user.plan.kind == "incremental"
        user.dbt(variables | {"incremental_build": True}, "--select", *REBUILT)
        affected = user.outcome.recomputed["web/sessions"]
        assert 0 < affected == user.count("staging.stg_web__sessions") < user.count("raw_web.sessions")
        user.compare()


def data_tests() -> int:
    nodes = thaw(frozen_manifest("spark")).nodes.values()
    return sum(node.resource_type == "test" and node.config.enabled for node in nodes)


def write_scenarios(project: Project, step: int) -> None:
    datasets: list[Dataset] = [arrivals_of(name, step) for name in SCENARIOS]
    for path, rows in pack(datasets).files.items():
        table, file = path.rsplit("/", 1)
        project.write(table, rows, file.split(".", 1)[1], f"scenarios-{step}")


@dataclass(frozen=True)
class Offering:
    """DuckDB, with its inputs offered to a server too."""

    engine: builds.Engine
    offer: Callable[[], None]
    adds_unaffected_rows = False

    @property
    def settings(self) -> Settings:
        return self.engine.settings

    def offer_inputs(self, plan: builds.Plan) -> None:
        self.offer()

    def leave_out(self, manifest: Manifest) -> None:
        self.engine.leave_out(manifest)

    def collect(self, *given: Any, **options: Any) -> dbt.BuildResult:
        return self.engine.collect(*given, **options)


class User(Project):
    """Who lands on DuckDB, has dbt build on a server, and takes the marts from there."""

    server: Server
    offered = 0

    def engine(self) -> builds.Engine:
        return Offering(super().engine(), self.offer)

    def offer(self) -> None:
        """What a build on DuckDB reads, and in an incremental build its keys, as Parquet made known to the server."""
        self.offered += 1
        with duckdb.connect(str(self.settings.warehouse), read_only=True) as con, self.server.cursor() as cursor:
            tables = con.execute(
                """
                select table_schema, table_name from information_schema.tables
                where table_catalog = current_database()
                    and (table_schema like 'input!_%' escape '!' or table_schema = 'affected')
                """
            ).fetchall()
            tables += read_global_columns(PROJECT_DIR, "marketo_measure")
            for schema, name in tables:
                folder = self.folder / f"offered-{self.offered}" / schema / name
                folder.parent.mkdir(parents=True, exist_ok=True)
                con.execute(f"copy {schema}.{name} to {literal(str(folder))} (format parquet, file_size_bytes '128MB')")
                cursor.execute(f"create schema if not exists {schema}")
                cursor.execute(f"drop table if exists {schema}.{name}")
                cursor.execute(f"create table {schema}.{name} using parquet location {literal(str(folder))}")

    def dbt(self, variables: Mapping[str, Any], *options: str) -> str:
        process = self._start_dbt(variables, *options)
        output, _ = process.communicate()
        assert process.returncode == 0, output[-5000:]
        return output

    def kill_dbt(self, at: str, variables: Mapping[str, Any]) -> None:
        """Kills dbt when it has begun with something."""
        process = self._start_dbt(variables)
        assert process.stdout
        assert any(at in line for line in process.stdout), f"{at} was not reported"
        process.kill()
        process.communicate()

    def _start_dbt(self, variables: Mapping[str, Any], *options: str) -> "subprocess.Popen[str]":
        line = [sys.executable, "-m", "dbt.cli.main", "build", "--exclude-resource-type", "unit_test", *options]
        line += ["--vars", json.dumps(variables)]
        # The rest keeps this test's files apart from those of others.
        line += ["--target-path", str(self.folder / "target"), "--log-path", str(self.folder / "logs")]
        return subprocess.Popen(
            line,
            cwd=PROJECT_DIR,
            env=os.environ | self.server.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def unheard(self) -> str:
        """What dbt says of a server that takes no notice of what the profile asks for."""
        output: list[str] = []

        def hear(event: Any) -> None:
            output.append(event.info.msg)

        profile = self.folder / "profiles.yml"
        lines = (PROJECT_DIR / "profiles.yml").read_text().splitlines(keepends=True)
        profile.write_text("".join(line for line in lines if "set:hiveconf" not in line))
        settings = replace(self.settings, target="spark")
        line = dbt.arguments("run-operation", settings, target_dir=self.folder / "unheard", operands=["check_session"])
        with mock.patch.dict(os.environ, settings.environment() | self.server.environment()):
            runner = dbtRunner(manifest=thaw(frozen_manifest("spark")), callbacks=[hear])
            outcome = runner.invoke([*line, f"--profiles-dir={self.folder}"])
        assert not outcome.success
        return "\n".join(output)

    def compare(self) -> None:
        """The marts handed out as Parquet, against DuckDB's."""
        found = marts.marts_of(thaw(frozen_manifest("spark")))
        folder = self.folder / f"handed-out-{self.offered}"
        with self.server.cursor() as cursor:
            for name in found:
                target = literal(str(folder / name))
                cursor.execute(f"insert overwrite directory {target} using parquet select * from marts.{name}")
        assert_equal(parity.compare(self.settings.marts_build, folder, list(found)))

    def count(self, table: str) -> int:
        with self.server.cursor() as cursor:
            cursor.execute(f"select count(*) from {table}")
            return cursor.fetchone()[0]
