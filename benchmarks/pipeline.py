"""`make bench`: land, build, test and publish a dataset of any size, against the lower bound of writing it once.

Then its last day arrives, late and out of order, and then nothing. Every phase is a process of its own. The table goes
to the terminal and to benchmarks/results.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.report import Table, machine, save, seconds_text, size_text
from orchestration.lib.settings import PROJECT_DIR, Settings, SettingsError

Measured = dict[str, Any]
SLOWEST = 25


class Bench:
    """A folder with the dataset's files, a warehouse and the published marts, and phases that run in it."""

    def __init__(self, folder: Path, memory_limit: str, target: str = "duckdb") -> None:
        self.folder = folder
        self.day = folder / "day"
        self.settings = Settings(
            landing_dir=folder / "landing",
            warehouse=folder / "warehouse.duckdb",
            marts=folder / "published" / "marts.duckdb",
            memory_limit=memory_limit,
            target=target,
        )

    def phase(self, name: str, *arguments: object) -> Measured:
        output = self._run(name, "benchmarks.phases", name, *map(str, arguments))
        return json.loads(output.splitlines()[-1])

    def lower_bound(self, keeps_order: bool = True) -> Measured:
        database = self.folder / "lower_bound.duckdb"
        sessions = self.settings.landing_dir / "web" / "sessions" / "year.parquet"
        measured = self.phase("lower_bound", sessions, database, str(keeps_order).lower())
        database.unlink()
        return measured

    def day_arrives(self) -> None:
        for file in self.day.rglob("*.parquet"):
            file.rename(self.settings.landing_dir / file.relative_to(self.day))

    def run_with_nothing_new(self) -> float:
        """Seconds of a whole run through Dagster that finds nothing to do."""
        started = time.monotonic()
        output = self._run("a run with nothing new", "orchestration", "build")
        if "Nothing to build" not in output:
            raise SystemExit(f"The run had something to do:\n{output}")
        return time.monotonic() - started

    def _run(self, name: str, *module: str) -> str:
        print(f"{name} ...", flush=True)
        home = self.folder / "dagster"
        home.mkdir(exist_ok=True)
        shutil.copyfile(PROJECT_DIR / "orchestration" / "dagster.yaml", home / "dagster.yaml")
        finished = subprocess.run(
            [sys.executable, "-m", *module],
            cwd=PROJECT_DIR,
            env=os.environ | self.settings.environment() | {"DAGSTER_HOME": str(home)},
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if finished.returncode:
            raise SystemExit(f"{name} failed:\n{finished.stdout}")
        return finished.stdout


def measure(folder: Path, sessions: int, memory_limit: str) -> str:
    """Measures all phases in a folder of its own and returns the report."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    bench = Bench(folder, memory_limit)
    try:
        dataset = bench.phase("dataset", bench.settings.landing_dir, bench.day, sessions)
        bounds = [bench.lower_bound()]
        unordered = bench.lower_bound(keeps_order=False)
        full = {name: bench.phase(name) for name in ("land", "build", "publish")}
        bounds.append(bench.lower_bound())
        bench.day_arrives()
        day = {name: bench.phase(name) for name in ("land", "build", "publish")}
        # The first such run also makes the report page, which the marts did not have yet.
        bench.run_with_nothing_new()
        start = bench.run_with_nothing_new()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if (kinds := (full["build"]["kind"], day["build"]["kind"])) != ("full", "incremental"):
        raise SystemExit(f"Not a full refresh and an incremental build, but {kinds}: {day['build']['reason']}")
    # The faster one: noise only ever adds.
    bound = min(bounds, key=lambda one: one["seconds"])
    calls = sum(dataset["rows"]["salesforce/Task"].values())
    return "\n".join(
        [
            f"# {sessions:,} sessions",
            "",
            f"{machine()}; memory limit {memory_limit}; {calls:,} Tasks; published file "
            f"{size_text(full['publish']['bytes'])}.",
            "",
            "Models and tests run two at a time: the seconds that they have in common are shared between them; in the "
            "tables of nodes each has its own. CPU seconds are those of a whole phase, dbt's own work included: on a "
            "machine with other load they are more reliable than seconds.",
            "",
            "## Full refresh",
            "",
            str(_full_refresh(sessions, bound, unordered, full)),
            "",
            "## One day of 365",
            "",
            f"{day['build']['reason']} {day['build']['recomputed']}",
            "",
            str(_one_day(full, day, start)),
            "",
            "## The slowest nodes of the full refresh",
            "",
            str(slowest_nodes(full["build"])),
            "",
            "## The slowest nodes of the day",
            "",
            str(slowest_nodes(day["build"])),
            "",
            "## Landed",
            "",
            str(_landed(full["land"], day["land"])),
        ]
    )


def _full_refresh(sessions: int, bound: Measured, unordered: Measured, full: Measured) -> Table:
    table = Table(
        "what", "seconds", "lower bounds", "CPU seconds", "CPU lower bounds", "sessions a second", "peak memory"
    )

    def line(name: str, seconds: float, *phases: Measured) -> None:
        cpu = sum(one["cpu"] for one in phases)
        table.add(
            name,
            seconds_text(seconds),
            f"{seconds / bound['seconds']:.2f}",
            seconds_text(cpu) if phases else "",
            f"{cpu / bound['cpu']:.2f}" if phases else "",
            f"{sessions / seconds:,.0f}" if seconds else "",
            size_text(max(one["peak_bytes"] for one in phases)) if phases else "",
        )

    land, build, publish = full["land"], full["build"], full["publish"]
    tests, work, links = _tests(build), _work(build), _links(build)
    line("lower bound: Parquet to the widest table once", bound["seconds"], bound)
    line("the same without the rows' order", unordered["seconds"], unordered)
    line("landing", land["seconds"], land)
    line("models and tests", work, build)
    line("- models", work - tests)
    line("- tests", tests)
    line("recording which rows are connected", links)
    line("publishing", publish["seconds"], publish)
    line("**landing to publishing**", land["seconds"] + work + links + publish["seconds"], land, build, publish)
    line("dbt: parsing, planning", build["start"])
    line("dbt: between the nodes", build["seconds"] - work)
    return table


def _one_day(full: Measured, day: Measured, start: float) -> Table:
    table = Table("what", "seconds", "of the full refresh", "CPU seconds", "of the full refresh", "peak memory")
    all_seconds = full["land"]["seconds"] + _work(full["build"]) + _links(full["build"]) + full["publish"]["seconds"]
    all_cpu = sum(full[name]["cpu"] for name in ("land", "build", "publish"))

    def line(name: str, seconds: float, *phases: Measured) -> None:
        cpu = sum(one["cpu"] for one in phases)
        table.add(
            name,
            seconds_text(seconds),
            f"{seconds / all_seconds:.1%}",
            seconds_text(cpu) if phases else "",
            f"{cpu / all_cpu:.1%}" if phases else "",
            size_text(max(one["peak_bytes"] for one in phases)) if phases else "",
        )

    land, build, publish = day["land"], day["build"], day["publish"]
    tests, work, links = _tests(build), _work(build), _links(build)
    line("landing", land["seconds"], land)
    line("finding what is affected, recording it", links)
    line("models and tests", work, build)
    line("- models", work - tests)
    line("- tests of what changed", tests)
    line("**landing, models, tests**", land["seconds"] + links + work, land, build)
    line("copying the published file's bytes", publish["seconds"], publish)
    line("dbt: parsing, planning", build["start"])
    line("dbt: between the nodes", build["seconds"] - work)
    line("a whole run through Dagster with nothing new", start)
    return table


def _tests(build: Measured) -> float:
    return build["shares"].get("test", 0.0)


def _work(build: Measured) -> float:
    return sum(build["shares"].values())


def _links(build: Measured) -> float:
    """What surrounds dbt: finding the affected components, and recording the links of the rows that were built."""
    return build["prepare"] + build["collect"]


def slowest_nodes(build: Measured) -> Table:
    table = Table("node", "kind", "seconds")
    for node in sorted(build["nodes"], key=lambda node: node["started"] - node["ended"])[:SLOWEST]:
        table.add(node["name"], node["kind"], seconds_text(node["ended"] - node["started"]))
    return table


def _landed(full: Measured, day: Measured) -> Table:
    table = Table("table", "rows", "seconds", "rows of the day", "seconds")
    for name, rows in full["rows"].items():
        late = day["rows"].get(name, 0)
        seconds = day["tables"].get(name, 0.0)
        table.add(name, f"{rows:,}", seconds_text(full["tables"][name]), f"{late:,}", seconds_text(seconds))
    return table


def command(description: str | None, measure: Callable[[Path, int, str], str], name: str) -> None:
    """Measures in a folder, with as many sessions and as much memory as asked for; saves the report under a name."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--sessions", type=int, required=True)
    parser.add_argument("--memory", default="8GB", help="memory limit of a process; on Spark, of Java's heap")
    parser.add_argument("--folder", type=Path, default=PROJECT_DIR / "data" / "benchmark")
    parser.add_argument("--results", type=Path, default=PROJECT_DIR / "benchmarks" / "results")
    options = parser.parse_args()
    try:
        Settings.from_environment({"CALL_ATTRIBUTION_MEMORY_LIMIT": options.memory})
    except SettingsError as error:
        raise SystemExit(str(error)) from error
    report = measure(options.folder.absolute(), options.sessions, options.memory)
    save(report, options.results / f"{name}-{options.sessions}.md")


if __name__ == "__main__":
    command(__doc__, measure, "pipeline")
