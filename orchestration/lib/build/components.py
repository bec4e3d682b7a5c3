"""Which rows an incremental build computes: the connected components that newly landed rows belong to.

Landed rows and the things that they name (cookies, email addresses, Salesforce ids, ...) are the nodes of a graph; a
row that names a thing is linked to it. No rule looks beyond what is connected, so a component is computed on its own.
The input contract says which columns link (`links`), and which only look something up (`lookups`).

graph = Graph(tables, settings)
graph.offer_all(con)               staging reads every landed row: a full refresh
graph.offer_affected(con, after)   staging reads the rows of the affected components only, whole
graph.replace_links(con)           after a full refresh: the links of all rows
graph.delete_obsolete_links(con, after) after an incremental build: what its rows no longer name

Nodes are numbers, hashes of kind and value. Two values with one hash make a component larger, never wrong. Another
version of DuckDB can hash otherwise; it causes a full refresh.
"""

from collections.abc import Callable, Iterator, Sequence

import duckdb

from orchestration.lib import crm_rules, own_settings, seeds
from orchestration.lib.landing import store
from orchestration.lib.landing.contract import Link, SourceTable, literal, quote
from orchestration.lib.landing.macros import sql_macro
from orchestration.lib.landing.store import raw_table
from orchestration.lib.settings import Settings

# What a column names, in the form in which staging compares it.
VALUES: dict[str, Callable[[str], str]] = {
    "cookie": lambda column: sql_macro("normalise_cookie")(column),
    "salesforce_id": lambda column: sql_macro("salesforce_id")(column),
    "email": lambda column: f"lower({column})",
    "call_id": lambda column: column,
    "session": lambda column: column,
    "currency": lambda column: f"upper({column})",
}

# The keys of the affected rows, by table: stored marts replace these rows (macros/materializations.sql).
KEYS = "affected.keys"
# The touchpoints that landed rows can become, by table. A derived session is named after its first page view or form.
TOUCHPOINTS = (
    (sql_macro("session_touchpoint_id")("key"), ("sessions", "page_views")),
    (sql_macro("session_touchpoint_id")("'form-' || key"), ("form_submits",)),
    (sql_macro("call_touchpoint_id")("key"), ("Task", "Event")),
    (sql_macro("activity_touchpoint_id")("key"), ("Task", "Event")),
    (sql_macro("member_touchpoint_id")("key"), ("CampaignMember",)),
)


def touchpoints(keys: str, *more: str) -> str:
    """A query of the possible touchpoints of rows of `keys` (kind, key), with more columns of it."""
    further = "".join(f", {column}" for column in more)
    return " UNION ".join(
        f"SELECT 'touchpoint' AS kind, {expression} AS key{further} FROM {keys}"
        f" WHERE kind IN ({', '.join(map(literal, tables))})"
        for expression, tables in TOUCHPOINTS
    )


