"""Decides what the next build does, and gives the reason in the user's words.

plan(settings, manifest)    nothing, an incremental build, or a full refresh

What is new is decided by arrival: every raw row carries the load id of the landing run that last changed it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import duckdb

from orchestration.lib import landing, publish
from orchestration.lib.build import history
from orchestration.lib.build.fingerprint import Manifest, changes, digest, fingerprint, seed_texts
from orchestration.lib.landing.contract import SourceTable
from orchestration.lib.landing.store import raw_table
from orchestration.lib.settings import Settings
from orchestration.lib.terminal import counted

Kind = Literal["nothing", "full", "incremental"]


@dataclass(frozen=True)
class NewRows:
    """What landed in one table since the last finished build."""

    table: str
    files: int
    rows: int


@dataclass(frozen=True)
class Plan:
    """What a build will do.

    `after_load` is the watermark; `fingerprint` is what its result depends on besides landed rows, with the texts of
    the seeds. `resumes` says whether a build before it was interrupted: its tables can then contain part of its rows.
    """

    kind: Kind
    reason: str
    after_load: int
    through_load: int
    fingerprint: Mapping[str, str]
    new_rows: tuple[NewRows, ...]
    seeds: Mapping[str, str] = field(default_factory=dict)
    resumes: bool = False

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.new_rows)

    def __str__(self) -> str:
        title = {"nothing": "Nothing to build", "full": "Full refresh", "incremental": "Incremental build"}[self.kind]
        return f"{title}: {self.reason}."


def plan(
    settings: Settings, manifest: Manifest, *, full: bool = False, variables: Mapping[str, Any] | None = None
) -> Plan:
    """What the next build has to do. `variables` are given in addition to dbt_project.yml."""
    seeds = seed_texts(settings, manifest)
    parts = fingerprint(settings, manifest, variables or {})
    tables = landing.tables(settings)
    with history.warehouse(settings) as con:
        last, interrupted = history.read(con)
        after_load = last.through_load if last else 0
        [(through_load,)] = con.execute("SELECT coalesce(max(load_id), 0) FROM landing.tables").fetchall()
        new_rows = _new_rows(con, tables, after_load)
        before = history.read_fingerprint(con)

    def decided(kind: Kind, reason: str) -> Plan:
        return Plan(kind, reason, after_load, through_load, parts, new_rows, seeds, resumes=bool(interrupted))

    if full:
        return decided("full", "you asked for it")
    if last is None:
        return decided("full", "no build has finished yet" if interrupted else "this is the first build")
    if "full" in interrupted:
        return decided("full", "the last full refresh did not finish")
    if last.fingerprint != digest(parts):
        return decided("full", changes(before, parts))
    if not settings.marts_build.exists():
        return decided("full", f"{settings.marts_build} is missing")
    if not interrupted and not publish.is_audited(settings.marts_build, settings.parquet_build):
        return decided("full", f"{settings.marts_build} was modified outside a build")
    if not interrupted and not any(table.rows for table in new_rows):
        return decided("nothing", "no new rows, and no rule, seed or variable changed")
    if settings.target == "spark" and not settings.spark_finished_dir.exists():
        return decided("full", f"{settings.spark_finished_dir} is missing")
    if interrupted:
        return decided("incremental", f"the last build did not finish; {_summary(new_rows)}")
    return decided("incremental", _summary(new_rows))


def is_known(settings: Settings, manifest: Manifest) -> bool:
    """Whether the last finished build was made with this very project: its variables, seeds and SQL."""
    if not settings.warehouse.exists():
        return False
    with history.warehouse(settings) as con:
        last, _ = history.read(con)
    return last is not None and last.fingerprint == digest(fingerprint(settings, manifest, {}))


def _new_rows(con: duckdb.DuckDBPyConnection, tables: list[SourceTable], after_load: int) -> tuple[NewRows, ...]:
    """By rows of the raw tables: a file of which every row was known brings nothing."""
    contract = {(table.source, table.name): table for table in tables}
    landed = con.execute(
        """
        SELECT source, table_name, (
            SELECT count(*) FROM landing.files
            WHERE files.source = tables.source AND files.table_name = tables.table_name AND files.load_id > $after
        )
        FROM landing.tables
        WHERE load_id > $after
        ORDER BY source, table_name
        """,
        {"after": after_load},
    ).fetchall()
    found = []
    for source, name, files in landed:
        if table := contract.get((source, name)):
            count = con.execute(f"SELECT count(*) FROM {raw_table(table)} WHERE _load_id > ?", [after_load])
            found.append(NewRows(table.folder, files, count.fetchall()[0][0]))
    return tuple(found)


def _summary(new_rows: tuple[NewRows, ...]) -> str:
    found = [
        f"{counted(table.rows, 'new row')} in {table.table} ({counted(table.files, 'file')})"
        for table in new_rows
        if table.rows
    ]
    return ", ".join(found) or "no new rows"
