"""A whole project in a folder of its own: write files, land, build, look at the result."""

import csv
import functools
import gzip
import io
import itertools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import ModelNode

from orchestration.lib import build as builds
from orchestration.lib import crm_rules, engines, landing, lock, own_settings, publish
from orchestration.lib.build import dbt
from orchestration.lib.settings import PROJECT_DIR, Settings

Row = Mapping[str, Any]


def freeze(manifest: Manifest) -> bytes:
    """A parsed manifest for other processes or for several builds (a build changes the manifest that it gets).

    In dbt's own form: pickling a manifest shifts its fields by one.
    """
    return manifest.to_msgpack()


def thaw(frozen: bytes) -> Manifest:
    manifest = Manifest.from_msgpack(frozen)
    manifest.build_flat_graph()
    return manifest


@functools.cache
def frozen_manifest(target: str = "duckdb", spark_format: str = "parquet", tracker: str = "marketo_measure") -> bytes:
    """The parsed dbt project; dbt parses what changed since the last session, one worker after the other.

    One parse, for `generic`, serves all other web trackers.

    A parse depends on the warehouse's file name, never on its folder, so one does for every test.
    """
    settings = settings_in(PROJECT_DIR / "target", target=target, spark_format=spark_format)
    folder = PROJECT_DIR / "target" / (f"tests-{target}" if spark_format == "parquet" else f"tests-{spark_format}")
    if tracker != "marketo_measure":
        folder = folder.with_name(f"{folder.name}-trackers")
        settings = replace(settings, config_dir=folder / "config")
        (folder / "config").mkdir(parents=True, exist_ok=True)
        (folder / "config" / own_settings.VARIABLES).write_text("web_tracker: generic\n", encoding="utf-8")
    with lock.exclusive(folder.with_suffix(".lock"), "tests"):
        return freeze(dbt.parse(settings, folder))


@functools.cache
def plain_manifest(tracker: str = "marketo_measure") -> Mapping[str, Any]:
    """The same as plain data, as a run reads it from manifest.json."""
    return thaw(frozen_manifest(tracker=tracker)).writable_manifest().to_dict(omit_none=False)


def settings_in(folder: Path, **changes: Any) -> Settings:
    """Settings that keep everything in one folder."""
    paths = {
        "landing_dir": folder / "landing",
        "warehouse": folder / "warehouse.duckdb",
        "marts": folder / "published" / "marts.duckdb",
    }
    return Settings(**{**paths, **changes})


@dataclass(frozen=True)
class Collecting:
    """An engine whose marts a test collects in its own way."""

    engine: builds.Engine
    collect: Callable[..., dbt.BuildResult]
    adds_unaffected_rows: bool = False

    @property
    def settings(self) -> Settings:
        return self.engine.settings

    def offer_inputs(self, plan: builds.Plan) -> None:
        self.engine.offer_inputs(plan)

    def leave_out(self, manifest: Manifest) -> None:
        """On Spark, dbt builds and tests everything, as on a server."""


