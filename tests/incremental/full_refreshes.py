"""The full refresh that an incremental build has to equal, and the differences.

Most of a small build's time is dbt's own. A full refresh here runs the SQL that dbt compiled for a full build, model by
model, on a copy of the warehouse from which every model was dropped. That the two are the same shows wherever dbt
itself built everything.
"""

from __future__ import annotations

import multiprocessing
import shutil
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import ModelNode

from orchestration.lib.build.dbt import BuildResult
from tests.harness import Project
from tests.properties.datasets import number_of

Plant = Callable[[Manifest], object]  # puts other SQL into the parsed project
FORK = multiprocessing.get_context("fork")  # a fork has everything imported
OWN = "custom_properties_of("
MODEL_SCHEMAS = ("staging", "intermediate", "feeds")


def node(manifest: Manifest, model: str) -> ModelNode:
    found = manifest.nodes[f"model.call_attribution.{model}"]
    assert isinstance(found, ModelNode)
    return found


def set_sql(manifest: Manifest, model: str, sql: str) -> None:
    node(manifest, model).raw_code = sql


class Observed(Project):
    """A project that keeps the SQL of its last full build, and that can be planted with other SQL."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        super().__init__(folder, **settings)
        self.plant: Plant = lambda manifest: None
        self.full_sql: list[tuple[str, bool, str]] = []  # relation, whether it is a view, SQL; in order
        self.docs_columns = Rows((), Counter())
        self._last_manifest: Manifest | None = None

    def _manifest(self) -> Manifest:
        self._last_manifest = manifest = super()._manifest()
        self.plant(manifest)
        return manifest

    def build_incrementally(self, variables: Mapping[str, Any] | None = None, select: Sequence[str] = ()) -> None:
        """An incremental build, or the full refresh that replaces it; stores its compiled SQL for full refreshes."""
        result = self.build(select, variables=variables, incremental=True)
        if self.plan.kind == "full":
            self.keep_sql(result)
            return
        # The only SQL that changes with landed rows: a model with the columns of the org's own, which can come late.
        own = {node.relation_name: node.compiled_code or "" for node in self._models(result) if OWN in node.raw_code}
        self.full_sql = [(name, is_view, own.get(name, sql)) for name, is_view, sql in self.full_sql]

    def _models(self, result: BuildResult) -> list[ModelNode]:
        assert self._last_manifest
        nodes = [self._last_manifest.nodes[node.unique_id] for node in result.nodes]
        return [node for node in nodes if isinstance(node, ModelNode)]

    def keep_sql(self, result: BuildResult) -> None:
        self.full_sql = [
            (node.relation_name or "", node.config.materialized == "one_statement_view", node.compiled_code or "")
            for node in self._models(result)
        ]
        self.docs_columns = self.marts().get("docs_columns", self.docs_columns)

    def interrupt(self, model: str, variables: Mapping[str, Any] | None = None) -> None:
        """An incremental build that fails in one of its models."""
        self.plant = lambda manifest: set_sql(manifest, model, "select interrupted from nowhere")
        result = self.build(variables=variables, incremental=True, check=False)
        self.plant = lambda manifest: None
        assert [node.name for node in result.failed] == [model], result.failed

    def kill(self, seconds: float, variables: Mapping[str, Any] | None = None) -> None:
        """An incremental build that is killed, unless it is done by then."""
        process = FORK.Process(target=self.build, kwargs={"variables": variables, "incremental": True})
        process.start()
        process.join(seconds)
        process.kill()
        process.join()

    def full_refresh(self) -> dict[str, Rows]:
        """Every mart and feed as a full refresh of this warehouse makes it."""
        folder = self.folder / "full_refresh"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        # The names are part of the SQL.
        warehouse, marts = folder / self.settings.warehouse.name, folder / self.settings.marts_build.name
        shutil.copy(self.settings.warehouse, warehouse)
        with duckdb.connect(str(warehouse)) as con:
            con.execute("SET TimeZone = 'UTC'")
            con.execute(f"ATTACH '{marts}' AS marts")
            for schema in MODEL_SCHEMAS:
                con.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
                con.execute(f"CREATE SCHEMA {schema}")
            for relation, is_view, sql in self.full_sql:
                con.execute(f"CREATE {'VIEW' if is_view else 'TABLE'} {relation} AS {sql}")
        # It is made from the comments that dbt writes beside the tables, which say nothing of the data.
        return read_marts(marts) | read_marts(warehouse, "feeds") | {"docs_columns": self.docs_columns}

    def marts(self) -> dict[str, Rows]:
        """Every mart and feed as it was built last."""
        return read_marts(self.settings.marts_build) | read_marts(self.settings.warehouse, "feeds")


@dataclass(frozen=True)
class Rows:
    """The rows of one mart, each as often as it occurs."""

    columns: tuple[str, ...]
    counts: Counter[tuple[Any, ...]]


def read_marts(path: Path, schema: str = "main") -> dict[str, Rows]:
    marts = {}
    with duckdb.connect(str(path), read_only=True) as con:
        con.execute("SET TimeZone = 'UTC'")
        names = con.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = ? ORDER BY 1", [schema]
        ).fetchall()
        for (name,) in names:
            # By name: under contract, columns have the order of the contract and not that of the SQL.
            columns = tuple(sorted(column for column, *_ in con.execute(f'DESCRIBE {schema}."{name}"').fetchall()))
            chosen = ", ".join(f'"{column}"' for column in columns)
            marts[name] = Rows(
                columns, Counter(map(_hashable, con.execute(f'SELECT {chosen} FROM {schema}."{name}"').fetchall()))
            )
    return marts


def _hashable(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(repr(value) if isinstance(value, list | dict) else value for value in row)


@dataclass(frozen=True)
class Difference:
    """Rows of one mart that only the incremental build or only the full refresh has."""

    mart: str
    columns: tuple[str, ...]
    only_incremental: tuple[tuple[Any, ...], ...]
    only_full_refresh: tuple[tuple[Any, ...], ...]

    def datasets(self) -> set[int | None]:
        rows = (*self.only_incremental, *self.only_full_refresh)
        return {number_of(dict(zip(self.columns, row, strict=True))) for row in rows}

    def __str__(self) -> str:
        lines = [
            f"{self.mart}: {len(self.only_incremental)} rows only after the incremental build, "
            f"{len(self.only_full_refresh)} only after a full refresh"
        ]
        left = list(self.only_full_refresh)
        for row in self.only_incremental[:LIMIT]:
            twin = max(left, key=lambda other: _likeness(row, other), default=None)
            if twin is None or _likeness(row, twin) < len(row) / 2:
                lines.append(f"  only after the incremental build: {self._shown(row)}")
                continue
            left.remove(twin)
            cells = zip(self.columns, row, twin, strict=True)
            changed = "; ".join(f"{name} should be {want!r}, is {got!r}" for name, got, want in cells if got != want)
            lines.append(f"  {self._shown(row, 3)}: {changed}")
        lines += [f"  missing: {self._shown(row)}" for row in left[:LIMIT]]
        return "\n".join(lines)

    def _shown(self, row: tuple[Any, ...], cells: int = 10) -> str:
        filled = [f"{name}={value}" for name, value in zip(self.columns, row, strict=True) if value is not None]
        return ", ".join(filled[:cells])


LIMIT = 5


def _likeness(row: tuple[Any, ...], other: tuple[Any, ...]) -> int:
    return sum(a == b for a, b in zip(row, other, strict=True))


def differences(incremental: Mapping[str, Rows], full_refresh: Mapping[str, Rows]) -> list[Difference]:
    """Every mart that is not the same, row for row and as often."""
    found = []
    for name in sorted(incremental.keys() | full_refresh.keys()):
        here, there = incremental.get(name), full_refresh.get(name)
        columns = (here or there or Rows((), Counter())).columns
        if here and there:
            assert here.columns == there.columns, f"{name} has other columns"
        have, want = (here.counts if here else Counter()), (there.counts if there else Counter())
        if have != want:
            found.append(Difference(name, columns, tuple((have - want).elements()), tuple((want - have).elements())))
    return found
