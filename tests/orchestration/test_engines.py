"""What a user reads when the engine that he asked for is not there; the published file of marts from another engine."""

import importlib.util
import os
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import duckdb
import pytest
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import ModelNode

from orchestration.defs.transform.assets import build_subset
from orchestration.lib import engines, publish
from orchestration.lib.build import Plan, dbt, plan, spark_requirements
from orchestration.lib.build.progress import NodeProgress
from orchestration.lib.engines.spark import derived, marts, raw, tables
from orchestration.lib.errors import UserError
from tests.engines import parity
from tests.harness import Project, frozen_manifest, plain_manifest, settings_in, thaw
from tests.incremental.full_refreshes import node, set_sql


def test_without_java_it_says_what_where_and_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        spark_requirements.SparkMissing, match=r"Java 17 .* java is not on the PATH\. Install Java 17 .*openjdk-17"
    ):
        spark_requirements.check_java()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "nowhere"))
    with pytest.raises(spark_requirements.SparkMissing, match=r"JAVA_HOME is .*nowhere"):
        spark_requirements.check_java()


def test_an_old_java_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n", encoding="utf-8")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(spark_requirements.SparkMissing, match=r"bin/java is Java 11"):
        spark_requirements.check_java()
    java.write_text("#!/bin/sh\necho 'openjdk version \"21.0.1\"' >&2\n", encoding="utf-8")
    spark_requirements.check_java()


def test_without_pyspark_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark_requirements, "check_java", lambda: None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(spark_requirements.SparkMissing, match=r"needs pyspark.*requirements-spark\.lock"):
        spark_requirements.check.__wrapped__()


def test_a_part_of_a_build_on_spark_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="tables are built together"):
        build_subset(settings_in(tmp_path, target="spark"), set(), set(), NodeProgress(print, {"nodes": {}}))


def test_a_build_on_a_server_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALL_ATTRIBUTION_SPARK_METHOD", "thrift")
    with pytest.raises(UserError, match=r"which a server does not see.*engines\.md"):
        engines.of(settings_in(tmp_path, target="spark")).offer_inputs(Plan("full", "", 0, 0, {}, ()))


