"""What differs between two marts files, and why: by channel, campaign and model, and row by row.

with compared(settings, before, after, report) as comparison:
    comparison.changes()     changed calls, touches, positions and revenue, by channel, campaign, model and cause
    comparison.rows(kind)    touchpoints, opportunities or calls that differ, with their cause
    comparison.landed(...)   the newly landed rows of a cause
    comparison.rules         changed lines of seeds, variables, models

Both files are only read. Builds record nothing for this: the differences are computed from the two files, and their
causes from the landed rows.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.lib import landing, lock
from orchestration.lib.build import history
from orchestration.lib.build.components import Graph
from orchestration.lib.changes import causes, publications
from orchestration.lib.changes.publications import Made, attached
from orchestration.lib.changes.rules import RuleChange, changed_rules
from orchestration.lib.errors import UserError
from orchestration.lib.landing.contract import literal, quote
from orchestration.lib.settings import Settings

# The marts that are compared row by row, with their keys.
ROWS = {"touchpoint": ("fct_touchpoints", "touchpoint_id")}
ROWS |= {"opportunity": ("fct_opportunities", "opportunity_id"), "call": ("fct_calls", "crm_task_id")}
MEASURES = {"calls": "BIGINT", "touches": "BIGINT", "positions": "BIGINT"}
MEASURES |= {"revenue": "DECIMAL(38, 2)", "pipeline_revenue": "DECIMAL(38, 2)"}

# The parts of a figure by channel. A touch counts in its channel and campaign, a call in those of its touch, and a
# share of an opportunity in those of the touch that earned it.
FACTS = """
    SELECT
        'touchpoint' AS kind, touchpoint_id AS id, touchpoint_id, NULL AS model,
        channel_path, coalesce(ad_campaign_name, '(none)') AS campaign_name,
        0 AS calls, 1 AS touches, 0 AS positions,
        0.00::DECIMAL(18, 2) AS revenue, 0.00::DECIMAL(18, 2) AS pipeline_revenue
    FROM {file}.fct_touchpoints
    UNION ALL
    SELECT
        'call', calls.crm_task_id, touchpoint_id, NULL,
        touches.channel_path, coalesce(touches.ad_campaign_name, '(none)'), 1, 0, 0, 0, 0
    FROM {file}.fct_calls AS calls INNER JOIN {file}.fct_touchpoints AS touches USING (touchpoint_id)
    WHERE calls.is_counted
    UNION ALL
    SELECT
        'opportunity', opportunity_id, touchpoint_id, credit.model,
        touches.channel_path, coalesce(touches.ad_campaign_name, '(none)'), 0, 0, 1,
        CASE WHEN opportunities.is_won THEN coalesce(credit.revenue, 0) ELSE 0 END,
        CASE WHEN NOT opportunities.is_closed THEN coalesce(credit.revenue, 0) ELSE 0 END
    FROM {file}.fct_attribution_credit AS credit
    INNER JOIN {file}.fct_touchpoints AS touches USING (touchpoint_id)
    INNER JOIN {file}.fct_opportunities AS opportunities USING (opportunity_id)
"""

# One row per channel path, campaign, model and cause; `rpt_changes` of the published file.
CHANGES = """
    SELECT
        channel_path, campaign_name, model, cause,
        {measures}
    FROM (
        SELECT changed_facts.*, {cause} AS cause
        FROM changed_facts LEFT JOIN component_members AS members USING (kind, id)
    )
    GROUP BY ALL
    HAVING {has_changed}
    ORDER BY ALL
