"""`make bench-join`: the project's window join against DuckDB's ASOF join, Polars, pandas and a plain range join.

All of them answer R1.4 and R1.5 on the same rows: of the sessions of a call's cookie whose 30 minutes, both ends
inclusive, contain the call, the one that started last, then the one with the smallest id. Their answers are compared
first, then they run in turns. An ASOF join finds the last start only, so it fits this window and no other one: with the
anchor `last_activity` windows differ in length, and a session that started earlier may be the one that is open.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import duckdb
import pandas
import polars

from benchmarks.report import Table, machine, save, seconds_text
from orchestration.lib.landing.macros import sql_macro
from orchestration.lib.settings import PROJECT_DIR

MINUTES = 30
ROUNDS = 3
OURS = "this project's bucket join"

# Of the sessions that hold a call, R1.5.
CHOICE = """
    SELECT event_id, window_id
    FROM ({pairs})
    QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY opens_at DESC, window_id) = 1
"""
RANGE_JOIN = """
    SELECT events.event_id, windows.window_id, windows.opens_at
    FROM events JOIN windows
        ON events.cookie_id = windows.cookie_id AND events.event_at BETWEEN windows.opens_at AND windows.closes_at
"""
# The order among sessions that start at once is not defined in an ASOF join: only the smallest id takes part.
ASOF_JOIN = """
    SELECT events.event_id, starts.window_id
    FROM events ASOF JOIN (
        SELECT cookie_id, opens_at, min(window_id) AS window_id, any_value(closes_at) AS closes_at
        FROM windows
        GROUP BY cookie_id, opens_at
    ) AS starts
        ON events.cookie_id = starts.cookie_id AND events.event_at >= starts.opens_at
    WHERE events.event_at <= starts.closes_at
