"""`make build` on Spark, as a user runs it: the sample company, every dbt test, both published forms."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb

from orchestration.lib import dbt, publish
from orchestration.lib.landing import read_sources
from orchestration.lib.settings import PROJECT_DIR
from orchestration.lib.spark import marts
from orchestration.lib.spark.raw import export
from tests.engines import parity
from tests.harness import Project, frozen_manifest

SESSIONS = 1000

DESCRIPTION = """
    select 'relation' as what, table_name as name, comment, null as type
    from duckdb_tables() where database_name = current_database()
    union all
    select 'view', view_name, comment, null
    from duckdb_views() where database_name = current_database() and not internal
    union all
    select 'column', table_name || '.' || column_name || ' ' || column_index, comment, data_type || ' ' || is_nullable
    from duckdb_columns() where database_name = current_database() and not internal
    union all
    select 'macro', function_name || parameters::varchar, comment, macro_definition
    from duckdb_functions() where database_name = current_database() and not internal
    order by all
"""


def described(file: Path) -> list[Any]:
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(DESCRIPTION).fetchall()


def test_the_sample_company_comes_out_the_same(tmp_path: Path) -> None:
    """With Spark's own defaults, not with what suits many small builds."""
    project = Project(tmp_path)
    settings = project.on("spark").settings
    environment = {name: value for name, value in os.environ.items() if name != "SPARK_CONF_DIR"}
    environment |= settings.environment() | {"DAGSTER_HOME": _dagster_home(tmp_path)}

    def run(*command: str) -> str:
        line = [sys.executable, "-m", "orchestration", *command]
        ran = subprocess.run(line, env=environment, cwd=PROJECT_DIR, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]
        return ran.stdout

    assert "Everything is built anew: it is the first build" in run("run", "--sessions", str(SESSIONS))
    # Another process goes on where that one ended, and a third one has nothing to do.
    project.write("web/sessions", [{"ID": "late", "COOKIE_ID": "late", "EVENT_DATE": "2024-05-01 10:00:00"}])
    told = run("build")
    assert "Only what is affected is built anew: new in web/sessions (1 file, 1 row)" in told
    assert "Recomputed: cookies 1, sessions 1, Salesforce Tasks 0, people 0" in told
    assert "Nothing to build" in run("build")

    project.build()
    names, parquet_names = (list(marts.marts_of(dbt.thaw(frozen_manifest(name)))) for name in ("duckdb", "spark"))
    # What the columns mean is told in the file only.
    assert set(names) - set(parquet_names) == {"docs_columns"}
    published = publish.current_version(settings.marts)
    assert published
    for built, expected in ((publish.parquet_of(settings.marts), parquet_names), (published, names)):
        found = parity.compare(project.settings.marts_build, built, expected)
        print(*found, sep="\n")
        assert not parity.report(found), parity.report(found)
    assert sorted(path.name for path in publish.parquet_of(settings.marts).iterdir()) == sorted(parquet_names)
    assert described(published) == described(project.settings.marts_build)


def _dagster_home(folder: Path) -> str:
    home = folder / "dagster"
    home.mkdir()
    (home / "dagster.yaml").write_bytes((PROJECT_DIR / "orchestration" / "dagster.yaml").read_bytes())
    return str(home)


def test_only_a_table_that_landing_changed_is_exported_again(project: Project) -> None:
    sources = read_sources(PROJECT_DIR)
    settings = project.on("spark").settings

    def exported() -> dict[str, Path]:
        project.land()
        return {table.folder: folder for table, folder in export(settings, sources).items()}

    project.write("web/sessions", [{"ID": "s1", "COOKIE_ID": "c1", "EVENT_DATE": "2024-01-01 10:00:00"}])
    project.write("salesforce/Task", [{"Id": "00T000000000001", "bizible2__BizibleId__c": "c1"}])
    first = exported()
    files = {folder: folder.stat().st_mtime_ns for folder in first.values()}
    # What a killed export left does no harm.
    half = first["web/sessions"].parent / ".0000.part"
    half.mkdir()
    project.write("web/sessions", [{"ID": "s2", "COOKIE_ID": "c1", "EVENT_DATE": "2024-01-02 10:00:00"}])
    second = exported()
    assert {table for table in first if first[table] != second[table]} == {"web/sessions"}
    assert all(folder.stat().st_mtime_ns == files[folder] for folder in second.values() if folder in files)
    assert list(second["web/sessions"].parent.iterdir()) == [second["web/sessions"]]
    with duckdb.connect() as connection:
        rows = connection.execute(f"SELECT ID FROM '{second['web/sessions']}/*.parquet' ORDER BY ALL").fetchall()
    assert rows == [("s1",), ("s2",)]


def test_another_warehouse_of_the_same_place_is_exported_anew(project: Project) -> None:
    """Landing numbers its runs from 1 again there."""
    sources = read_sources(PROJECT_DIR)
    settings = project.on("spark").settings
    for cookie in ("c1", "c2"):
        project.write("web/sessions", [{"ID": "s1", "COOKIE_ID": cookie, "EVENT_DATE": "2024-01-01"}], name="one")
        project.write("salesforce/Task", [{"Id": "00T000000000001", "bizible2__BizibleId__c": cookie}], name="one")
        settings.warehouse.unlink(missing_ok=True)
        project.land()
        folders = {table.folder: folder for table, folder in export(settings, sources).items()}
        with duckdb.connect() as connection:
            rows = connection.execute(f"SELECT COOKIE_ID FROM '{folders['web/sessions']}/*.parquet'").fetchall()
        assert rows == [(cookie,)]
