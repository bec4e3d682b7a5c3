"""`make bench-spark`: the dataset of `make bench`, built on Spark, and its last day as an incremental build.

Landing always uses DuckDB and is not part of the figures. Each build has its own process and its own Java, because
their usage is only known when they have ended. The table goes to the terminal and to benchmarks/results.
"""

import shutil
from importlib.metadata import version
from pathlib import Path

from benchmarks.pipeline import Bench, Measured, command, slowest_nodes
from benchmarks.report import Table, machine, seconds_text, size_text

PARQUET = {"landed": "raw", "tables": "tables", "marts": "marts"}


def measure(folder: Path, sessions: int, memory_limit: str) -> str:
    """Runs both builds in a folder of its own and returns the report."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    bench = Bench(folder, memory_limit, target="spark")
    try:
        bench.phase("dataset", bench.settings.landing_dir, bench.day, sessions)
        bench.phase("land")
        full = bench.phase("build")
        sizes = {what: _parquet_bytes(bench.settings.spark_dir / name) for what, name in PARQUET.items()}
        bench.day_arrives()
        bench.phase("land")
        day = bench.phase("build")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if (kinds := (full["kind"], day["kind"])) != ("full", "incremental"):
        raise SystemExit(f"Not a full refresh and an incremental build, but {kinds}: {day['reason']}")
    return report(sessions, memory_limit, full, day, sizes)


def report(sessions: int, memory_limit: str, full: Measured, day: Measured, sizes: dict[str, int]) -> str:
    builds = Table("what", "full refresh", "one day of 365")
    for what, figure in {
        "landed tables to Parquet, seconds": lambda build: seconds_text(build["prepare"]),
        "models and tests, seconds": lambda build: seconds_text(build["seconds"]),
        "DuckDB's part, the file and Parquet, seconds": lambda build: seconds_text(build["collect"]),
        "core-seconds of all": lambda build: seconds_text(build["cpu"] + build["java_cpu"]),
        "- of Java": lambda build: seconds_text(build["java_cpu"]),
        "seconds of Spark's tasks": lambda build: seconds_text(build["task_seconds"]),
        "- while garbage was collected": lambda build: seconds_text(build["collecting_garbage"]),
        "shuffled": lambda build: size_text(build["shuffled_bytes"]),
        "peak memory of Java": lambda build: size_text(build["java_peak_bytes"]),
    }.items():
        builds.add(what, figure(full), figure(day))
    parquet = Table(*sizes)
    parquet.add(*map(size_text, sizes.values()))
    return "\n".join(
        [
            f"# {sessions:,} sessions on Spark",
            "",
            f"{machine()}, Spark {version('pyspark')} in one process; memory limit {memory_limit}, of Java's heap.",
            "",
            str(builds),
            "",
            f"Nodes: {len(full['nodes'])} of the full refresh, {len(day['nodes'])} of the day. {day['recomputed']}",
            "",
            "## Parquet after the full refresh",
            "",
            str(parquet),
            "",
            "## The slowest nodes of the full refresh",
            "",
            str(slowest_nodes(full)),
            "",
            "## The slowest nodes of the day",
            "",
            str(slowest_nodes(day)),
        ]
    )


def _parquet_bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*.parquet"))


if __name__ == "__main__":
    command(__doc__, measure, "spark")