@pytest.mark.parametrize("step", range(4))
def test_stored_tables_are_whole_or_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Whatever step a build is killed in: half of a table would be taken for all of it."""
    folder, part = tmp_path / "finished", tmp_path / ".finished.part"
    for place, name in ((folder, "old"), (part, "new")):
        place.mkdir()
        for number in range(3):
            (place / f"{name}{number}").touch()
    steps = iter(range(4))

    def dies_in(real: Callable[..., None]) -> Callable[..., None]:
        def one_step(*given: object, **options: object) -> None:
            if next(steps) == step:
                raise KeyboardInterrupt
            real(*given, **options)

        return one_step

    monkeypatch.setattr(shutil, "rmtree", dies_in(shutil.rmtree))
    monkeypatch.setattr(os, "rename", dies_in(os.rename))
    with pytest.raises(KeyboardInterrupt):
        tables.replace_folder(folder, part)
    found = {file.name for file in folder.iterdir()} if folder.exists() else set()
    assert found in ({"old0", "old1", "old2"}, set(), {"new0", "new1", "new2"})


def test_on_spark_only_stored_marts_read_stored_marts() -> None:
    """In an incremental build these have their affected rows alone, until DuckDB adds the others at the end."""
    manifest = thaw(frozen_manifest())
    on_spark = manifest.nodes.keys() - derived.of(manifest)
    models = {name: node for name in on_spark if isinstance(node := manifest.nodes[name], ModelNode)}
    stored = {name for name, model in models.items() if model.config.materialized == "by_component"}
    readers = {name for name, model in models.items() if stored & set(model.depends_on.nodes)}
    assert readers and readers <= stored


@dataclass(frozen=True)
class Stored:
    """A stored mart as a parsed project has it: what add_unaffected_rows looks at."""

    alias: str
    kinds: tuple[str, ...] = ("Lead", "Contact")
    schema: str = "marts"

    @property
    def config(self) -> SimpleNamespace:
        key = {"column": "coalesce(a, b)", "kinds": list(self.kinds)}
        return SimpleNamespace(materialized="by_component", meta={"component_key": key})


def test_unaffected_rows_of_the_last_build_are_added_to_the_affected_ones(tmp_path: Path) -> None:
    """On Spark, in an incremental build.

    The folder's name adds no column, and a table that the build has not written does not change.
    """
    settings = settings_in(tmp_path / "env=a b", target="spark")
    here = {"finished": settings.spark_finished_dir, "tables": settings.spark_dir / "tables"}
    rows = "VALUES ('{}', NULL), (NULL, '{}')"
    with duckdb.connect() as con:

        def write(folder: Path, query: str, columns: str) -> None:
            folder.mkdir(parents=True)
            con.execute(f"COPY (FROM ({query}) AS rows({columns})) TO '{folder}/rows.parquet'")

        keys = "VALUES ('Lead', 'x'), ('Contact', 'y'), ('Contact', NULL), ('Task', 'z')"
        write(settings.spark_dir / raw.KEYS, keys, "kind, key")
        # 'x' and 'y' are affected, 'z' is the key of another kind, and one row has no key.
        kept = f"{rows.format('x', 'y')}, ('z', 'x'), (NULL, NULL), ('new', NULL)"
        for name in ("both", "none_computed", "other_kinds", "not_written"):
            write(here["finished"] / "marts" / name, kept, "a, b")
        for name in ("both", "none_kept"):
            write(here["tables"] / "marts" / name, rows.format("x", "late"), "a, b")
        (here["tables"] / "marts" / "none_computed").mkdir()
        shutil.copytree(
            here["finished"] / "marts" / "not_written", here["tables"] / "marts" / "not_written", copy_function=os.link
        )
        names = ("both", "none_computed", "none_kept", "not_written")
        marts_of_build = [*map(Stored, names), Stored("other_kinds", ("Task",))]
        refreshed: list[str] = []
        tables.add_unaffected_rows(
            cast(Any, SimpleNamespace(catalog=SimpleNamespace(refreshTable=refreshed.append))),
            settings,
            cast(Any, SimpleNamespace(nodes={mart.alias: mart for mart in marts_of_build})),
        )

        def found(name: str) -> list[tuple[Any, ...]]:
            return con.execute(
                f"FROM read_parquet('{here['tables']}/marts/{name}/*.parquet', hive_partitioning = false)"
            ).fetchall()

        unaffected = [("z", "x"), (None, None), ("new", None)]
        computed = [("x", None), (None, "late")]
        assert Counter(found("both")) == Counter(unaffected + computed)
        assert Counter(found("none_computed")) == Counter(unaffected)
        assert Counter(found("none_kept")) == Counter(computed)
        assert Counter(found("other_kinds")) == Counter([("x", None), (None, "y"), (None, None), ("new", None)])
        assert len(found("not_written")) == 5
    assert refreshed == ["marts.both", "marts.none_computed", "marts.other_kinds"]


def test_a_mart_that_fails_last_ends_the_build_like_any_other(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Spark, the build's last call computes reports."""
    project.write("web/sessions", [{"ID": "s1", "COOKIE_ID": "c1", "EVENT_DATE": "2024-01-01 10:00:00"}])
    project.write("salesforce/Task", [{"Id": "00T000000000001", "bizible2__BizibleId__c": "c1", "Type": "Call"}])
    project.land()
    failed = dbt.NodeResult("model.call_attribution.rpt_daily", "rpt_daily", "model", "error", 0.1, None, "too bad")
    given: dict[str, object] = {}

    def collect(*planned: object, **options: object) -> dbt.BuildResult:
        given.update(options)
        return dbt.BuildResult((failed,))

    monkeypatch.setattr(project, "collect", collect)
    result = project.build(["+fct_calls"], variables={"dedupe_calls": False}, check=False)
    assert result.failed == (failed,)
    assert (given["variables"], given["exclude_types"]) == ({"dedupe_calls": False}, ("test",))
    assert not publish.is_audited(project.settings.marts_build)
    assert plan(project.settings, plain_manifest()).reason == "no build has finished yet"