"""

# The calls of a case begin where a session does, at the very end of its window, a microsecond after it, or anywhere;
# one session in a hundred has the cookie and the start of the one before.
EVEN = """
    CREATE TABLE sessions AS
    SELECT
        n,
        md5('session' || n) AS window_id,
        md5('cookie' || (n - twin) * 7919 % greatest(1, $sessions * 2 // 5)) AS cookie_id,
        make_timestamp(1735689600000000 + (n - twin) * (31536000000000 // $sessions)) AS opens_at
    FROM (SELECT n, (n % 100 = 1)::INT AS twin FROM range($sessions) AS numbers(n));
    CREATE TABLE events AS
    SELECT 'call' || n AS event_id, cookie_id, opens_at + to_microseconds(
        CASE n * $calls // $sessions % 10
            WHEN 0 THEN 0
            WHEN 1 THEN 1800000000
            WHEN 2 THEN 1800000001
            ELSE n * 7919 % 2700 * 1000000
        END
    ) AS event_at
    FROM sessions WHERE n * $calls % $sessions < $calls
"""
SKEWED = """
    CREATE TABLE sessions AS
    SELECT
        n,
        md5('session' || n) AS window_id,
        md5('cookie') AS cookie_id,
        make_timestamp(1735689600000000 + (n - (n % 100 = 1)::INT) * (31536000000000 // $sessions)) AS opens_at
    FROM range($sessions) AS numbers(n);
    CREATE TABLE events AS
    SELECT 'call' || n AS event_id, cookie_id, opens_at + to_microseconds(n * 7919 % 2700 * 1000000) AS event_at
    FROM sessions LIMIT $calls
"""


class Contender(Protocol):
    """A way to join. `run` does all the work, from unordered rows; `pairs` returns the answer for comparison."""

    name: str

    def run(self) -> None: ...

    def pairs(self) -> str: ...


class Sql:
    """A join in DuckDB."""

    def __init__(self, con: duckdb.DuckDBPyConnection, name: str, sql: str) -> None:
        self.name = name
        self._con, self._sql = con, sql
        self._table = "result_" + "".join(c for c in name.lower() if c.isalnum())

    def run(self) -> None:
        self._con.execute(f"CREATE OR REPLACE TEMP TABLE {self._table} AS {self._sql}")

    def pairs(self) -> str:
        return self._table


class Polars:
    """`join_asof`: of sessions that start at once the last row counts, so they are sorted by descending id."""

    name = "Polars join_asof"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._events = polars.read_parquet(folder / "events.parquet")
        self._windows = polars.read_parquet(folder / "windows.parquet")
        self._result = polars.DataFrame()

    def run(self) -> None:
        windows = self._windows.select("cookie_id", "opens_at", "window_id")
        self._result = (
            self._events.sort("event_at")
            .join_asof(
                windows.sort("opens_at", "window_id", descending=[False, True]),
                left_on="event_at",
                right_on="opens_at",
                by="cookie_id",
                strategy="backward",
                tolerance=f"{MINUTES}m",
                check_sortedness=False,
            )
            .filter(polars.col("window_id").is_not_null())
            .select("event_id", "window_id")
        )

    def pairs(self) -> str:
        path = self._folder / "polars.parquet"
        self._result.write_parquet(path)
        return f"read_parquet('{path}')"


class Pandas:
    """`merge_asof`, with the same order as Polars."""

    name = "pandas merge_asof"

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        self._events = con.execute("FROM events").df()
        self._windows = con.execute("SELECT cookie_id, opens_at, window_id FROM windows").df()
        self._result = pandas.DataFrame()

    def run(self) -> None:
        joined = pandas.merge_asof(
            self._events.sort_values("event_at"),
            self._windows.sort_values(["opens_at", "window_id"], ascending=[True, False]),
            left_on="event_at",
            right_on="opens_at",
            by="cookie_id",
            direction="backward",
            tolerance=timedelta(minutes=MINUTES),
        )
        self._result = joined.loc[joined["window_id"].notna(), ["event_id", "window_id"]]

    def pairs(self) -> str:
        self._con.register("pandas_result", self._result)
        return "pandas_result"


def contenders(con: duckdb.DuckDBPyConnection, folder: Path) -> list[Contender]:
    """All of them on the tables `events` and `windows`; ours first."""
    for table in ("events", "windows"):
        con.execute(f"COPY {table} TO '{folder / table}.parquet' (FORMAT parquet)")
    return [
        Sql(con, OURS, CHOICE.format(pairs=sql_macro("window_pairs")("events", "windows", MINUTES))),
        Sql(con, "DuckDB ASOF join", ASOF_JOIN),
        Polars(folder),
        Pandas(con),
        Sql(con, "plain range join", CHOICE.format(pairs=RANGE_JOIN)),
    ]


def differing(con: duckdb.DuckDBPyConnection, one: str, other: str) -> int:
    """How many pairs only one of two answers has."""
    [(count,)] = con.execute(
        f"""
        SELECT count(*) FROM (
            (SELECT event_id, window_id FROM {one} EXCEPT ALL SELECT event_id, window_id FROM {other})
            UNION ALL
            (SELECT event_id, window_id FROM {other} EXCEPT ALL SELECT event_id, window_id FROM {one})
        )
        """
    ).fetchall()
    return count


def case(sql: str, sessions: int, calls: int) -> tuple[dict[str, float], dict[str, int], int]:
    """Medians, differences to our answer and the number of pairs of one case."""
    with duckdb.connect() as con, tempfile.TemporaryDirectory() as folder:
        con.execute("SET TimeZone = 'UTC'")
        for statement in sql.split(";"):
            wanted = {"sessions": sessions, "calls": calls}
            con.execute(statement, {name: value for name, value in wanted.items() if f"${name}" in statement})
        # In random order, so that no join can profit from the order of rows.
        con.execute(
            f"""
            CREATE TABLE windows AS
            SELECT window_id, cookie_id, opens_at, opens_at + to_minutes({MINUTES}) AS closes_at
            FROM sessions ORDER BY window_id
            """
        )
        con.execute("DROP TABLE sessions")
        field = contenders(con, Path(folder))
        for contender in field:
            print(f"  {contender.name}: comparing", flush=True)
            contender.run()
        pairs = con.execute(f"SELECT count(*) FROM {field[0].pairs()}").fetchall()[0][0]
        differences = {one.name: differing(con, field[0].pairs(), one.pairs()) for one in field}
        taken: dict[str, list[float]] = {contender.name: [] for contender in field}
        for number in range(ROUNDS):
            print(f"  round {number + 1} of {ROUNDS}", flush=True)
            # The first join changes every time, because a warm cache helps the next one.
            for contender in [*field[number:], *field[:number]]:
                started = time.monotonic()
                contender.run()
                taken[contender.name].append(time.monotonic() - started)
        return {name: statistics.median(times) for name, times in taken.items()}, differences, pairs


def compare(sessions: int, calls: int, skewed: int) -> tuple[str, int]:
    """The report on both cases, and how many pairs differ between any of the joins and ours."""
    print(f"Even: {sessions:,} sessions, {calls:,} calls", flush=True)
    even, even_differences, even_pairs = case(EVEN, sessions, calls)
    print(f"Skewed: {skewed:,} sessions and calls of one cookie", flush=True)
    skew, skew_differences, skew_pairs = case(SKEWED, skewed, skewed)
    table = Table("join", "even, s", "to the fastest", "skewed, s", "to the fastest", "differing pairs")
    for name in even:
        table.add(
            name,
            seconds_text(even[name]),
            f"{even[name] / min(even.values()):.2f}",
            seconds_text(skew[name]),
            f"{skew[name] / min(skew.values()):.2f}",
            _verdict(even_differences[name] + skew_differences[name]),
        )
    report = "\n".join(
        [
            "# The window join",
            "",
            f"{machine()}, Polars {polars.__version__}, pandas {pandas.__version__}.",
            "",
            f"Medians of {ROUNDS} rounds in turns.",
            "",
            f"- even: {sessions:,} sessions, {calls:,} calls, {even_pairs:,} pairs",
            f"- skewed: one cookie, {skewed:,} sessions, {skewed:,} calls, {skew_pairs:,} pairs",
            f"- ours, skewed to even: {skew[OURS] / even[OURS]:.2f}",
            "",
            str(table),
        ]
    )
    return report, sum(even_differences.values()) + sum(skew_differences.values())


def _verdict(differences: int) -> str:
    return f"{differences:,} (WRONG)" if differences else "0"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, required=True)
    parser.add_argument("--calls", type=int, required=True)
    parser.add_argument("--results", type=Path, default=PROJECT_DIR / "benchmarks" / "results")
    options = parser.parse_args(arguments)
    if not 0 < options.calls <= options.sessions:
        raise SystemExit(
            f"{options.calls} calls of {options.sessions} sessions: ask for 1 call or more, at most one a session"
        )
    report, differences = compare(options.sessions, options.calls, min(100_000, options.sessions))
    save(report, options.results / f"window-join-{options.sessions}.md")
    if differences:
        raise SystemExit(f"The joins do not give the same answer: {differences:,} pairs differ.")


if __name__ == "__main__":
    main()
