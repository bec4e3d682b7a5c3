"""`make build` on Spark, as a user runs it: the sample dataset, every dbt test, both published forms."""

import re
from pathlib import Path
from typing import Any

import duckdb

from orchestration.lib.engines.spark import session
from orchestration.lib.engines.spark.raw import export
from orchestration.lib.landing import read_sources
from orchestration.lib.settings import PROJECT_DIR, Settings
from tests.engines import spark
from tests.engines.small_spark import CONF
from tests.harness import Project, settings_in


def test_the_sample_dataset_comes_out_the_same(tmp_path: Path) -> None:
    """The first build with Spark's own defaults; the incremental one with what suits small builds, in half the time.

    Spark writes the blank and the letter of the folder's name as `%20` and `%C3%A9` where it names files. DuckDB would
    add a column `env` to what it reads there.
    """
    folder = tmp_path / "env=données de test"
    folder.mkdir()
    spark.assert_the_sample_dataset_comes_out_the_same(folder, None, CONF)


def test_a_format_whose_library_is_missing_is_said(project: Project) -> None:
    project.write("web/sessions", [{"ID": "s1", "COOKIE_ID": "c1", "EVENT_DATE": "2024-01-01 10:00:00"}])
    project.write("salesforce/Task", [{"Id": "00T000000000001", "bizible2__BizibleId__c": "c1"}])
    settings = project.on("spark", spark_format="iceberg").settings
    ran = spark.as_a_user(settings, project.folder, "build")
    assert ran.returncode
    assert re.search(r"SPARK_FORMAT is iceberg, and Spark 4\S+ cannot load .* spark\.jars", ran.stderr), ran.stderr[
        -2000:
    ]


def test_what_a_user_sets_for_speed_counts(tmp_path: Path) -> None:
    """tests/spark/conf/spark-defaults.conf."""
    spark: Any = session.start(settings_in(tmp_path, target="spark"), 2**40)
    assert spark.conf.get("spark.sql.shuffle.partitions") == "1"
    java = spark._jvm.java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments()
    assert "-Dgiven.by=spark-defaults" in java
    assert any(option.startswith("-Dlog4j2.configurationFile=") for option in java)


def whole_tables(settings: Settings) -> dict[str, Path]:
    """The folder of each landed table, as a full refresh reads it."""
    landed = {(table.input_schema, table.name): table.folder for table in read_sources(PROJECT_DIR)}
    exported = {(table.schema, table.name): table.folder for table in export(settings, is_incremental=False)}
    return {name: exported[table] for table, name in landed.items()}


def test_only_a_table_that_landing_changed_is_exported_again(project: Project) -> None:
    settings = project.on("spark").settings

    def exported() -> dict[str, Path]:
        project.land()
        return whole_tables(settings)

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


def test_another_warehouse_of_the_same_place_is_exported_again(project: Project) -> None:
    """Landing numbers its runs from 1 again there."""
    settings = project.on("spark").settings
    for cookie in ("c1", "c2"):
        project.write("web/sessions", [{"ID": "s1", "COOKIE_ID": cookie, "EVENT_DATE": "2024-01-01"}], name="one")
        project.write("salesforce/Task", [{"Id": "00T000000000001", "bizible2__BizibleId__c": cookie}], name="one")
        settings.warehouse.unlink(missing_ok=True)
        project.land()
        folders = whole_tables(settings)
        with duckdb.connect() as connection:
            rows = connection.execute(f"SELECT COOKIE_ID FROM '{folders['web/sessions']}/*.parquet'").fetchall()
        assert rows == [(cookie,)]
