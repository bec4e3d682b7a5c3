"""What each published version was made from: the tables `publications` and `publication_seeds` of the published file.

Each version carries the rows of all earlier ones, also of versions that were removed since. A row names only the files
that landed since the version before, and a seed's text is stored once, however many versions were made with it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from orchestration.lib.build import history
from orchestration.lib.build.fingerprint import digest
from orchestration.lib.landing import store
from orchestration.lib.landing.contract import literal, quote
from orchestration.lib.publish.versions import versions
from orchestration.lib.settings import Settings

# The variables' meanings and allowed values, which dbt_project.yml also contains as a variable.
DOCUMENTED_VARIABLES = "variable documented_variables"

NOT_RECORDED = (
    "An earlier release published this version, without a record of what it was made from. Run `make build FULL=1`, and"
    " compare later versions."
)

# Names, types and descriptions, which docs_columns shows.
PUBLICATIONS = {
    "version": ("BIGINT", "Number of the version, as in its file name; null in a preview and a replay."),
    "published_at": ("TIMESTAMP", "When it was made, UTC."),
    "reason": ("VARCHAR", "What was built, and why."),
    "loads": ("BIGINT[]", "Landing runs whose rows it includes and the version before does not."),
    "through_load": ("BIGINT", "The last landing run whose rows it includes."),
    "files": (
        "STRUCT(path VARCHAR, revision INTEGER, sha256 VARCHAR, load_id BIGINT, rows_read BIGINT, landed BIGINT)[]",
        "Files of these landing runs; a path with another content is another revision.",
    ),
    "variables": ("MAP(VARCHAR, VARCHAR)", "Variables of the rules, as JSON."),
    "seeds": ("MAP(VARCHAR, VARCHAR)", "Seeds with their digests; `publication_seeds` has the texts."),
    "fingerprint": ("MAP(VARCHAR, VARCHAR)", "Models, macros, versions and everything else that determines a result."),
    "marts": (
        "STRUCT(mart VARCHAR, row_count BIGINT, totals MAP(VARCHAR, DECIMAL(38, 2)))[]",
        "Rows of each table, and the sum of each of its columns with an amount.",
    ),
}
SEEDS = {
    "digest": ("VARCHAR", "Digest, as in `publications`."),
    "text": ("VARCHAR", "Content of the seed's file."),
}
TABLES = {
    "publications": (PUBLICATIONS, "One row per published version: what it was made from, and its size."),
    "publication_seeds": (SEEDS, "One row per text that a seed had in a published version."),
}


@dataclass(frozen=True)
class Made:
    """What a marts file was made from: landed rows up to a load, and rules."""

    version: int | None
    reason: str
    through_load: int
    variables: Mapping[str, str]
    seeds: Mapping[str, str]  # digests
    fingerprint: Mapping[str, str]


def write(settings: Settings, file: Path, version: int, reason: str) -> None:
    """Writes the tables into a version that nobody sees yet: a copy of the last finished build."""
    with history.warehouse(settings) as con, attached(con, file, "after", read_only=False):
        create(con)
        _carry_over(con, settings.marts)
        insert(con, replace(_last_build(con, reason), version=version))


def write_rebuilt(settings: Settings, reason: str) -> None:
    """Writes the tables into the last finished build itself: a preview or a replay, which has no number."""
    with history.warehouse(settings) as con, attached(con, settings.marts_build, "after", read_only=False):
        create(con)
        insert(con, _last_build(con, reason))


def _last_build(con: duckdb.DuckDBPyConnection, reason: str) -> Made:
    last, _ = history.read(con)
    assert last is not None
    return of_parts(history.read_fingerprint(con), last.through_load, reason)


def _carry_over(con: duckdb.DuckDBPyConnection, marts: Path) -> None:
    """Copies the rows of the newest kept version; one that is damaged, or of an earlier release, has none."""
    for earlier in reversed(versions(marts)):
        with suppress(duckdb.Error), attached(con, earlier, "earlier"):
            if has_table(con, "earlier", "publications"):
                for table in TABLES:
                    con.execute(f"INSERT INTO after.{table} BY NAME FROM earlier.{table}")
                return


def of_parts(parts: Mapping[str, str], through_load: int, reason: str = "") -> Made:
    """What a build with this fingerprint makes from the rows up to a load."""
    variables, seeds, others = {}, {}, {}
    for part, value in parts.items():
        kind, _, name = part.partition(" ")
        if part == DOCUMENTED_VARIABLES:
            others[part] = digest(value)  # kilobytes
        elif kind == "variable":
            variables[name] = value
        elif kind == "seed":
            seeds[name] = value
        else:
            others[part] = value
    return Made(None, reason, through_load, variables, seeds, others)


def insert(con: duckdb.DuckDBPyConnection, made: Made) -> None:
    """Adds a row about the file that is attached as `after`."""
    [(before,)] = con.execute("SELECT coalesce(max(through_load), 0) FROM after.publications").fetchall()
    con.execute(
        f"""
        INSERT INTO after.publications BY NAME
        WITH landed AS (
            SELECT * FROM landing.files WHERE load_id > $before AND load_id <= $through_load
        )
        SELECT
            $version AS version,
            $now AS published_at,
            $reason AS reason,
            (SELECT list(DISTINCT load_id ORDER BY load_id) FROM landed) AS loads,
            $through_load AS through_load,
            (
                SELECT list(
                    {{
                        path: path, revision: revision, sha256: sha256, load_id: load_id, rows_read: rows_read,
                        landed: landed
                    }} ORDER BY load_id, path, revision
                )
                FROM landed
            ) AS files,
            {_map("variables")}, {_map("seeds")}, {_map("fingerprint")},
            ({_sizes(con)}) AS marts
        """,
        {
            "before": before,
            "version": made.version,
            "now": store.utc_now(),
            "reason": made.reason,
            "through_load": made.through_load,
            **_entries("variables", made.variables),
            **_entries("seeds", made.seeds),
            **_entries("fingerprint", made.fingerprint),
        },
    )
    texts = history.read_seeds(con)
    con.execute(
        """
        INSERT INTO after.publication_seeds
        SELECT digest, text FROM (SELECT unnest($digests::VARCHAR[]) AS digest, unnest($texts::VARCHAR[]) AS text)
        WHERE digest NOT IN (SELECT digest FROM after.publication_seeds)
        """,
        {"digests": [made.seeds[name] for name in texts], "texts": list(texts.values())},
    )


def _map(name: str) -> str:
    return f"map(${name}_names::VARCHAR[], ${name}_values::VARCHAR[]) AS {name}"


def _entries(name: str, values: Mapping[str, str]) -> dict[str, list[str]]:
    return {f"{name}_names": list(values), f"{name}_values": list(values.values())}


def _sizes(con: duckdb.DuckDBPyConnection) -> str:
    """A query of rows and totals of every table of the attached file, as one list."""
    tables = con.execute(
        """
        SELECT table_name, list(column_name ORDER BY column_index) FILTER (data_type = 'DECIMAL(18,2)')
        FROM duckdb_columns() SEMI JOIN duckdb_tables() USING (database_name, schema_name, table_name)
        WHERE database_name = 'after' AND schema_name = 'main' AND NOT starts_with(table_name, 'publication')
        GROUP BY table_name
        ORDER BY table_name
        """
    ).fetchall()
    sizes = []
    for name, amounts in tables:
        sums = ", ".join(f"coalesce(sum({quote(column)}), 0)" for column in amounts or ())
        totals = f"map([{', '.join(map(literal, amounts or ()))}]::VARCHAR[], [{sums}]::DECIMAL(38, 2)[])"
        size = f"{{mart: {literal(name)}, row_count: count(*), totals: {totals}}}"
        sizes.append(f"SELECT {size} AS size FROM after.main.{quote(name)}")
    return f"SELECT list(size ORDER BY size.mart) FROM ({' UNION ALL '.join(sizes)})"


def create(con: duckdb.DuckDBPyConnection) -> None:
    """Creates the tables in the file that is attached as `after`."""
    for table, (columns, description) in TABLES.items():
        described_table(con, table, columns, description)


def described_table(
    con: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, tuple[str, str]], description: str
) -> None:
    """Creates a table in the attached file; docs_columns shows the comments."""
    con.execute(f"CREATE TABLE after.{table} ({', '.join(f'{name} {kind}' for name, (kind, _) in columns.items())})")
    con.execute(f"COMMENT ON TABLE after.{table} IS {literal(description)}")
    for name, (_, meaning) in columns.items():
        con.execute(f"COMMENT ON COLUMN after.{table}.{name} IS {literal(meaning)}")


def read(con: duckdb.DuckDBPyConnection, database: str) -> Made | None:
    """What an attached file was made from; None if an earlier release published it."""
    if not has_table(con, database, "publications"):
        return None
    row = con.execute(
        f"""
        SELECT version, reason, through_load, variables, seeds, fingerprint FROM {database}.publications
        ORDER BY published_at DESC, version DESC LIMIT 1
        """
    ).fetchone()
    return Made(*row) if row else None


def has_table(con: duckdb.DuckDBPyConnection, database: str, table: str) -> bool:
    found = con.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE database_name = ? AND table_name = ?", [database, table]
    ).fetchall()
    return found[0][0] > 0


def rules_of(
    con: duckdb.DuckDBPyConnection, database: str, version: str
) -> tuple[dict[str, str], dict[str, str]] | None:
    """The texts of the seeds, and the variables, of any version that an attached file records."""
    if not version.isdecimal() or not has_table(con, database, "publications"):
        return None
    chosen = f"FROM {database}.publications WHERE version = {int(version)}"
    variables = con.execute(f"SELECT variables {chosen}").fetchone()
    seeds = con.execute(
        f"""
        SELECT entry.key, text
        FROM (SELECT unnest(map_entries(seeds)) AS entry {chosen})
        INNER JOIN {database}.publication_seeds ON entry.value = digest
        """
    ).fetchall()
    return (dict(seeds), variables[0]) if variables else None


@contextmanager
def attached(con: duckdb.DuckDBPyConnection, file: Path, name: str, *, read_only: bool = True) -> Iterator[None]:
    """Attaches a marts file during the block. Afterwards, everything written to it is in the file itself."""
    con.execute(f"ATTACH {literal(str(file))} AS {name} ({'READ_ONLY' if read_only else 'READ_WRITE'})")
    try:
        yield
        if not read_only:
            con.execute(f"CHECKPOINT {name}")
    finally:
        con.execute(f"DETACH {name}")
