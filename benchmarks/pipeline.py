"""`make bench`: land, build, test and publish a company of any size, against the floor of writing it once.

Every phase is a process of its own. The table goes to the terminal and to benchmarks/results.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.report import Table, machine, save, seconds_text, size_text
from orchestration.lib.settings import PROJECT_DIR, Settings, SettingsError

Measured = dict[str, Any]


class Bench:
    """A folder with the company's files, a warehouse and the published marts, and phases that run in it."""

    def __init__(self, folder: Path, memory_limit: str) -> None:
        self.folder = folder
        self.day = folder / "day"
        self.settings = Settings(
            landing_dir=folder / "landing",
            warehouse=folder / "warehouse.duckdb",
            marts=folder / "published" / "marts.duckdb",
            memory_limit=memory_limit,
        )

    def phase(self, name: str, *arguments: object) -> Measured:
        print(f"{name} ...", flush=True)
        finished = subprocess.run(
            [sys.executable, "-m", "benchmarks.phases", name, *map(str, arguments)],
            cwd=PROJECT_DIR,
            env=os.environ | self.settings.environment(),
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if finished.returncode:
            raise SystemExit(f"{name} failed:\n{finished.stdout}")
        return json.loads(finished.stdout.splitlines()[-1])

    def floor(self) -> Measured:
        database = self.folder / "floor.duckdb"
        measured = self.phase("floor", self.settings.landing_dir / "web" / "sessions" / "*.parquet", database)
        database.unlink()
        return measured


def measure(folder: Path, sessions: int, memory_limit: str) -> str:
    """Runs everything in a folder of its own and returns the report."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    bench = Bench(folder, memory_limit)
    try:
        company = bench.phase("company", bench.settings.landing_dir, bench.day, sessions)
        before = bench.floor()
        land = bench.phase("land")
        build = bench.phase("build")
        publish = bench.phase("publish")
        after = bench.floor()
        return _report(sessions, memory_limit, company, (before, after), land, build, publish)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _report(
    sessions: int,
    memory_limit: str,
    company: Measured,
    floors: tuple[Measured, Measured],
    land: Measured,
    build: Measured,
    publish: Measured,
) -> str:
    # The smaller of both: noise only ever adds.
    floor = min(floors, key=lambda one: one["seconds"])
    tests = build["shares"].get("test", 0.0)
    work = sum(build["shares"].values())
    total = land["seconds"] + work + publish["seconds"]

    table = Table("what", "seconds", "floors", "CPU seconds", "CPU floors", "sessions a second", "peak memory")

    def line(name: str, seconds: float, *phases: Measured) -> None:
        cpu = sum(one["cpu"] for one in phases)
        table.add(
            name,
            seconds_text(seconds),
            f"{seconds / floor['seconds']:.2f}",
            seconds_text(cpu) if phases else "",
            f"{cpu / floor['cpu']:.2f}" if phases else "",
            f"{sessions / seconds:,.0f}" if seconds else "",
            size_text(max(one["peak_bytes"] for one in phases)) if phases else "",
        )

    line("floor: Parquet to the widest table once", floor["seconds"], floor)
    line("landing", land["seconds"], land)
    line("models and tests", work, build)
    line("- models", work - tests)
    line("- tests", tests)
    line("publishing", publish["seconds"], publish)
    line("**landing to publishing**", total, land, build, publish)
    line("dbt: parsing the project", build["parse"])
    line("dbt: its own work between nodes", build["seconds"] - work)

    slowest = Table("node", "kind", "seconds")
    nodes = sorted(build["nodes"], key=lambda node: node["started"] - node["ended"])
    for node in nodes[:25]:
        slowest.add(node["name"], node["kind"], seconds_text(node["ended"] - node["started"]))

    landed = Table("landed table", "rows", "seconds")
    for name, rows in land["rows"].items():
        landed.add(name, f"{rows:,}", seconds_text(land["tables"][name]))

    calls = company["rows"]["salesforce/Task"]
    return "\n".join(
        [
            f"# {sessions:,} sessions",
            "",
            f"{machine()}; memory limit {memory_limit}; {sum(calls.values()):,} Tasks; published file "
            f"{size_text(publish['bytes'])}.",
            "",
            str(table),
            "",
            "Models and tests run two at a time: the seconds that they have in common are shared between them; in the "
            "tables below each has its own. CPU seconds are those of the whole phase, dbt's own work included: on a "
            "machine that does other things as well they say more than seconds.",
            "",
            str(slowest),
            "",
            str(landed),
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, required=True)
    parser.add_argument("--memory", default="8GB", help="memory limit of DuckDB")
    parser.add_argument("--folder", type=Path, default=PROJECT_DIR / "data" / "benchmark")
    parser.add_argument("--results", type=Path, default=PROJECT_DIR / "benchmarks" / "results")
    arguments = parser.parse_args()
    try:
        Settings.from_environment({"CALL_ATTRIBUTION_MEMORY_LIMIT": arguments.memory})
    except SettingsError as error:
        raise SystemExit(str(error)) from error
    report = measure(arguments.folder.absolute(), arguments.sessions, arguments.memory)
    save(report, arguments.results / f"pipeline-{arguments.sessions}.md")


if __name__ == "__main__":
    main()
