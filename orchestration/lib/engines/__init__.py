"""The engines that build the models, and what each needs beside dbt."""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orchestration.lib.build import dbt
from orchestration.lib.build.execution import Engine
from orchestration.lib.build.planning import Plan
from orchestration.lib.errors import UserError
from orchestration.lib.settings import Settings

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest


def of(settings: Settings) -> Engine:
    """The engine that the settings name."""
    return Spark(settings) if settings.target == "spark" else DuckDB(settings)


@dataclass(frozen=True)
class DuckDB:
    """Lands, builds and publishes in its own files: nothing to do."""

    settings: Settings
    adds_unaffected_rows = False

    def offer_inputs(self, plan: Plan) -> None: ...

    def leave_out(self, manifest: "Manifest") -> None: ...

    def collect(self, plan: Plan, manifest: "Manifest", **options: Any) -> dbt.BuildResult:
        return dbt.BuildResult(())


@dataclass(frozen=True)
class Spark:
    """Reads the inputs as Parquet and builds what is stored by component, in an incremental build its affected rows.

    DuckDB adds the unaffected rows and derives the rest, in the file of marts. Both are written as Parquet.
    """

    settings: Settings

    @property
    def adds_unaffected_rows(self) -> bool:
        return self.settings.spark_format == "parquet"

    def offer_inputs(self, plan: Plan) -> None:
        require_session()
        from orchestration.lib.engines.spark import raw, session, tables

        is_incremental = plan.kind == "incremental"
        inputs = raw.export(self.settings, is_incremental)
        landed = sum(file.stat().st_size for table in inputs for file in table.folder.glob("*.parquet"))
        spark = session.start(self.settings, landed)
        session.clear(spark, self.settings)
        raw.offer(spark, inputs)
        if is_incremental:
            tables.restore(spark, self.settings)

    def leave_out(self, manifest: "Manifest") -> None:
        from orchestration.lib.engines.spark import derived

        derived.leave_out(manifest)

    def collect(self, plan: Plan, manifest: "Manifest", **options: Any) -> dbt.BuildResult:
        from orchestration.lib.engines.spark import marts, session, tables

        spark = session.start(self.settings)
        if plan.kind == "incremental" and self.adds_unaffected_rows:
            tables.add_unaffected_rows(spark, self.settings, manifest)
        result = marts.write(spark, self.settings, manifest, tests_views=plan.kind == "full", **options)
        if result.ok:
            tables.save(spark, self.settings, manifest)
        return result


def require_session() -> None:
    """A run works with files of this machine, which a Spark server does not see."""
    method = os.environ.get("CALL_ATTRIBUTION_SPARK_METHOD") or "session"
    if method != "session":
        raise UserError(
            f"CALL_ATTRIBUTION_SPARK_METHOD is {method}: a build works with files of this machine, which a server"
            " does not see. For a build, unset the variable; docs/engines.md explains how to run dbt on a server."
        )
