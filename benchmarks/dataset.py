"""The dataset that the benchmark measures on: Parquet files of a landing folder, with its last day in another one."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

TABLES = (
    "web/sessions",
    "web/form_submits",
    "web/email_to_visitor_ids",
    "salesforce/Task",
    "salesforce/Lead",
    "salesforce/Contact",
    "salesforce/Account",
    "salesforce/Opportunity",
    "salesforce/OpportunityContactRole",
    "salesforce/OpportunityHistory",
)
FEWEST_SESSIONS = 1000


@dataclass(frozen=True)
class Rows:
    """How many rows a table has in the files of the year and in those of its last day."""

    on_time: int
    late: int


def write_dataset(year: Path, day: Path, sessions: int, seed: int = 1, memory_limit: str = "8GB") -> dict[str, Rows]:
    """Writes the files of the year below one folder and what arrives with the last day below another.

    The same sessions and seed give the same rows. Everything streams: the rows are never held as a whole.
    """
    if sessions < FEWEST_SESSIONS:
        raise ValueError(f"a year of {sessions} sessions has no last day: ask for {FEWEST_SESSIONS} or more")
    rows = {}
    with duckdb.connect(config={"memory_limit": memory_limit}) as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute("set variable seed = ?", [str(seed)])
        con.execute("set variable sessions = ?::bigint", [sessions])
        con.execute((Path(__file__).parent / "dataset.sql").read_text(encoding="utf-8"))
        for table in TABLES:
            relation = table.replace("/", "_")
            rows[table] = Rows(
                _write(con, relation, "not is_late", year / table / "year.parquet"),
                _write(con, relation, "is_late", day / table / "day.parquet"),
            )
    return rows


def _write(con: duckdb.DuckDBPyConnection, relation: str, condition: str, path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    [(rows,)] = con.execute(
        f"copy (select * exclude is_late from {relation} where {condition}) to ? (format parquet)", [str(path)]
    ).fetchall()
    return rows
