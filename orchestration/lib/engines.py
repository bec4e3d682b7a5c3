"""What surrounds the dbt build of a target: nothing on DuckDB, which lands, builds and publishes in its own files."""

import os
from dataclasses import replace

from orchestration.lib import dbt, landing
from orchestration.lib.errors import UserError
from orchestration.lib.settings import PROJECT_DIR, Settings


def prepare(settings: Settings, whole: bool = True) -> None:
    """Makes the landed tables known to the engine, before dbt."""
    if settings.target == "spark":
        if not whole:
            raise UserError("On Spark every build is a whole one: choose all tables, or run `make build`.")
        method = os.environ.get("CALL_ATTRIBUTION_SPARK_METHOD") or "session"
        if method != "session":
            raise UserError(
                f"CALL_ATTRIBUTION_SPARK_METHOD is {method}: a build works with files of this machine, which a server"
                " does not see. docs/engines.md says how dbt is run there; for a build, leave the variable out."
            )
        from orchestration.lib.spark import raw, session

        spark = session.start(settings)
        session.clear(spark, settings)
        raw.offer(spark, raw.export(settings, landing.read_sources(PROJECT_DIR)))


def collect(settings: Settings) -> None:
    """Brings the built marts into the file that is published, after dbt."""
    if settings.parquet_build:
        from orchestration.lib.spark import marts, session

        marts.write_parquet(session.start(settings), marts.marts_of(dbt.parse(settings)), settings.parquet_build)
        marts.write_duckdb(settings, dbt.parse(replace(settings, target="duckdb")), settings.parquet_build)
