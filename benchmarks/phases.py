"""One phase of the pipeline in a process of its own, to measure its memory; prints the measurements as JSON.

The settings come from the environment, as for every other run of the project.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
from dbt.contracts.graph.manifest import Manifest

from benchmarks.dataset import write_dataset
from orchestration.lib import build as builds
from orchestration.lib import engines, landing, publish
from orchestration.lib.build import dbt
from orchestration.lib.settings import Settings


@dataclass(frozen=True)
class Node:
    """A model, seed or test and when it ran, in seconds since dbt was called."""

    name: str
    kind: str
    started: float
    ended: float


def shares_of_time(nodes: Iterable[Node]) -> dict[str, float]:
    """The time by kind of node: two nodes that run side by side share the seconds in which they overlap."""
    changes = sorted((at, step, node.kind) for node in nodes for at, step in ((node.started, 1), (node.ended, -1)))
    shares: dict[str, float] = {}
    running: dict[str, int] = {}
    before = 0.0
    for at, step, kind in changes:
        total = sum(running.values())
        for name, count in running.items():
            if count:
                shares[name] = shares.get(name, 0.0) + (at - before) * count / total
        running[kind] = running.get(kind, 0) + step
        before = at
    return shares


def dataset(year: str, day: str, sessions: str) -> dict[str, Any]:
    rows = write_dataset(Path(year), Path(day), int(sessions))
    return {"rows": {table: asdict(count) for table, count in rows.items()}}


def lower_bound(sessions: str, database: str, keeps_order: str) -> dict[str, Any]:
    """Parquet to the widest table once, with DuckDB alone, in the format that is published.

    By default DuckDB keeps the order of the rows, which costs a second write of much of the table.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": Settings.from_environment().duckdb_memory,
        "temp_directory": f"{database}.spill",
        "threads": "2",
        "preserve_insertion_order": keeps_order,
    }
    started = time.monotonic()
    with duckdb.connect(config=config) as con:
        con.execute(f"ATTACH '{database}' AS widest (STORAGE_VERSION 'v1.0.0')")
        con.execute(f"CREATE TABLE widest.sessions AS FROM read_parquet('{sessions}')")
        con.execute("DETACH widest")
    return {"seconds": time.monotonic() - started}


def land() -> dict[str, Any]:
    settings = Settings.from_environment()
    started = time.monotonic()
    reports = landing.land_all(settings, landing.tables(settings))
    return {
        "seconds": time.monotonic() - started,
        "rows": {report.table: report.total("rows_read") for report in reports if report.has_news},
        "tables": {report.table: report.seconds for report in reports if report.has_news},
    }


def build() -> dict[str, Any]:
    """Builds and tests what a run would, full or incremental; the time for planning is measured separately."""
    settings = Settings.from_environment()
    started = time.monotonic()
    described = dbt.read_manifest(settings)
    manifest = dbt.parse(settings)
    plan = builds.plan(settings, described)
    if plan.kind == "nothing":
        raise SystemExit(str(plan))
    planned = time.monotonic()
    nodes: list[Node] = []
    moments: dict[str, float] = {}
    engine = engines.of(settings)

    def note(result: dbt.NodeResult) -> None:
        ended = time.monotonic() - planned
        nodes.append(Node(result.name, result.resource_type, ended - result.seconds, ended))

    class Timed:
        """The engine, with the moments at which the build calls it."""

        settings = engine.settings
        adds_unaffected_rows = engine.adds_unaffected_rows

        def offer_inputs(self, plan: builds.Plan) -> None:
            moments["inputs"] = time.monotonic()
            engine.offer_inputs(plan)
            moments["offered"] = time.monotonic()

        def leave_out(self, manifest: Manifest) -> None:
            engine.leave_out(manifest)

        def collect(self, plan: builds.Plan, manifest: Manifest, **options: Any) -> dbt.BuildResult:
            moments["collect"] = time.monotonic()
            return engine.collect(plan, manifest, **options)

    outcome = builds.run(plan, Timed(), parse=lambda: manifest, on_node=note)
    built = time.monotonic()
    outcome.result.require_success()
    return {
        "kind": outcome.plan.kind,
        "reason": str(outcome.plan),
        "recomputed": str(outcome),
        "start": planned - started,
        "prepare": moments["offered"] - planned,
        "seconds": moments["collect"] - moments["offered"],
        "collect": built - moments["collect"],
        "shares": shares_of_time(nodes),
        "nodes": [asdict(node) for node in nodes],
    }


def published() -> dict[str, Any]:
    settings = Settings.from_environment()
    started = time.monotonic()
    result = publish.publish(settings.marts_build, settings.marts, settings.keep_versions)
    return {"seconds": time.monotonic() - started, "bytes": result.size}


PHASES: dict[str, Callable[..., dict[str, Any]]] = {
    "dataset": dataset,
    "lower_bound": lower_bound,
    "land": land,
    "build": build,
    "publish": published,
}


def end_spark() -> dict[str, Any]:
    """The work of Spark's tasks in this process. Ends its Java, because only then is its usage counted."""
    from pyspark import SparkContext  # pyright: ignore[reportMissingImports]

    gateway: Any = SparkContext._gateway
    context: Any = SparkContext._active_spark_context
    executor = context._jsc.sc().statusStore().executorList(True).head()
    did = {
        "task_seconds": executor.totalDuration() / 1000,
        "collecting_garbage": executor.totalGCTime() / 1000,
        "shuffled_bytes": executor.totalShuffleWrite(),
    }
    gateway.proc.stdin.close()
    gateway.proc.wait()
    java = resource.getrusage(resource.RUSAGE_CHILDREN)
    return did | {"java_cpu": java.ru_utime + java.ru_stime, "java_peak_bytes": java.ru_maxrss * 1024}


def main() -> None:
    phase, *arguments = sys.argv[1:]
    before = resource.getrusage(resource.RUSAGE_SELF)
    measured = PHASES[phase](*arguments)
    after = resource.getrusage(resource.RUSAGE_SELF)
    measured["cpu"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    measured["peak_bytes"] = after.ru_maxrss * 1024
    if phase == "build" and Settings.from_environment().target == "spark":
        measured |= end_spark()
    # Whatever libraries print goes before the last line.
    print(json.dumps(measured), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
