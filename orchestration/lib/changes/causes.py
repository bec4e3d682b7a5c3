"""What landed between two loads, and which connected components it concerns.

find(con, graph, since, through) creates, on a connection of the warehouse,

landed_rows        rows that landed after the load `since`, up to `through`: cause, table, id, file, change, fields
component_members  the touchpoints, calls and opportunities of the components that they concern, with their cause

A cause is a component, a number. A row that many look up (a rate, a provider's call) is part of the cause of each.
"""

import duckdb

from orchestration.lib.build.components import Graph, find_connected_nodes, node, touchpoints
from orchestration.lib.landing import history
from orchestration.lib.landing.contract import SourceTable, literal
from orchestration.lib.landing.store import raw_table


def find(con: duckdb.DuckDBPyConnection, graph: Graph, since: int, through: int) -> None:
    """Creates both tables as temporary ones."""
    _collect_landed(con, graph, since, through)
    _collect_links(con, graph, since, through)
    find_connected_nodes(con, "SELECT DISTINCT node FROM all_landed_rows", "links_between")
    _label_components(con)
    _spread_causes(con)
    _name_members(con, graph)


def _collect_landed(con: duckdb.DuckDBPyConnection, graph: Graph, since: int, through: int) -> None:
    """The rows as they were after `through`, if they differ from those after `since`."""
    queries = []
    for table in graph.tables:
        now = history.versions_between(con, table, since, through)
        before = history.versions_at(table, since)
        queries.append(
            f"""
            SELECT
                {literal(table.folder)} AS table_name, {node(table)} AS node, now._row_key AS id,
                now._source_file AS file,
                CASE
                    WHEN now._is_deleted AND NOT coalesce(before._is_deleted, false) THEN 'deleted'
                    WHEN before._row_key IS NULL THEN 'new'
                    ELSE 'edited'
                END AS change,
                now.content AS content_now, before.content AS content_before
            FROM ({now}) AS now
            LEFT JOIN ({before}) AS before USING (_row_key)
            """
        )
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE all_landed_rows AS
        WITH versions AS (
            SELECT
                *, content_now::JSON::MAP(VARCHAR, VARCHAR) AS now,
                content_before::JSON::MAP(VARCHAR, VARCHAR) AS before
            FROM ({" UNION ALL ".join(queries)})
        )

        SELECT
            table_name, node, id, file, change,
            CASE WHEN before IS NOT NULL THEN
                list_sort(list_filter(
                    list_distinct(list_concat(map_keys(now), map_keys(before))),
                    lambda name: now[name] IS DISTINCT FROM before[name]
                ))
            END AS fields
        FROM versions
        """
    )


def _collect_links(con: duckdb.DuckDBPyConnection, graph: Graph, since: int, through: int) -> None:
    """The links of all rows as they were at any time between the two loads."""
    later = " UNION ALL ".join(
        f"SELECT {node(table)} AS node FROM {raw_table(table)} WHERE _load_id > {through:d}" for table in graph.tables
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE later_rows AS {later}")

    def replaced(table: SourceTable) -> str:
        return f"({history.replaced_since(con, table, since)} AND _load_id <= {through:d}) WHERE true"

    def shared(table: SourceTable) -> str:
        rows = graph.shared_rows(table, through)
        return f"{raw_table(table)} WHERE _load_id <= {through:d} AND rowid IN ({rows})"

    con.execute(
        f"CREATE OR REPLACE TEMP TABLE replaced_links AS FROM {graph.links(replaced)} UNION FROM {graph.links(shared)}"
    )
    con.execute(
        """
        CREATE OR REPLACE TEMP VIEW links_between AS
        SELECT row_node, node, is_lookup FROM landing.links WHERE row_node NOT IN (FROM later_rows)
        UNION ALL
        FROM replaced_links
        """
    )


def _label_components(con: duckdb.DuckDBPyConnection) -> None:
    """Numbers the components among the affected nodes: each gets its smallest node.

    In each round, a label moves to the neighbours, and then every node takes the label of its label: a chain of a
    thousand nodes takes about ten rounds.
    """
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE edges AS
        WITH links AS (
            SELECT DISTINCT row_node, node FROM links_between
            WHERE NOT is_lookup AND row_node IN (FROM affected_nodes)
        )
        SELECT row_node AS here, node AS there FROM links UNION ALL SELECT node, row_node FROM links
        """
    )
    con.execute("CREATE OR REPLACE TEMP TABLE labels AS SELECT node, node AS component FROM affected_nodes")
    while True:
        con.execute(
            """
            CREATE OR REPLACE TEMP TABLE next_labels AS
            WITH smallest AS (
                SELECT edges.here AS node, min(labels.component) AS component
                FROM edges INNER JOIN labels ON edges.there = labels.node
                GROUP BY edges.here
            ),

            stepped AS (
                SELECT labels.node, labels.component AS was, least(labels.component, smallest.component) AS component
                FROM labels LEFT JOIN smallest USING (node)
            )

            SELECT stepped.node, stepped.was, least(stepped.component, shortcut.component) AS component
            FROM stepped LEFT JOIN stepped AS shortcut ON stepped.component = shortcut.node
            """
        )
        [(has_changed,)] = con.execute("SELECT count(*) > 0 FROM next_labels WHERE component <> was").fetchall()
        con.execute("CREATE OR REPLACE TEMP TABLE labels AS SELECT node, component FROM next_labels")
        if not has_changed:
            return


def _spread_causes(con: duckdb.DuckDBPyConnection) -> None:
    """From the components of landed rows to those that look them up."""
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE lookups AS
        SELECT DISTINCT looks.component AS cause, seen.component AS source
        FROM links_between AS links
        INNER JOIN labels AS looks ON links.row_node = looks.node
        INNER JOIN labels AS seen ON links.node = seen.node
        WHERE links.is_lookup AND looks.component <> seen.component
        """
    )
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE sources AS
        WITH RECURSIVE reached(cause, source) AS (
            SELECT component, component FROM labels WHERE node IN (SELECT node FROM all_landed_rows)
            UNION
            SELECT lookups.cause, reached.source FROM lookups INNER JOIN reached ON lookups.source = reached.cause
        )
        SELECT DISTINCT cause, source FROM reached
        """
    )
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE landed_rows AS
        SELECT sources.cause, all_landed_rows.* EXCLUDE (node)
        FROM sources
        INNER JOIN labels ON sources.source = labels.component
        INNER JOIN all_landed_rows ON labels.node = all_landed_rows.node
        """
    )


def _name_members(con: duckdb.DuckDBPyConnection, graph: Graph) -> None:
    keys = " UNION ALL ".join(
        f"SELECT {literal(table.name)} AS kind, _row_key AS key, labels.component AS cause"
        f" FROM {raw_table(table)} INNER JOIN labels ON {node(table)} = labels.node"
        for table in graph.tables
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE member_keys AS {keys}")
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE component_members AS
        SELECT kind, key AS id, min(cause) AS cause
        FROM (
            {touchpoints("member_keys", "cause")}
            UNION ALL
            SELECT CASE WHEN kind = 'Opportunity' THEN 'opportunity' ELSE 'call' END AS kind, key, cause
            FROM member_keys
            WHERE kind IN ('Opportunity', 'Task', 'Event')
        )
        WHERE cause IN (SELECT cause FROM sources)
        GROUP BY kind, id
        """
    )