class Project:
    """Landing folder, warehouse and marts of one test.

    project = Project(tmp_path)
    project.write("salesforce/Task", [{"Id": "00T...", "CreatedDate": "2024-01-01T10:00:00Z"}])
    project.land()
    project.build()
    project.query("select verdict from fct_calls")
    """

    # Whether tables and columns get their comments: 1,600 statements in a build, which few tests look at.
    has_comments = False

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder = folder
        self.settings = settings_in(folder, **settings)
        self._names = (f"{number:04}" for number in itertools.count(1))

    def write(self, table: str, rows: Iterable[Row], format: str = "csv", name: str | None = None) -> Path:
        """Writes rows as one file of a table's landing folder; the columns are those of all rows together."""
        rows = list(rows)
        columns = list(dict.fromkeys(column for row in rows for column in row))
        path = self.settings.landing_dir / table / f"{name or next(self._names)}.{format}"
        path.parent.mkdir(parents=True, exist_ok=True)
        if format == "parquet":
            _write_parquet(path, columns, rows)
        elif format.removesuffix(".gz") in ("csv", "jsonl"):
            text = _csv(columns, rows) if format.startswith("csv") else _jsonl(rows)
            data = text.encode()
            path.write_bytes(gzip.compress(data, mtime=0) if format.endswith(".gz") else data)
        else:
            raise ValueError(f"unknown format {format}")
        return path

    def write_bytes(self, table: str, data: bytes, name: str) -> Path:
        """Writes a file of a landing folder as it is, for what no writer would produce."""
        path = self.settings.landing_dir / table / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def write_seed(self, name: str, text: str) -> None:
        """Replaces a seed with other text, as a user does in the folder of own settings."""
        folder = self.settings.config_dir or self.folder / "config"
        self.settings = replace(self.settings, config_dir=folder)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")

    def write_variables(self, **variables: Any) -> None:
        """Sets variables, as a user does in the folder of own settings."""
        folder = self.settings.config_dir or self.folder / "config"
        self.settings = replace(self.settings, config_dir=folder)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / own_settings.VARIABLES).write_text(json.dumps(variables), encoding="utf-8")

    def land(self) -> list[landing.TableReport]:
        """Lands every file that is new; one report a table."""
        sources = landing.with_named_fields(landing.tables(self.settings), crm_rules.parsed_fields(self.settings))
        return landing.land_all(self.settings, sources)

    def build(
        self,
        select: Sequence[str] = (),
        variables: Mapping[str, Any] | None = None,
        tests: bool = False,
        check: bool = True,
        incremental: bool = False,
    ) -> dbt.BuildResult:
        """Builds the models (with `tests`, the audit too); a failure raises unless `check` is off.

        A full refresh, or with `incremental` what a run would build; `plan` describes it afterwards.
        """
        self.plan = builds.plan(self.settings, plain_manifest(self.tracker), full=not incremental, variables=variables)
        if self.plan.kind == "nothing":
            return dbt.BuildResult(())
        self.outcome = builds.run(
            self.plan,
            self.engine(),
            parse=self._manifest,
            target_dir=self.folder / "target",
            select=select,
            exclude_types=() if tests else ("test",),
            variables=variables,
        )
        self.plan, result = self.outcome.plan, self.outcome.result
        return result.require_success() if check else result

    @property
    def tracker(self) -> str:
        """What decides between the two parsed projects."""
        name = own_settings.variables_in_effect(self.settings)["web_tracker"]
        return name if name == "marketo_measure" else "generic"

    def engine(self) -> builds.Engine:
        return Collecting(engines.of(self.settings), self.collect)

    def collect(self, *given: Any, **options: Any) -> dbt.BuildResult:
        """What a run does before the mark; nothing here, where only marts as built are looked at."""
        return dbt.BuildResult(())

    def _manifest(self) -> Manifest:
        manifest = thaw(frozen_manifest(self.settings.target, self.settings.spark_format, self.tracker))
        if not self.has_comments:
            for node in manifest.nodes.values():
                if isinstance(node, ModelNode):
                    node.config.persist_docs = {}
        return manifest

    def on(self, target: str, **settings: Any) -> "Project":
        """The same folder, landing and warehouse, built on another engine."""
        project = Project(self.folder)
        project.settings = replace(self.settings, target=target, **settings)
        return project

    def publish(self) -> publish.Published:
        """Publishes the last build, outside a run."""
        return publish.publish(self.settings.marts_build, self.settings.marts, self.settings.keep_versions)

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Rows of a query on the marts as built; the warehouse is attached as `warehouse`."""
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            for path, name in ((self.settings.warehouse, "warehouse"), (self.settings.marts_build, "marts")):
                if path.exists():
                    connection.execute(f"ATTACH '{path}' AS {name} (READ_ONLY)")
            if self.settings.marts_build.exists():
                connection.execute("USE marts")
            return _rows(connection, sql, parameters)

    def query_published(self, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Rows of a query on the published file, opened as an analyst does."""
        with duckdb.connect(str(self.settings.marts), read_only=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            return _rows(connection, sql, parameters)


def _rows(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[Any]) -> list[dict[str, Any]]:
    cursor = connection.execute(sql, list(parameters))
    columns = [column[0] for column in cursor.description or []]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat(" ") if isinstance(value, datetime) else str(value)


def _csv(columns: list[str], rows: list[Row]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_text(row.get(column)) for column in columns] for row in rows)
    return buffer.getvalue()


def _jsonl(rows: list[Row]) -> str:
    return "".join(json.dumps(row, default=_text) + "\n" for row in rows)


# The order matters: a bool is an int and a datetime is a date.
_PARQUET_TYPES = {bool: "BOOLEAN", int: "BIGINT", float: "DOUBLE", Decimal: "DECIMAL(38, 6)", datetime: "TIMESTAMP"} | {
    date: "DATE",
    str: "VARCHAR",
}


def _write_parquet(path: Path, columns: list[str], rows: list[Row]) -> None:
    def type_of(column: str) -> str:
        value = next((row[column] for row in rows if row.get(column) is not None), "")
        return next(name for python, name in _PARQUET_TYPES.items() if isinstance(value, python))

    names = ['"' + column.replace('"', '""') + '"' for column in columns]
    with duckdb.connect() as connection:
        definition = ", ".join(f"{name} {type_of(column)}" for name, column in zip(names, columns, strict=True))
        connection.execute(f"CREATE TABLE file ({definition})")
        if rows:
            values = [[row.get(column) for column in columns] for row in rows]
            connection.executemany(f"INSERT INTO file VALUES ({', '.join('?' * len(columns))})", values)
        connection.execute("COPY file TO $path (FORMAT parquet)", {"path": str(path)})
