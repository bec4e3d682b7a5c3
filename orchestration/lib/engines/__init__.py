"""The engines that build the models, and what each needs beside dbt."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

from orchestration.lib.build import dbt
from orchestration.lib.build.execution import Engine
from orchestration.lib.build.planning import Plan
from orchestration.lib.errors import UserError
from orchestration.lib.settings import Settings


def of(settings: Settings) -> Engine:
    """The engine that the settings name."""
    return Spark(settings) if settings.target == "spark" else DuckDB(settings)


@dataclass(frozen=True)
class DuckDB:
    """Lands, builds and publishes in its own files: nothing to do."""

    settings: Settings

    def offer_inputs(self, plan: Plan) -> None: ...

    def collect(self) -> None: ...


@dataclass(frozen=True)
class Spark:
    """Reads the inputs as Parquet, and writes the marts as Parquet and as the DuckDB file."""

    settings: Settings

    def offer_inputs(self, plan: Plan) -> None:
        require_session()
        from orchestration.lib.engines.spark import raw, session, tables

        is_incremental = plan.kind == "incremental"
        inputs = raw.export(self.settings, is_incremental)
        landed = sum(file.stat().st_size for table in inputs for file in table.folder.glob("*.parquet"))
        spark = session.start(self.settings, landed, tables.stored_bytes(self.settings) if is_incremental else 0)
        session.clear(spark, self.settings)
        raw.offer(spark, inputs)
        if is_incremental:
            tables.restore(spark, self.settings)

    def collect(self) -> None:
        from orchestration.lib.engines.spark import marts, session, tables

        settings = self.settings
        folder: Path = settings.spark_dir / "marts"
        spark, manifest = session.start(settings), dbt.parse(settings)
        published = marts.marts_of(manifest)
        marts.link_parquet(spark, published, folder)
        marts.write_duckdb(settings, dbt.parse(replace(settings, target="duckdb")), folder)
        marts.copy_views(settings, published, folder)
        tables.keep(spark, settings, manifest)


def require_session() -> None:
    """A run works with files of this machine, which a Spark server does not see."""
    method = os.environ.get("CALL_ATTRIBUTION_SPARK_METHOD") or "session"
    if method != "session":
        raise UserError(
            f"CALL_ATTRIBUTION_SPARK_METHOD is {method}: a build works with files of this machine, which a server"
            " does not see. For a build, unset the variable; docs/engines.md explains how to run dbt on a server."
        )