def as_parquet(project: Project, folder: Path, scratch: Path) -> None:
    """What Spark would have built, from what DuckDB has."""
    with duckdb.connect(str(project.settings.warehouse), read_only=True) as connection:
        connection.execute(f"ATTACH '{project.settings.marts_build}' AS marts (READ_ONLY)")
        manifest = thaw(frozen_manifest())
        for node in derived.read_by(manifest, derived.of(manifest)).values():
            place = (folder if derived.is_mart(node) else scratch / "inputs") / node.name
            place.mkdir(parents=True)
            connection.execute(f"COPY (FROM {node.relation_name}) TO '{place}/rows.parquet'")


def test_a_file_made_from_parquet_has_the_same_tables_and_views(project: Project, tmp_path: Path) -> None:
    """Spark's marts are folders of Parquet; the file's views read its own tables."""
    project.write("web/sessions", [{"ID": "s1", "COOKIE_ID": "c1", "EVENT_DATE": "2024-01-01 10:00:00"}])
    project.write("salesforce/Task", [{"Id": "00T000000000001", "bizible2__BizibleId__c": "c1", "Type": "Call"}])
    project.has_comments = True
    project.land()
    variables = {"call_session_window_minutes": 45}
    project.build(variables=variables)
    folder, scratch = tmp_path / "parquet", tmp_path / "scratch"
    as_parquet(project, folder, scratch)
    other = settings_in(tmp_path / "other")
    other.warehouse.parent.mkdir()
    seen: list[str] = []
    own = derived.of(thaw(frozen_manifest()))

    def write(change: Callable[[Manifest], None] = lambda manifest: None) -> dbt.BuildResult:
        def parse() -> Manifest:
            manifest = thaw(frozen_manifest())
            change(manifest)
            return manifest

        options = {"variables": variables, "target_dir": tmp_path / "target"}
        return marts.write_duckdb(
            other, parse, own, folder, scratch, on_node=lambda node: seen.append(node.name), **options
        )

    result = write()
    assert not result.failed
    assert {"rpt_daily", "reports_add_up_to_the_marts"} <= set(seen)
    published = marts.marts_of(thaw(frozen_manifest()))
    found = parity.compare(project.settings.marts_build, other.marts_build, list(published))
    assert not parity.report(found)
    assert {one.mart: one.rows for one in found}["fct_calls"] == (1, 1)
    assert parity.described(other.marts_build) == parity.described(project.settings.marts_build)
    assert not other.warehouse.exists()

    def count_twice(manifest: Manifest) -> None:
        report = node(manifest, "rpt_blank_type_policy")
        set_sql(manifest, report.name, f"select * from ({report.raw_code}) union all select * from ({report.raw_code})")

    assert "one_row_per_key_rpt_blank_type_policy_policy" in {test.name for test in write(count_twice).failed}


def test_the_log_of_a_killed_build_is_not_applied_to_the_file_that_replaces_its_own(tmp_path: Path) -> None:
    old, new = tmp_path / "warehouse.duckdb.marts", tmp_path / "new.marts"

    def create(file: Path, value: int, *settings: str) -> None:
        with duckdb.connect(str(file)) as con:
            for setting in settings:
                con.execute(setting)
            con.execute(f"CREATE TABLE marts AS SELECT {value} AS value")

    create(old, 666, "PRAGMA disable_checkpoint_on_shutdown")
    create(new, 5)
    left = tmp_path / "new.marts.wal"
    shutil.copyfile(tmp_path / "warehouse.duckdb.marts.wal", left)
    with pytest.raises(UserError, match="could not complete"):
        marts.replace_file(old, new)
    left.unlink()
    marts.replace_file(old, new)
    with duckdb.connect(str(old)) as con:
        assert con.execute("FROM marts").fetchall() == [(5,)]
