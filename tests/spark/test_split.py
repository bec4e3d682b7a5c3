"""A build on Spark has two parts: what Spark builds, and what DuckDB computes and tests (engines/spark/derived.py)."""

from pathlib import Path
from typing import Any, Literal

import pytest
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import GenericTestNode, ModelNode

from orchestration.lib import build as builds
from orchestration.lib import engines
from orchestration.lib.build import dbt
from orchestration.lib.build.execution import REBUILT
from orchestration.lib.engines.spark import derived, marts, session, tables
from tests.harness import frozen_manifest, settings_in, thaw


def data_tests(manifest: Manifest) -> list[str]:
    """The names of the data tests; ids contain quotes of the engine. Tests of what the engine does not have are off."""
    nodes = manifest.nodes.values()
    return sorted(node.name for node in nodes if node.resource_type == "test" and node.config.enabled)


KINDS = (derived._is_stored, derived._is_affected)


def read(manifest: Manifest, test: Any) -> list[ModelNode]:
    return [model for name in test.depends_on_nodes if isinstance(model := manifest.nodes.get(name), ModelNode)]


@pytest.mark.parametrize("tracker", ["marketo_measure", "generic"])
def test_spark_and_duckdb_share_models_and_tests(tmp_path: Path, tracker: str) -> None:
    """Of a run on Spark. Every model is built and every test is run once; DuckDB's part reads no landed table."""
    on_spark, whole = (thaw(frozen_manifest("spark", tracker=tracker)) for _ in range(2))
    on_duckdb, whole_duckdb = (thaw(frozen_manifest("duckdb", tracker=tracker)) for _ in range(2))
    own = derived.of(whole_duckdb)
    copied = {node.name for node in derived.read_by(whole_duckdb, own).values()}
    derived.leave_out(on_spark)
    marts.read_parquet(on_duckdb, own, tmp_path, tmp_path)
    of_spark, of_duckdb = data_tests(on_spark), data_tests(on_duckdb)
    assert sorted(of_spark + of_duckdb) == data_tests(whole_duckdb)
    assert not set(of_spark) & set(of_duckdb)
    # Those that compare affected rows, and the tests of seeds.
    compare = {"counts_in_are_counts_out", "credit_is_exact", "every_opportunity_is_attributed_or_listed"}
    names = {node.name for node in on_spark.nodes.values() if node.resource_type == "seed"}
    assert {test for test in of_spark if not any(f"_{name}_" in test for name in names)} == compare

    def models(manifest: Manifest) -> set[str]:
        return {node.name for node in manifest.nodes.values() if isinstance(node, ModelNode)}

    built = models(on_duckdb) - copied
    assert models(on_spark) | built == models(whole_duckdb) and not models(on_spark) & built
    assert {"rpt_daily", "rpt_roi", "fct_costs", "biz_facts", "docs_columns", "feed_roi_results"} <= built
    # A stored mart reads it.
    assert "biz_stage_definitions" in copied
    # DuckDB reads stored marts whole, and tables of affected rows only in part. The weights of models are always whole.
    mixed = {
        node.name
        for node in whole.nodes.values()
        if node.name in of_duckdb and all(any(is_kind(one) for one in read(whole, node)) for is_kind in KINDS)
    }
    assert mixed == {"roi_results_are_those_of_the_marts"}
    known = on_duckdb.nodes.keys()
    assert not [node.name for node in on_duckdb.nodes.values() if set(node.depends_on_nodes) - known]


def test_an_incremental_build_runs_the_tests_that_it_runs_on_duckdb() -> None:
    whole = thaw(frozen_manifest("duckdb"))
    kinds = {kind.removeprefix("config.materialized:") for kind in REBUILT if ":" in kind}

    def is_rebuilt(name: str) -> bool:
        return name in whole.nodes and whole.nodes[name].config.materialized in kinds

    tests = {name for name in derived.of(whole) if whole.nodes[name].resource_type == "test"}
    left = tests - derived.of(whole, tests_views=False)
    assert left and left == {
        name
        for name in tests
        if isinstance(whole.nodes[name], GenericTestNode)
        and not any(map(is_rebuilt, whole.nodes[name].depends_on_nodes))
    }


@pytest.mark.parametrize("kind", ["full", "incremental"])
def test_tables_are_saved_only_if_duckdbs_part_succeeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Literal["full", "incremental"]
) -> None:
    """The next build starts from them. In an incremental build, DuckDB first makes stored marts whole."""
    failed = dbt.NodeResult("model.call_attribution.rpt_daily", "rpt_daily", "model", "error", 0.1, None, "too bad")
    manifest, steps, saved = thaw(frozen_manifest("spark")), [], []
    derived.leave_out(manifest)
    plan = builds.Plan(kind, "a test", 0, 1, {}, ())
    monkeypatch.setattr(session, "start", lambda settings: None)
    monkeypatch.setattr(tables, "add_unaffected_rows", lambda *given: steps.append("add"))
    monkeypatch.setattr(tables, "save", lambda spark, settings, manifest: saved.append(manifest))
    for nodes in ((failed,), ()):

        def write(*given: Any, tests_views: bool, nodes: Any = nodes) -> dbt.BuildResult:
            steps.append(f"write, {'with' if tests_views else 'without'} tests of views")
            return dbt.BuildResult(nodes)

        monkeypatch.setattr(marts, "write", write)
        result = engines.of(settings_in(tmp_path, target="spark")).collect(plan, manifest)
        assert (result.ok, len(saved)) == (not nodes, not nodes)
    expected = ["write, with tests of views"] if kind == "full" else ["add", "write, without tests of views"]
    assert steps == 2 * expected
    assert "model.call_attribution.fct_calls" in saved[0].nodes
    assert "model.call_attribution.fct_costs" not in saved[0].nodes
