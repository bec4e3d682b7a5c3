"""Compares the marts of two checkouts of this project, row by row. For refactorings that must not change a result.

    git worktree add ../old COMMIT
    .venv/bin/python scripts/compare_versions.py ../old . --cache ../compared

OLD and NEW build the same files: the sample dataset in two sizes, the golden cases and 20 generated datasets. Each
dataset is built twice: whole, and in four successive landings with an incremental build after each. All tables and
views of the marts are compared after each build. Columns of explanatory text and the tables of the documentation
(`docs_*`) are not compared. The exit code is 1 if a row differs or a build fails.

Both checkouts run with the Python that runs this script, so a difference comes from the project's code and not from a
library. OLD writes the datasets. The cache keeps them and OLD's marts by OLD's commit: the next comparison builds NEW
only.
"""

import argparse
import fcntl
import gc
import gzip
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    from tests.harness import Project
    from tests.oracle import Dataset

EXPLANATORY_COLUMNS = {"verdict_explanation", "explanation"}
EXPLANATORY_TABLES = ("docs_",)

WHOLE = "whole"
LANDINGS = (1, 2, 3, 4)
# Most rows of a large dataset come first: an incremental build then affects a part of it. Small ones are cut evenly.
MOST_ROWS_FIRST = (13, 1, 1, 1)
EVEN = (1, 1, 1, 1)
WAYS = {WHOLE: (WHOLE,), "landings": tuple(map(str, LANDINGS))}  # the builds of each way to build a dataset

SAMPLE_SESSIONS = (2_000, 20_000)
GENERATED = 20
DATASETS = 40  # generated datasets in each of them
SHOWN = 2  # rows shown for each side of a difference


def main() -> int:
    parser = argparse.ArgumentParser(description="Compares the marts of two checkouts, row by row.")
    parser.add_argument("old", type=Path, help="the checkout that gives the expected marts")
    parser.add_argument("new", type=Path, help="the checkout whose marts are checked")
    parser.add_argument("--cache", type=Path, required=True, help="folder that keeps the datasets and OLD's marts")
    parser.add_argument("--only", nargs="+", default=[""], metavar="PREFIX", help="datasets whose names start so")
    parser.add_argument("--jobs", type=int, default=2, help="builds at the same time")
    parser.add_argument("--ways", nargs="+", default=list(WAYS), choices=WAYS, help="how datasets are built")
    parser.add_argument("--full", action="store_true", help="NEW rebuilds everything after each landing")
    parser.add_argument("--old-only", action="store_true", help="fills the cache and compares nothing")
    options = parser.parse_args()

    old, new = options.old.resolve(), options.new.resolve()
    cache = options.cache.resolve() / commit_of(old)
    datasets = datasets_in(old, cache, tuple(options.only))
    expected = [Task(path, path / "marts", way) for way in options.ways for path in datasets]
    if not all(task.is_done for task in expected):
        with exclusive(cache):
            build_all(old, [task for task in expected if not task.is_done], options.jobs, full=False)
    if options.old_only:
        return 0
    with tempfile.TemporaryDirectory() as folder:
        tasks = [Task(path, Path(folder) / path.name, way) for way in options.ways for path in datasets]
        build_all(new, tasks, options.jobs, full=options.full)
        comparisons = [compare_dataset(task) for task in tasks]
    print("\n".join(report(comparisons)))
    return 0 if all(comparison.is_equal for comparison in comparisons) else 1


def datasets_in(old: Path, cache: Path, prefixes: tuple[str, ...]) -> list[Path]:
    """The folders of the datasets; those that the cache does not have are written first."""
    with exclusive(cache, "written"):
        work(old, "write", str(cache))
    return [path for path in sorted(cache.iterdir()) if path.name.startswith(prefixes)]