class Graph:
    """The landed tables of one project and their links."""

    def __init__(self, tables: Sequence[SourceTable], settings: Settings) -> None:
        self.tables = tables
        self.settings = settings
        self._patterns = _call_id_patterns(settings)
        self._reads_creators = crm_rules.reads_creators(settings)

    def offer_all(self, con: duckdb.DuckDBPyConnection) -> None:
        """Staging reads every landed row. A table for which nothing has landed is created empty."""
        con.execute("DROP SCHEMA IF EXISTS affected CASCADE")
        for table in self.tables:
            store.create_if_missing(con, table)
            _offer_whole(con, table)

    def offer_affected(self, con: duckdb.DuckDBPyConnection, after: int) -> dict[str, int]:
        """Staging reads the components of all rows that landed after the load id `after`; returns rows per table.

        Their links are added to those of the last finished build, which stay: a component that a row has left is
        affected too. Links of interrupted builds stay too, until a build finishes.
        """
        with store.transaction(con):
            # Compared with the links of the same rows only: 0.1 instead of 0.4 CPU seconds at ten million sessions.
            known = f"(FROM landing.links WHERE row_node IN ({self._landed(after)}))"
            new = f"{self._links(after)} ANTI JOIN {known} USING (row_node, node, is_lookup)"
            con.execute(f"INSERT INTO landing.links FROM {new}")
        find_connected_nodes(con, self._landed(after))
        con.execute("DROP SCHEMA IF EXISTS affected CASCADE")
        con.execute("CREATE SCHEMA affected")
        con.execute(f"CREATE TABLE {KEYS} (kind VARCHAR, key VARCHAR)")
        rows = {}
        for table in self.tables:
            if table.read_whole:
                _offer_whole(con, table)
                continue
            # By position: a filter by node alone reads the text of all rows (4.1 instead of 2.3 CPU seconds at ten
            # million sessions).
            chosen = f"SELECT rowid FROM {raw_table(table)} WHERE {node(table)} IN (FROM affected_nodes)"
            _offer(con, table, "TABLE", f"SELECT * FROM {raw_table(table)} WHERE rowid IN ({chosen})")
            for entity in table.entities:
                con.execute(f"INSERT INTO {KEYS} SELECT {literal(entity)}, _row_key FROM {_input(table)}")
            [(rows[table.folder],)] = con.execute(f"SELECT count(*) FROM {_input(table)}").fetchall()
        con.execute(f"INSERT INTO {KEYS} {touchpoints(KEYS)}")
        return rows

    def replace_links(self, con: duckdb.DuckDBPyConnection) -> None:
        """The links of every landed row; to be called in the transaction that records a finished full refresh."""
        con.execute(f"CREATE OR REPLACE TABLE landing.links AS {self._links(0, distinct=False)}")

    def delete_obsolete_links(self, con: duckdb.DuckDBPyConnection, after: int) -> None:
        """Removes the links of rows' earlier versions; in the transaction that records the finished build."""

        def rows_of_landed_nodes(table: SourceTable) -> str:
            landed = f"SELECT rowid FROM {raw_table(table)} WHERE _load_id > {after:d}"
            return f"{raw_table(table)} WHERE rowid IN ({landed} UNION ALL {self.shared_rows(table, after)})"

        con.execute(f"CREATE OR REPLACE TEMPORARY TABLE current_links AS {self.links(rows_of_landed_nodes)}")
        con.execute(
            f"""
            DELETE FROM landing.links
            WHERE row_node IN ({self._landed(after)})
                AND NOT EXISTS (
                    FROM current_links
                    WHERE current_links.row_node = links.row_node
                        AND current_links.node = links.node
                        AND current_links.is_lookup = links.is_lookup
                )
            """
        )

    def _landed(self, after: int, tables: Sequence[SourceTable] | None = None) -> str:
        """The nodes of newly landed rows."""
        landed = "SELECT {} AS node FROM {} WHERE _load_id > {:d}"
        return " UNION ".join(landed.format(node(table), raw_table(table), after) for table in tables or self.tables)

    def shared_rows(self, table: SourceTable, after: int) -> str:
        """The positions of a table's rows that share their node with a newly landed row of another table.

        In Marketo Measure's data, a session has the id of its first page view. Reading the keys of ten million sessions
        for this takes 0.7 CPU seconds.
        """
        others = [other for other in self.tables if other is not table and _kind(other) == _kind(table)]
        shared = f"{node(table)} IN ({self._landed(after, others)})" if others else "false"
        return f"SELECT rowid FROM {raw_table(table)} WHERE {shared}"

    def _links(self, after: int, distinct: bool = True) -> str:
        """A query of the links of newly landed rows."""
        return self.links(lambda table: f"{raw_table(table)} WHERE _load_id > {after:d}", distinct)

    def links(self, rows: Callable[[SourceTable], str], distinct: bool = True) -> str:
        """A query of the links of rows: row_node, node, is_lookup. `rows` says from where they come, for each table."""
        # Reads each table once and computes each value once: the links of ten million sessions take 6 CPU seconds, and
        # took 24 with one query per link.
        nodes_of_rows, links = [], []
        for number, table in enumerate(self.tables):
            columns = [f"{node(table)} AS row_node"]
            kinds: list[str] = []
            for link in (*table.links, *table.lookups):
                for kind, value in self._values(link):
                    this = f"node_{len(kinds)}"
                    columns.append(f"CASE WHEN {value} IS NOT NULL THEN hash({literal(kind)}, {value}) END AS {this}")
                    # A session's visitor is most often its cookie.
                    same = [f" AND {this} IS DISTINCT FROM node_{i}" for i, other in enumerate(kinds) if other == kind]
                    links.append(
                        f"SELECT row_node, {this} AS node, {'true' if link in table.lookups else 'false'} AS is_lookup"
                        f" FROM rows_{number} WHERE {this} IS NOT NULL{''.join(same)}"
                    )
                    kinds.append(kind)
            nodes_of_rows.append(f"rows_{number} AS MATERIALIZED (SELECT {', '.join(columns)} FROM {rows(table)})")
        return f"(WITH {', '.join(nodes_of_rows)} {(' UNION ' if distinct else ' UNION ALL ').join(links)})"

    def _values(self, link: Link) -> Iterator[tuple[str, str]]:
        """Kind and expression of what a column names."""
        column = quote(link.column)
        if link.kind == "creator":
            # For campaign names only: a link per Task that no rule needs would cost every build.
            if self._reads_creators:
                yield "salesforce_id", VALUES["salesforce_id"](column)
        elif link.kind == "call_ids_in_text":
            text = sql_macro("plain_spaces")(column)
            for marker, pattern in self._patterns:
                found = sql_macro("first_match")(text, pattern)
                yield "call_id", f"CASE WHEN contains(lower({text}), {literal(marker)}) THEN {found} END"
        elif link.kind == "task_ids_in_text":
            yield "salesforce_id", sql_macro("task_id_in")(column)
        elif link.kind == "event_parameter":
            yield "cookie", sql_macro("normalise_cookie")(sql_macro("cookie_parameter")(column, link.parameter))
        elif link.kind in ("address", "submitted_address"):
            macro = "address_or_null" if link.kind == "address" else link.kind
            yield "email", f"lower({sql_macro(macro)(column)})"
        else:
            yield link.kind, VALUES[link.kind](column)


