"""What surrounds the dbt build of a target: nothing on DuckDB, which lands, builds and publishes in its own files."""

import os
from dataclasses import replace
from typing import Literal

from orchestration.lib import landing
from orchestration.lib.build import dbt
from orchestration.lib.errors import UserError
from orchestration.lib.settings import PROJECT_DIR, Settings


def prepare(settings: Settings, kind: Literal["full", "increment", "part"]) -> None:
    """Makes known to the engine what dbt will read: the landed tables, for an increment the built ones, too."""
    if settings.target == "spark":
        if kind == "part":
            raise UserError("On Spark tables are built together: choose all of them, or run `make build`.")
        method = os.environ.get("CALL_ATTRIBUTION_SPARK_METHOD") or "session"
        if method != "session":
            raise UserError(
                f"CALL_ATTRIBUTION_SPARK_METHOD is {method}: a build works with files of this machine, which a server"
                " does not see. docs/engines.md says how dbt is run there; for a build, leave the variable out."
            )
        from orchestration.lib.engines.spark import raw, session, tables

        spark = session.start(settings)
        session.clear(spark, settings)
        raw.offer(spark, raw.export(settings, landing.read_sources(PROJECT_DIR)))
        if kind == "increment":
            tables.restore(spark, settings)


def collect(settings: Settings) -> None:
    """Brings the built marts into the file that is published, after dbt, and keeps what the next increment needs."""
    if settings.parquet_build:
        from orchestration.lib.engines.spark import marts, session, tables

        spark, manifest = session.start(settings), dbt.parse(settings)
        marts.write_parquet(spark, marts.marts_of(manifest), settings.parquet_build)
        marts.write_duckdb(settings, dbt.parse(replace(settings, target="duckdb")), settings.parquet_build)
        tables.keep(spark, settings, manifest)