"""


@dataclass(frozen=True)
class Comparison:
    """Two marts files on one connection, attached as `before` and `after`."""

    con: duckdb.DuckDBPyConnection
    before: Made
    after: Made
    rules: tuple[RuleChange, ...]

    @property
    def _cause(self) -> str:
        """The cause of a row; `members` is its component, if rows landed in it: both if rules changed too.

        Without a changed rule, rows that landed elsewhere are the cause: such a build was a full refresh for a reason
        that concerns every row, as a new own host.
        """
        return "CASE WHEN members.cause IS NULL THEN 'rules' ELSE 'both' END" if self.rules else "'landed rows'"

    def changes(self) -> str:
        """A query of the changed sums by channel path, campaign, model and cause."""
        sums = (f"sum(side * {name})::{kind} AS {name}" for name, kind in MEASURES.items())
        return CHANGES.format(
            measures=", ".join(sums),
            cause=self._cause,
            has_changed=" OR ".join(f"sum(side * {name}) <> 0" for name in MEASURES),
        )

    def sums(self, file: str, columns: str) -> str:
        """A query of the measures of one file."""
        sums = ", ".join(f"sum({name})::{kind} AS {name}" for name, kind in MEASURES.items())
        return f"SELECT {columns}, {sums} FROM ({FACTS.format(file=file)}) GROUP BY ALL"

    def rows(self, kind: str) -> str:
        """A query of the rows of one mart that differ, with the columns that differ as JSON.

        A row that only one file has is returned whole.
        """
        mart, key = ROWS[kind]
        columns = [
            name
            for (name,) in self.con.execute(
                """
                SELECT column_name FROM duckdb_columns() WHERE database_name = 'before' AND table_name = $mart
                INTERSECT
                SELECT column_name FROM duckdb_columns() WHERE database_name = 'after' AND table_name = $mart
                ORDER BY ALL
                """,
                {"mart": mart},
            ).fetchall()
            if name != key
        ]
        differs = {
            name: f"(before.{quote(key)} IS NULL OR after.{quote(key)} IS NULL"
            f" OR before.{quote(name)} IS DISTINCT FROM after.{quote(name)})"
            for name in columns
        }
        names = ", ".join(f"CASE WHEN {differs[name]} THEN {literal(name)} END" for name in columns)

        def values(side: str) -> str:
            fields = (f"{literal(name)}, CASE WHEN {differs[name]} THEN {side}.{quote(name)} END" for name in columns)
            filled = f"json_merge_patch('{{}}', json_object({', '.join(fields)}))"
            return f"CASE WHEN {side}.{quote(key)} IS NOT NULL THEN {filled} END"

        # First the keys of differing rows, by a hash of their columns: a join of whole rows would be kilobytes wide.
        hashed = f"SELECT {quote(key)} AS id, hash({', '.join(map(quote, columns))}) AS content FROM"
        return f"""
            WITH keys AS (
                SELECT DISTINCT id FROM (
                    ({hashed} before.{mart} EXCEPT {hashed} after.{mart})
                    UNION ALL
                    ({hashed} after.{mart} EXCEPT {hashed} before.{mart})
                )
            ),

            differing AS (
                SELECT
                    {literal(kind)} AS kind, keys.id,
                    CASE
                        WHEN before.{quote(key)} IS NULL THEN 'added'
                        WHEN after.{quote(key)} IS NULL THEN 'removed'
                        ELSE 'changed'
                    END AS change,
                    list_filter([{names}]::VARCHAR[], lambda name: name IS NOT NULL) AS columns,
                    {values("before")} AS before, {values("after")} AS after
                FROM keys
                LEFT JOIN before.{mart} AS before ON keys.id = before.{quote(key)}
                LEFT JOIN after.{mart} AS after ON keys.id = after.{quote(key)}
            )

            SELECT differing.*, {self._cause} AS cause, members.cause AS component
            FROM differing LEFT JOIN component_members AS members USING (kind, id)
            ORDER BY id
        """

    def landed(self, cause: int | None) -> list[tuple[str, str, str, str, list[str] | None]]:
        """The newly landed rows of a cause: table, id, file, kind of change, and the fields that an edit changed."""
        return self.con.execute(
            "SELECT table_name, id, file, change, fields FROM landed_rows WHERE cause = ? ORDER BY ALL", [cause]
        ).fetchall()

    def moves(self) -> str:
        """A query of touches that are in another channel now, and of the revenue that moved with them."""
        return """
            WITH touches AS (
                SELECT touchpoint_id, before.channel_path AS channel_before, after.channel_path AS channel_after
                FROM before.fct_touchpoints AS before INNER JOIN after.fct_touchpoints AS after USING (touchpoint_id)
                WHERE before.channel_path IS DISTINCT FROM after.channel_path
            ),

            revenue AS (
                SELECT touchpoint_id, sum(revenue) AS revenue
                FROM changed_facts
                WHERE kind = 'opportunity' AND model = $model AND side = 1
                GROUP BY touchpoint_id
            )

            SELECT
                channel_before, channel_after, count(*) AS touches,
                coalesce(sum(revenue.revenue), 0)::DECIMAL(38, 2) AS revenue
            FROM touches LEFT JOIN revenue USING (touchpoint_id)
            GROUP BY ALL
            ORDER BY touches DESC, channel_before, channel_after
        """


@contextmanager
def compared(settings: Settings, before: Path, after: Path, report: Callable[[str], None]) -> Iterator[Comparison]:
    """Compares two marts files. No run can write to the warehouse while it works."""
    with (
        lock.exclusive(settings.writer_lock, "a comparison", report),
        history.warehouse(settings) as con,
        attached(con, before, "before"),
        attached(con, after, "after"),
    ):
        yield compare(con, settings)


def compare(con: duckdb.DuckDBPyConnection, settings: Settings) -> Comparison:
    """Compares the attached files `before` and `after` on a connection of the warehouse."""
    made = {}
    for name in ("before", "after"):
        found = publications.read(con, name)
        if found is None:
            raise UserError(publications.NOT_RECORDED)
        made[name] = found
    facts = {name: FACTS.format(file=name) for name in made}
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE changed_facts AS
        SELECT -1 AS side, * FROM (({facts["before"]}) EXCEPT ALL ({facts["after"]}))
        UNION ALL
        SELECT 1, * FROM (({facts["after"]}) EXCEPT ALL ({facts["before"]}))
        """
    )
    since, through = sorted((made["before"].through_load, made["after"].through_load))
    causes.find(con, Graph(landing.tables(settings), settings), since, through)
    return Comparison(con, made["before"], made["after"], changed_rules(con, made["before"], made["after"]))