def find_connected_nodes(con: duckdb.DuckDBPyConnection, start: str, links: str = "landing.links") -> None:
    """Fills affected_nodes with every node to which the nodes of a query are connected."""
    con.execute(f"CREATE OR REPLACE TEMPORARY TABLE frontier AS {start}")
    con.execute("CREATE OR REPLACE TEMPORARY TABLE affected_nodes AS FROM frontier")
    while con.execute("SELECT EXISTS (FROM frontier)").fetchall()[0][0]:
        # Two steps at a time, from a value to the rows that name it and on to what these name: the longest chain of ten
        # million sessions takes 3.7 instead of 6.2 CPU seconds.
        # Lookups too: a row that looks up an affected row or value is affected, never the reverse.
        con.execute(f"INSERT INTO frontier SELECT DISTINCT row_node FROM {links} WHERE node IN (FROM frontier)")
        con.execute(
            f"""
            CREATE OR REPLACE TEMPORARY TABLE frontier AS
            (
                FROM frontier
                UNION
                SELECT node FROM {links} WHERE NOT is_lookup AND row_node IN (FROM frontier)
            )
            EXCEPT
            FROM affected_nodes
            """
        )
        con.execute("INSERT INTO affected_nodes FROM frontier")


def _offer_whole(con: duckdb.DuckDBPyConnection, table: SourceTable) -> None:
    _offer(con, table, "VIEW", f"SELECT * FROM {raw_table(table)}")


def _offer(con: duckdb.DuckDBPyConnection, table: SourceTable, kind: str, query: str) -> None:
    con.execute(f"CREATE SCHEMA IF NOT EXISTS {quote(table.input_schema)}")
    found = con.execute(
        """
        SELECT table_type FROM information_schema.tables
        WHERE table_catalog = current_database() AND table_schema = $schema AND table_name = $name
        """,
        {"schema": table.input_schema, "name": table.name},
    ).fetchall()
    for (existing,) in found:
        con.execute(f"DROP {'VIEW' if existing == 'VIEW' else 'TABLE'} {_input(table)}")
    con.execute(f"CREATE {kind} {_input(table)} AS {query}")


def _input(table: SourceTable) -> str:
    return f"{quote(table.input_schema)}.{quote(table.name)}"


def _kind(table: SourceTable) -> str:
    """Tables of one kind can have rows with the same node."""
    return "session" if table.node == "form" else table.node or table.folder


def node(table: SourceTable) -> str:
    """The node of a row, as an expression of its raw table."""
    if table.node is None:
        return f"hash({literal(table.folder)}, _row_key)"
    if table.node == "form":  # a session that begins with a form is named after it
        return "hash('session', 'form-' || _row_key)"
    key = "_row_key" if table.node == "salesforce_id" else VALUES[table.node]("_row_key")
    return f"hash({literal(table.node)}, {key})"


def _call_id_patterns(settings: Settings) -> list[tuple[str, str]]:
    """Marker and pattern of the call ids that analysts look for in a Task's Description."""
    rows, _ = seeds.read(
        own_settings.seed_file(settings, "task_description_patterns"), ("kind", "marker", "pattern"), short_rows=True
    )
    return [(row["marker"].lower(), row["pattern"]) for row in rows if row["kind"] == "provider_call_id"]