@contextmanager
def exclusive(cache: Path, name: str = "built") -> Iterator[None]:
    """Two comparisons at once fill the cache one after the other."""
    cache.mkdir(parents=True, exist_ok=True)
    with cache.with_name(f"{cache.name}.{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@dataclass(frozen=True)
class Task:
    """One way to build one dataset, and the folder for the marts."""

    dataset: Path
    marts: Path
    way: str

    @property
    def builds(self) -> dict[str, Path]:
        """The marts after each build."""
        return {build: self.marts / f"{build}.duckdb" for build in WAYS[self.way]}

    @property
    def error(self) -> Path:
        return self.marts / f"{self.way}.error.txt"

    @property
    def is_done(self) -> bool:
        return all(path.exists() for path in self.builds.values())


def commit_of(checkout: Path) -> str:
    """The commit of a checkout without changes: the cache is valid for exactly this code."""
    git = ["git", "-C", str(checkout)]
    changes = subprocess.run([*git, "status", "--porcelain", "-uno"], check=True, capture_output=True, text=True).stdout
    if changes:
        sys.exit(f"{checkout} has uncommitted changes. Commit them: the cache is kept by commit.")
    return subprocess.run(
        [*git, "rev-parse", "--short=12", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()


# Work in a checkout ---------------------------------------------------------------------------------------------------


def work(checkout: Path, *arguments: str) -> None:
    """Runs a part of the checkout's own copy of this script, in a process that imports the checkout's code."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CALL_ATTRIBUTION_")}
    environment["PYTHONPATH"] = str(checkout)
    command = [sys.executable, str(checkout / "scripts" / "compare_versions.py"), *arguments]
    subprocess.run(command, cwd=checkout, env=environment | {WORKER: arguments[0]}, check=True, stdout=sys.stderr)


WORKER = "COMPARE_VERSIONS_WORKER"


def build_all(checkout: Path, tasks: Sequence[Task], jobs: int, full: bool) -> None:
    """Builds datasets. One process builds many: it parses the dbt project once."""
    listed = [(str(task.dataset), str(task.marts), task.way) for task in tasks]
    shares = [share for number in range(jobs) if (share := listed[number::jobs])]
    with ThreadPoolExecutor(jobs) as pool:
        mode = "full" if full else "incremental"
        for finished in [pool.submit(work, checkout, "build", mode, json.dumps(share)) for share in shares]:
            finished.result()


def build(mode: str, tasks: str) -> None:
    gc.set_threshold(100_000)  # a parsed dbt project has many objects that stay
    for dataset, marts, way in json.loads(tasks):
        task = Task(Path(dataset), Path(marts), way)
        task.marts.mkdir(parents=True, exist_ok=True)
        for path in (*task.builds.values(), task.error):
            path.unlink(missing_ok=True)
        try:
            build_dataset(task, full=mode == "full")
        except Exception as error:  # a build that fails counts as a difference; the other datasets continue
            task.error.write_text(f"{type(error).__name__}: {error}", encoding="utf-8")
            print(f"{task.dataset.name} {way}: {type(error).__name__}", flush=True)


def build_dataset(task: Task, full: bool) -> None:
    """Lands and builds a dataset; keeps a copy of the marts after each build."""
    from tests.harness import Project

    given = json.loads((task.dataset / "dataset.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder))
        for name, text in given["seeds"].items():
            project.write_seed(name, text)
        for build, marts in task.builds.items():
            shutil.copytree(task.dataset / build, project.settings.landing_dir, dirs_exist_ok=True)
            project.land()
            project.build(variables=given["variables"], incremental=not full)
            partial = marts.with_suffix(".part")
            shutil.copy(project.settings.marts_build, partial)
            partial.replace(marts)
            print(f"{task.dataset.name} {build}: {project.plan.kind}", flush=True)


# Datasets -------------------------------------------------------------------------------------------------------------


# Writes a dataset into a folder; returns its title, and variables and seeds that differ from the defaults.
Writer = Callable[[Path], Mapping[str, Any]]


def write(cache: str) -> None:
    """Writes every dataset that the cache does not have: files for the whole, files by landing, variables, seeds."""
    for name, writer in {**sample_writers(), **golden_writers(), **generated_writers()}.items():
        folder = Path(cache) / name
        if not (folder / "dataset.json").exists():
            shutil.rmtree(folder, ignore_errors=True)
            given = {"variables": {}, "seeds": {}, **writer(folder)}
            (folder / "dataset.json").write_text(json.dumps(given, indent=2), encoding="utf-8")


def sample_writers() -> dict[str, Writer]:
    from orchestration.lib.sample import write_sample

    def writer(sessions: int, folder: Path) -> Mapping[str, Any]:
        write_sample(folder / WHOLE, folder / "expected", sessions)
        deal(folder, MOST_ROWS_FIRST)
        return {"title": f"sample dataset, {sessions:,} sessions"}

    return {f"sample-{count}": partial(writer, count) for count in SAMPLE_SESSIONS}


def golden_writers() -> dict[str, Writer]:
    """One dataset for all golden cases with the same variables, seeds and kind of sessions."""
    from tests.golden import test_golden

    def writer(setup: test_golden.Setup, folder: Path) -> Mapping[str, Any]:
        with written_by_project(folder / WHOLE) as project:
            test_golden.write(setup, project)
        deal(folder, EVEN)
        return {
            "title": f"golden cases, {setup}",
            "variables": dict(setup.variables),
            "seeds": test_golden.seeds_of(setup),
        }

    def tiny_shares(folder: Path) -> Mapping[str, Any]:
        with written_by_project(folder / WHOLE) as project:
            test_golden.write_tiny_middle_shares(project)
        deal(folder, EVEN)
        return {"title": "golden cases, MOD-13"}

    setups = dict.fromkeys(map(test_golden.setup_of, test_golden.scenarios()))
    writers: dict[str, Writer] = {
        f"golden-{number:02}": partial(writer, setup) for number, setup in enumerate(setups, start=1)
    }
    return writers | {f"golden-{len(writers) + 1:02}": tiny_shares}


def generated_writers() -> dict[str, Writer]:
    """Half of them generated datasets split over the landings, half change sequences by landing."""
    from tests.incremental.change_sequences import draw_change_sequences, together
    from tests.incremental.replays import RULES
    from tests.properties.datasets import pack
    from tests.properties.test_marts_against_oracle import CASES, STAGE_SEEDS, Case, as_csv

    def datasets(name: str, case: Case, folder: Path) -> Mapping[str, Any]:
        write_dataset(pack(case.datasets(folder.name, DATASETS)), folder / WHOLE)
        deal(folder, MOST_ROWS_FIRST)
        seeds = {seed: as_csv(rows) for seed, rows in case.seeds.items()}
        return {"title": f"generated datasets, {name}", "variables": case.dbt_variables(), "seeds": seeds}

    def sequences(rules: Mapping[str, Any], has_stages: bool, folder: Path) -> Mapping[str, Any]:
        # With stages, the second landing brings the first source sessions: a change that concerns every row.
        drawn = draw_change_sequences(
            folder.name,
            DATASETS,
            len(LANDINGS),
            sessions_from=int(has_stages),
            rates_from=0,
            with_currencies=True,
            with_stages=has_stages,
        )
        for step, landing in enumerate(LANDINGS):
            write_dataset(together(drawn, step), folder / str(landing))
            shutil.copytree(folder / str(landing), folder / WHOLE, dirs_exist_ok=True)
        seeds = {seed: as_csv(rows) for seed, rows in STAGE_SEEDS.items()} if has_stages else {}
        settings = ", ".join(f"{name}={value}" for name, value in rules.items()) or "as shipped"
        return {"title": f"change sequences, {settings}", "variables": dict(rules), "seeds": seeds}

    cases, kinds = list(CASES.items()), [(rules, has_stages) for has_stages in (False, True) for rules in RULES]
    writers: dict[str, Writer] = {}
    for number in range(GENERATED):
        key = f"generated-{number + 1:02}"
        if number % 2:
            writers[key] = partial(sequences, *kinds[number // 2 % len(kinds)])
        else:
            writers[key] = partial(datasets, *cases[number // 2 % len(cases)])
    return writers


@contextmanager
def written_by_project(folder: Path) -> "Iterator[Project]":
    """A project of the tests whose landing folder is copied to the given folder."""
    from tests.harness import Project

    with tempfile.TemporaryDirectory() as temporary:
        project = Project(Path(temporary))
        yield project
        shutil.copytree(project.settings.landing_dir, folder, dirs_exist_ok=True)


def write_dataset(dataset: "Dataset", folder: Path) -> None:
    with written_by_project(folder) as project:
        # The one table that a build needs.
        project.write("salesforce/Task", [{"Id": "00T000000000999", "bizible2__BizibleId__c": ""}], name="000")
        for path, rows in dataset.files.items():
            table, file = path.rsplit("/", 1)
            name, kind = file.split(".", 1)
            project.write(table, rows, kind, name)


def deal(folder: Path, weights: Sequence[int]) -> None:
    """Deals the rows of every file of the whole dataset out to the landings, in files of nearly the same names."""
    for path in sorted(path for path in (folder / WHOLE).rglob("*") if path.is_file()):
        place = path.relative_to(folder / WHOLE)
        stem, suffixes = path.name.split(".", 1)
        targets = [folder / str(landing) / place.parent / f"{stem}-{landing}.{suffixes}" for landing in LANDINGS]
        for target in targets:
            target.parent.mkdir(parents=True, exist_ok=True)
        if suffixes == "parquet":
            deal_parquet(path, targets, place, weights)
            continue
        is_gzip = suffixes.endswith(".gz")
        data = gzip.decompress(path.read_bytes()) if is_gzip else path.read_bytes()
        records = list(csv_records(data)) if suffixes.startswith("csv") else data.splitlines(keepends=True)
        header = records.pop(0) if suffixes.startswith("csv") and records else b""
        hands = hands_of(place, len(records), weights)
        for target, landing in zip(targets, LANDINGS, strict=True):
            dealt = [record for record, hand in zip(records, hands, strict=True) if hand == landing]
            if dealt or (not records and landing == LANDINGS[0]):
                text = header + b"".join(record.rstrip(b"\r\n") + b"\n" for record in dealt)
                target.write_bytes(gzip.compress(text, mtime=0) if is_gzip else text)


def hands_of(place: Path, count: int, weights: Sequence[int]) -> Sequence[int]:
    """The landing of each row of a file. A build needs a Task: each file's first one is in the first landing."""
    hands = random.Random(place.as_posix()).choices(LANDINGS, weights, k=count)
    return [LANDINGS[0], *hands[1:]] if hands and place.parent.name == "Task" else hands


def csv_records(data: bytes) -> Iterator[bytes]:
    """The records of a CSV file, unchanged; a record continues while a quote is open."""
    record = b""
    for line in data.splitlines(keepends=True):
        record += line
        if record.count(b'"') % 2 == 0:
            yield record
            record = b""
    if record:
        yield record


def deal_parquet(path: Path, targets: Sequence[Path], place: Path, weights: Sequence[int]) -> None:
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute("CREATE TABLE file AS SELECT * FROM read_parquet(?, file_row_number = true)", [str(path)])
        [(count,)] = con.execute("SELECT count(*) FROM file").fetchall()
        hands = hands_of(place, count, weights)
        for target, landing in zip(targets, LANDINGS, strict=True):
            numbers = [number for number, hand in enumerate(hands) if hand == landing]
            con.execute("CREATE OR REPLACE TEMP TABLE hand AS SELECT unnest(?::BIGINT[]) AS number", [numbers])
            con.execute(
                """
                COPY (
                    SELECT * EXCLUDE (file_row_number) FROM file
                    WHERE file_row_number IN (SELECT number FROM hand)
                    ORDER BY file_row_number
                ) TO $path (FORMAT parquet)
                """,
                {"path": str(target)},
            )


# Comparison -----------------------------------------------------------------------------------------------------------


@dataclass
class Comparison:
    """One dataset, built one way in both checkouts: where the marts differ."""

    name: str
    title: str
    way: str
    failure: str = ""
    builds: dict[str, "Build"] = field(default_factory=dict)
    only_new: set[str] = field(default_factory=set)

    @property
    def is_equal(self) -> bool:
        return not self.failure and not any(build.differences for build in self.builds.values())

    @property
    def rows(self) -> int:
        return sum(build.rows for build in self.builds.values())

    @property
    def rows_that_differ(self) -> int:
        return sum(build.rows_that_differ for build in self.builds.values())


@dataclass
class Build:
    """The comparison of one pair of marts files."""

    tables: int = 0
    rows: int = 0
    rows_that_differ: int = 0
    differences: list[str] = field(default_factory=list)


def compare_dataset(task: Task) -> Comparison:
    given = json.loads((task.dataset / "dataset.json").read_text(encoding="utf-8"))
    comparison = Comparison(task.dataset.name, given["title"], task.way)
    expected = Task(task.dataset, task.dataset / "marts", task.way)
    for side, built in (("OLD", expected), ("NEW", task)):
        if not built.is_done:
            error = built.error.read_text(encoding="utf-8") if built.error.exists() else "no marts"
            comparison.failure += f"{side} fails: {error}"
    for build, marts in task.builds.items():
        if marts.exists() and expected.builds[build].exists():
            comparison.builds[build] = compare_marts(expected.builds[build], marts, comparison.only_new)
    return comparison


def compare_marts(old: Path, new: Path, only_new: set[str]) -> Build:
    build = Build()
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute(f"ATTACH '{old}' AS old (READ_ONLY)")
        con.execute(f"ATTACH '{new}' AS new (READ_ONLY)")
        columns, new_columns = columns_of(con, "old"), columns_of(con, "new")
        only_new |= new_columns.keys() - columns.keys()
        for table, types in columns.items():
            found = new_columns.get(table)
            if found is None:
                build.differences.append(f"{table} is missing")
                continue
            only_new |= {f"{table}.{name}" for name in found.keys() - types.keys()}
            wrong = [name for name, kind in types.items() if found.get(name) != kind]
            for name in wrong:
                build.differences.append(f"{table}.{name} is {found.get(name, 'missing')}, it was {types[name]}")
            compare_table(con, table, [name for name in types if name in found], build)
    return build


def columns_of(con: duckdb.DuckDBPyConnection, database: str) -> dict[str, dict[str, str]]:
    """The columns to compare, by table, with their types."""
    rows = con.execute(
        """
        SELECT table_name, column_name, data_type FROM duckdb_columns()
        WHERE database_name = ? AND schema_name = 'main' AND NOT internal
        ORDER BY table_name, column_index
        """,
        [database],
    ).fetchall()
    tables: dict[str, dict[str, str]] = {}
    for table, column, kind in rows:
        if not table.startswith(EXPLANATORY_TABLES) and column not in EXPLANATORY_COLUMNS:
            tables.setdefault(table, {})[column] = kind
    return tables


def compare_table(con: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str], build: Build) -> None:
    def rows_of(database: str, names: Iterable[str]) -> str:
        listed = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
        return f'SELECT {listed} FROM {database}.main."{table}"'

    build.tables += 1
    [(count,)] = con.execute(f"SELECT count(*) FROM ({rows_of('old', columns)})").fetchall()
    build.rows += count
    con.execute(f"CREATE OR REPLACE TEMP TABLE gone AS {rows_of('old', columns)} EXCEPT ALL {rows_of('new', columns)}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE come AS {rows_of('new', columns)} EXCEPT ALL {rows_of('old', columns)}")
    [(gone, come)] = con.execute("SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM come)").fetchall()
    if not gone and not come:
        return
    build.rows_that_differ += gone + come
    lines = [f"{table}: {gone} rows only in OLD, {come} only in NEW"]
    if gone and come:
        differing = [name for name in columns if values_differ(con, name)]
        lines[0] += f"; the values differ in {', '.join(differing)}"
    for side, name in (("OLD", "gone"), ("NEW", "come")):
        for row in con.execute(f"SELECT * FROM {name} ORDER BY ALL LIMIT {SHOWN}").fetchall():
            cells = [f"{column}={value}" for column, value in zip(columns, row, strict=True) if value is not None]
            lines.append(f"    only in {side}: {', '.join(cells)}"[:1000])
    build.differences.append("\n".join(lines))


def values_differ(con: duckdb.DuckDBPyConnection, column: str) -> bool:
    """Whether a column explains a difference: its values, each as often, are not the same on both sides."""
    pairs = (("gone", "come"), ("come", "gone"))
    sides = [f'SELECT "{column}" FROM {one} EXCEPT ALL SELECT "{column}" FROM {other}' for one, other in pairs]
    return any(con.execute(f"SELECT 1 FROM ({side}) LIMIT 1").fetchall() for side in sides)


def report(comparisons: Sequence[Comparison]) -> Iterator[str]:
    """The differences, then one line for each dataset and way to build it."""
    for comparison in comparisons:
        if comparison.failure:
            yield f"{comparison.name}, {comparison.way}: {comparison.failure}"
        for name, build in comparison.builds.items():
            place = WHOLE if name == WHOLE else f"landing {name}"
            yield from (f"{comparison.name}, {place}: {difference}" for difference in build.differences)
    only_new = sorted(set[str]().union(*(comparison.only_new for comparison in comparisons)))
    if only_new:
        yield f"Only in NEW, not compared: {', '.join(only_new)}"
    yield ""
    yield f"{'name':<14}{'landings':>9}{'tables':>8}{'rows':>12}{'differ':>9}  {'':8}dataset"
    for comparison in sorted(comparisons, key=lambda comparison: (comparison.name, len(WAYS[comparison.way]))):
        tables = max((build.tables for build in comparison.builds.values()), default=0)
        figures = f"{len(WAYS[comparison.way]):>9}{tables:>8}{comparison.rows:>12,}{comparison.rows_that_differ:>9,}"
        state = "FAILED" if comparison.failure else "equal" if comparison.is_equal else "DIFFER"
        yield f"{comparison.name:<14}{figures}  {state:<8}{comparison.title}"
    rows, differ = sum(one.rows for one in comparisons), sum(one.rows_that_differ for one in comparisons)
    datasets = {comparison.name for comparison in comparisons}
    unequal = {comparison.name for comparison in comparisons if not comparison.is_equal}
    yield (
        f"{len(datasets)} datasets, {rows:,} rows compared, {differ:,} rows differ; "
        f"{len(unequal)} datasets differ or failed"
    )


if __name__ == "__main__":
    worker = os.environ.get(WORKER)
    if worker:
        {"write": write, "build": build}[worker](*sys.argv[2:])
    else:
        sys.exit(main())
