"""The findings of a run and the published versions, as tables for a terminal."""

from pathlib import Path

import duckdb

from orchestration.lib.errors import UserError
from orchestration.lib.publish import publication
from orchestration.lib.terminal import command, printable, table

VERDICTS = """
SELECT verdict, count(*) AS tasks
FROM fct_calls
GROUP BY verdict
ORDER BY tasks DESC, verdict
"""

CHANNELS = """
WITH touchpoints AS (
    SELECT channel, count(*) AS touchpoints
    FROM fct_touchpoints
    GROUP BY channel
),

calls AS (
    SELECT channel, sum(calls) AS calls
    FROM rpt_calls_by_channel
    GROUP BY channel
)

SELECT touchpoints.channel, touchpoints.touchpoints, coalesce(calls.calls, 0) AS calls
FROM touchpoints
LEFT JOIN calls ON touchpoints.channel IS NOT DISTINCT FROM calls.channel
ORDER BY touchpoints.touchpoints DESC, touchpoints.channel
"""

FIRST_QUERY = "SELECT channel, touchpoint_type, count(*) FROM fct_touchpoints GROUP BY ALL ORDER BY ALL"


def summarise(marts: Path) -> str:
    """Calls by verdict, touchpoints and calls by channel, where the file is, and a query to start with."""
    with _reader(marts) as connection:
        verdicts = connection.execute(VERDICTS).fetchall()
        channels = connection.execute(CHANNELS).fetchall()
    return "\n".join(
        [
            "",
            "Salesforce Tasks by verdict",
            "",
            *table(["verdict", "tasks"], verdicts),
            "",
            "Touchpoints and calls by channel",
            "",
            *table(["channel", "touchpoints", "calls"], channels),
            "",
            f"The marts:       {marts}",
            f"A first query:   {command('python')} -m orchestration query \\",
            f'                   "{FIRST_QUERY}"',
            "",
        ]
    )


def list_versions(marts: Path) -> str:
    """The published versions, the newest first."""
    found = publication.list_versions(marts)
    if not found:
        raise UserError(f"Nothing is published at {marts} yet. Run `make build` first.")
    header = ["version", "published (UTC)", "rows", "reason", "state"]
    return "\n".join(table(header, [_line(one) for one in reversed(found)]))


def _line(version: publication.Version) -> tuple[str, str, str, str, str]:
    entry = version.entry
    rows = f"{entry.rows:,}" if entry.tables else "unknown"
    states = {
        "shown": version.is_shown,
        "rolled back from": entry.is_withdrawn,
        "damaged or changed": not version.is_unchanged,
    }
    state = ", ".join(name for name, applies in states.items() if applies)
    return f"{entry.number:06}", entry.published_at[:19].replace("T", " "), rows, entry.reason, state


def answer(marts: Path, sql: str) -> str:
    """The rows of one query as a table."""
    with _reader(marts) as connection:
        try:
            cursor = connection.execute(sql)
        except duckdb.Error as error:
            # The message quotes values.
            raise UserError("\n".join(map(printable, str(error).splitlines()))) from error
        if cursor is None:
            raise UserError("The query has no statement. Write one, such as `select * from rpt_calls_by_channel`.")
        header = [column[0] for column in cursor.description or []]
        return "\n".join(table(header, cursor.fetchall()))


def _reader(marts: Path) -> duckdb.DuckDBPyConnection:
    if not marts.exists():
        raise UserError(f"Nothing is published at {marts} yet. Run `make build` first.")
    try:
        connection = duckdb.connect(str(marts), read_only=True)
    except duckdb.Error as error:
        raise UserError(
            f"{marts} cannot be opened: it is damaged, or its user has not shared it with you. `make versions` lists"
            " versions that `make rollback TO=...` publishes again."
        ) from error
    connection.execute("SET TimeZone = 'UTC'")
    return connection
