"""Whether a build has nothing to do, recomputes what is affected by new rows, or rebuilds everything; and why.

plan(settings, manifest)   decides, and says why in a user's words
build(settings, plan, ...) builds and audits what was decided, between begin() and, if all went well, finish()
recomputed(settings)       what the last increment recomputed

What is new is known by arrival: every raw row carries the number of the landing run that changed it. A build that began
and was not finished (it was killed, or a test failed) published nothing; the next one goes on from the last finished
build, and what it recomputes includes what the unfinished one had begun.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Literal

import duckdb
import yaml

from orchestration.lib import publish
from orchestration.lib.build import dbt
from orchestration.lib.engines.spark import session, tables
from orchestration.lib.errors import UserError
from orchestration.lib.landing import store
from orchestration.lib.landing.contract import quote
from orchestration.lib.landing.errors import first_line
from orchestration.lib.settings import Settings
from orchestration.lib.terminal import counted

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest as ParsedProject

Manifest = Mapping[str, Any]

# What dbt computes with: another version may compute something else. Landing is DuckDB's on every target.
ENGINES = {
    "duckdb": ("duckdb", "dbt-core", "dbt-duckdb"),
    "spark": ("duckdb", "dbt-core", "dbt-spark", "pyspark"),
    "snowflake": ("duckdb", "dbt-core", "dbt-snowflake"),
}
LISTED_CHANGES = 3
# The model that stops an increment which is none: what arrived concerns every row.
LIMIT = "scope_limit"
# What an increment builds. Views and seeds are as they were; tests of theirs alone are left to full builds.
REBUILT = ("config.materialized:table", "config.materialized:incremental", "test_type:singular")
# Spark's views end with the process.
REBUILT_ON = {"duckdb": REBUILT, "spark": (*REBUILT, "config.materialized:view")}


@dataclass(frozen=True)
class Arrival:
    """What is new in one landed table since the last finished build."""

    table: str
    files: int
    rows: int


@dataclass(frozen=True)
class Plan:
    """What a build will do. `fingerprint` is what its result depends on beside the landed rows, part by part."""

    kind: Literal["nothing", "full", "increment"]
    reason: str
    after_batch: int
    through_batch: int
    unfinished: bool
    fingerprint: Mapping[str, str]
    arrived: tuple[Arrival, ...]

    @property
    def files(self) -> int:
        return sum(arrival.files for arrival in self.arrived)

    @property
    def rows(self) -> int:
        return sum(arrival.rows for arrival in self.arrived)

    def __str__(self) -> str:
        if self.kind == "nothing":
            return f"Nothing to build: {self.reason}."
        whole = "Everything is built anew" if self.kind == "full" else "Only what is affected is built anew"
        return f"{whole}: {self.reason}."


@dataclass(frozen=True)
class Recomputed:
    """What an increment recomputed: how many of each, by name; nothing of what it has no count for."""

    counts: Mapping[str, int]

    def __str__(self) -> str:
        listed = ", ".join(f"{name} {count:,}" for name, count in self.counts.items())
        return f"Recomputed: {listed or 'nothing'}."


def plan(
    settings: Settings, manifest: Manifest, *, full: bool = False, variables: Mapping[str, Any] | None = None
) -> Plan:
    """What the next build has to do. `variables` are those given beside dbt_project.yml."""
    parts = fingerprint(settings, manifest, variables or {})
    with _warehouse(settings) as con:
        last, unfinished = _builds(con)
        after_batch = last.through_batch if last else 0
        [(through_batch,)] = con.execute("SELECT coalesce(max(batch_id), 0) FROM landing.tables").fetchall()
        arrived = _arrived(con, manifest, after_batch)
        before = _stored_parts(con)

    # On Spark a build that broke off is undone: the next one starts from the tables of the last finished build.
    goes_on = bool(unfinished) and settings.target == "duckdb"

    def decided(kind: Literal["nothing", "full", "increment"], reason: str) -> Plan:
        return Plan(kind, reason, after_batch, through_batch, goes_on, parts, arrived)

    if full:
        return decided("full", "a full build was asked for")
    if last is None:
        return decided("full", "no build was finished yet" if unfinished else "it is the first build")
    if "full" in unfinished:
        return decided("full", "the full build before was not finished")
    if last.fingerprint != _digest(parts):
        return decided("full", _changes(before, parts))
    if not settings.marts_build.exists():
        return decided("full", f"{settings.marts_build} is gone")
    if not unfinished and not publish.is_sealed(settings.marts_build, settings.parquet_build):
        return decided("full", f"{settings.marts_build} was changed by something else than a build")
    if not unfinished and not sum(arrival.rows for arrival in arrived):
        return decided("nothing", "no new row arrived, and nothing that rows are computed with changed")
    if settings.target == "spark" and not tables.kept_dir(settings).exists():
        return decided("full", f"{tables.kept_dir(settings)} is gone")
    if unfinished:
        return decided("increment", f"the build before was not finished; {_news(arrived)}")
    return decided("increment", _news(arrived))


def is_known(settings: Settings, manifest: Manifest) -> bool:
    """Whether the last finished build was made with this very project: its variables, seeds and SQL."""
    if not settings.warehouse.exists():
        return False
    with _warehouse(settings) as con:
        last, _ = _builds(con)
    return last is not None and last.fingerprint == _digest(fingerprint(settings, manifest, {}))


def begin(settings: Settings, plan: Plan) -> None:
    """Notes that a build has begun: until it is finished, the next one has to go on with its work.

    What the last finished build left, its copies and its scopes, goes in the same transaction: a build that dies before
    dbt has started must not leave them to one that would go on with them.
    """
    with _warehouse(settings) as con, store.transaction(con):
        con.execute(
            """
            INSERT INTO landing.builds
            SELECT coalesce(max(build_id), 0) + 1, $kind, $through_batch, $fingerprint, $now, NULL FROM landing.builds
            """,
            {
                "kind": plan.kind,
                "through_batch": plan.through_batch,
                "fingerprint": _digest(plan.fingerprint),
                "now": store.utc_now(),
            },
        )
        if plan.unfinished:
            return
        left = con.execute(
            """
            SELECT schema_name, table_name FROM duckdb_tables()
            WHERE database_name = current_database()
                AND (ends_with(table_name, '__before')
                    OR schema_name = 'intermediate' AND regexp_matches(table_name, '^(scope|arrived)_'))
            """
        ).fetchall()
        for schema, table in left:
            con.execute(f"DROP TABLE {quote(schema)}.{quote(table)}")


def finish(settings: Settings, plan: Plan) -> None:
    """Notes that the build begun last is built and tested: the next increment begins after its rows."""
    with _warehouse(settings) as con, store.transaction(con):
        con.execute(
            """
            UPDATE landing.builds SET finished_at = $now
            WHERE build_id = (SELECT max(build_id) FROM landing.builds)
            """,
            {"now": store.utc_now()},
        )
        if _stored_parts(con) != plan.fingerprint:
            con.execute("DELETE FROM landing.build_parts")
            con.execute(
                "INSERT INTO landing.build_parts SELECT unnest($parts::VARCHAR[]), unnest($values::VARCHAR[])",
                {"parts": list(plan.fingerprint), "values": list(plan.fingerprint.values())},
            )


def variables(plan: Plan) -> dict[str, Any]:
    """What dbt is told of the plan."""
    if plan.kind == "full":
        return {}
    return {"increment": {"after_batch": plan.after_batch, "unfinished": plan.unfinished}}


def build(
    settings: Settings,
    plan: Plan,
    parse: "Callable[[], ParsedProject]",
    *,
    is_whole: bool = True,
    collect: Callable[[], None] = lambda: None,
    on_full: Callable[[Plan], None] = lambda plan: None,
    **options: Any,
) -> tuple[Plan, dbt.BuildResult]:
    """Begins and builds what was decided; `options` are those of dbt.build. Returns what was built in the end.

    What arrived may turn out to change how every row is read: then an increment goes on as a full build. Only a whole
    build in which nothing failed is finished and sealed for publishing: after any other the next one goes on with it.
    `parse` gives a parsed project for each dbt call, which changes the one it is given; `collect` brings the marts to
    where they are sealed.
    """
    begin(settings, plan)
    publish.unseal(settings.marts_build)
    if plan.kind == "full" and is_whole and not options.get("select") and settings.target == "duckdb":
        # Made anew: a table whose model is gone would stay in it, and be published, for good.
        for file in (settings.marts_build, settings.marts_build.with_name(f"{settings.marts_build.name}.wal")):
            file.unlink(missing_ok=True)
    given = options.pop("variables", None) or {}
    how: dict[str, Any] = {"full_refresh": True}
    if plan.kind == "increment":
        chosen, rebuilt = options.get("select") or (), REBUILT_ON[settings.target]
        how = {
            "select": [f"{name},{kind}" for name in chosen for kind in rebuilt] if chosen else rebuilt,
            "indirect_selection": "cautious" if chosen else "eager",
            "variables": {**given, **variables(plan)},
        }
    result = dbt.build(settings, manifest=parse(), **{"variables": given, **options, **how})
    stopped = [node for node in result.failed if node.name == LIMIT]
    if stopped and plan.kind == "increment":
        plan = replace(plan, kind="full", reason=stopped[0].message.splitlines()[-1].split("Error: ")[-1].strip(" ."))
        on_full(plan)
        return build(
            settings, plan, parse, is_whole=is_whole, collect=collect, on_full=on_full, variables=given, **options
        )
    if result.ok and is_whole:
        # In this order: a build that counts as finished can be published.
        collect()
        publish.seal(settings.marts_build, settings.parquet_build)
        finish(settings, plan)
    return plan, result


def recomputed(settings: Settings) -> Recomputed:
    """What the increment that ran last recomputed, as the tables that it left say."""
    scopes = {
        "cookies": "scope_cookies",
        "sessions": "scope_sessions",
        "Salesforce Tasks": "scope_tasks",
        "people": "scope_emails",
        "Leads and Contacts": "scope_records",
        "opportunities": "scope_opportunities",
    }
    if settings.target == "spark":
        # The session that built them knows what is in them, whatever their format.
        spark = session.start(settings)
        return Recomputed({name: spark.table(f"intermediate.{table}").count() for name, table in scopes.items()})
    with _warehouse(settings) as con:
        found = con.execute(
            """
            SELECT table_name FROM duckdb_tables()
            WHERE database_name = current_database() AND schema_name = 'intermediate'
            """
        )
        there = {table for (table,) in found.fetchall()}
        return Recomputed(
            {
                name: con.execute(f"SELECT count(*) FROM intermediate.{table}").fetchall()[0][0]
                for name, table in scopes.items()
                if table in there
            }
        )


def fingerprint(settings: Settings, manifest: Manifest, variables: Mapping[str, Any]) -> dict[str, str]:
    """What the result depends on beside the landed rows, part by part, each named in a user's words.

    Data tests are no part: another test changes no result. Neither are the signatures of the landed tables: where they
    change, landing numbers the rows that read differently anew.
    """
    project = yaml.safe_load((settings.project_dir / "dbt_project.yml").read_text(encoding="utf-8"))
    declared = project.pop("vars", None) or {}
    project.pop("data_tests", None)
    own = declared.pop(project["name"], None) or {}
    parts = {f"variable {name}": json.dumps(value) for name, value in sorted({**declared, **own, **variables}.items())}
    parts |= {engine: version(engine) for engine in ENGINES[settings.target]}
    parts["CALL_ATTRIBUTION_TARGET"] = settings.target
    if settings.target == "spark":
        parts["CALL_ATTRIBUTION_SPARK_FORMAT"] = settings.spark_format
        if settings.spark_format == "parquet":
            parts["CALL_ATTRIBUTION_SPARK_BUCKETS"] = str(settings.spark_buckets)
        else:
            # Tables of a format name their files by the whole path.
            parts["the folder of Spark's tables"] = str(settings.spark_dir)
    parts["dbt_project.yml"] = _digest(project)
    parts["profiles.yml"] = _digest((settings.project_dir / "profiles.yml").read_text(encoding="utf-8"))
    for node in manifest["nodes"].values():
        if node["resource_type"] == "seed":
            # From the file: dbt knows a large seed by its path only.
            text = (settings.project_dir / node["original_file_path"]).read_text(encoding="utf-8")
            parts[f"seed {node['name']}"] = _digest([text, node["config"]])
        elif node["resource_type"] == "model":
            parts[f"model {node['name']}"] = _digest([node["checksum"], *_described(node)])
    for source in manifest["sources"].values():
        parts[f"the input contract of {source['source_name']}/{source['name']}"] = _digest(_described(source))
    for macro in manifest["macros"].values():
        # Those of packages change with their versions, those below tests/ are tests.
        if macro["package_name"] == project["name"] and not macro["path"].startswith("tests/"):
            parts[f"macro {macro['name']}"] = _digest(macro["macro_sql"])
    return parts


def _described(node: Mapping[str, Any]) -> list[Any]:
    # Not `primary_key`: dbt reads it off the tests.
    return [node["config"], node["description"], node["columns"]]


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class _Build:
    through_batch: int
    fingerprint: str


def _builds(con: duckdb.DuckDBPyConnection) -> tuple[_Build | None, list[str]]:
    """The last finished build, and the kinds of those that began after it."""
    last = con.execute(
        """
        SELECT build_id, through_batch, fingerprint FROM landing.builds
        WHERE finished_at IS NOT NULL
        ORDER BY build_id DESC LIMIT 1
        """
    ).fetchone()
    later = con.execute("SELECT kind FROM landing.builds WHERE build_id > ?", [last[0] if last else 0]).fetchall()
    return _Build(*last[1:]) if last else None, [kind for (kind,) in later]


def _stored_parts(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    return dict(con.execute("SELECT part, value FROM landing.build_parts").fetchall())


def _arrived(con: duckdb.DuckDBPyConnection, manifest: Manifest, after_batch: int) -> tuple[Arrival, ...]:
    """By rows that are in the raw tables: a file whose rows were all known brings nothing."""
    schemas = {(source["source_name"], source["name"]): source["schema"] for source in manifest["sources"].values()}
    tables = con.execute(
        """
        SELECT source, table_name, (
            SELECT count(*) FROM landing.files
            WHERE files.source = tables.source AND files.table_name = tables.table_name AND files.batch_id > $after
        )
        FROM landing.tables
        WHERE batch_id > $after
        ORDER BY source, table_name
        """,
        {"after": after_batch},
    ).fetchall()
    return tuple(
        Arrival(f"{source}/{name}", files, _new_rows(con, schemas[source, name], name, after_batch))
        for source, name, files in tables
        if (source, name) in schemas
    )


def _new_rows(con: duckdb.DuckDBPyConnection, schema: str, name: str, after_batch: int) -> int:
    sql = f"SELECT count(*) FROM {quote(schema)}.{quote(name)} WHERE _batch_id > ?"
    return con.execute(sql, [after_batch]).fetchall()[0][0]


def _news(arrived: tuple[Arrival, ...]) -> str:
    """What came, in words."""
    news = [
        f"{arrival.table} ({counted(arrival.files, 'file')}, {counted(arrival.rows, 'row')})"
        for arrival in arrived
        if arrival.rows
    ]
    return f"new in {', '.join(news)}" if news else "nothing new arrived"


def _changes(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """What differs between two fingerprints, in words."""
    packages = {package for packages in ENGINES.values() for package in packages}
    changes = []
    for part in sorted(before.keys() | now.keys()):
        if part not in now:
            changes.append(f"{part} is gone")
        elif part not in before:
            changes.append(f"{part} is new")
        elif before[part] != now[part]:
            legible = part.startswith(("variable ", "CALL_ATTRIBUTION_")) or part in packages
            changes.append(f"{part} is {now[part]}, it was {before[part]}" if legible else f"{part} changed")
    more = len(changes) - LISTED_CHANGES
    return "; ".join(changes[:LISTED_CHANGES] + ([f"and {counted(more, 'more change')}"] if more > 0 else []))


@contextmanager
def _warehouse(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse, with what goes wrong on its disk in a user's words."""
    with store.connect(settings.warehouse) as con:
        try:
            yield con
        except duckdb.Error as error:
            raise UserError(f"{settings.warehouse}: {first_line(error)}") from error
