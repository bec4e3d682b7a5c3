"""Marts built beside the published ones, from landed rows up to a load: previews of edited rules, and replays.

preview(settings)                  today's rules, the landed rows of the published version
replay(settings, through, rules)   the landed rows up to a day or a load, today's rules or those of a version

The work is done in a folder beside the warehouse, on a copy of the landed rows. The result is a file beside the
published one, for people only. Neither the warehouse nor the published versions change.
"""

import glob
import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import yaml

from orchestration.lib import build, engines, landing, lock, own_settings
from orchestration.lib.build import dbt, history, preflight
from orchestration.lib.changes import publications
from orchestration.lib.changes.publications import attached
from orchestration.lib.errors import UserError
from orchestration.lib.landing import history as landed
from orchestration.lib.landing.contract import quote
from orchestration.lib.landing.store import prepare, raw_table
from orchestration.lib.publish.files import copy_complete
from orchestration.lib.publish.versions import preview_of, replay_of, versions
from orchestration.lib.settings import Settings

Report = Callable[[str], None]


def preview(settings: Settings, published: Path, report: Report, **options: Any) -> Path:
    """Builds with the rules as edited, from the rows of the published version."""
    with duckdb.connect() as con, attached(con, published, "published"):
        made = publications.read(con, "published")
    if made is None:
        raise UserError(publications.NOT_RECORDED)
    target = preview_of(settings.marts)
    with _folder(settings) as folder:
        _rebuild(settings, folder, made.through_load, target, "Preview", report, **options)
    return target


def replay(settings: Settings, through: str, rules: str | None, report: Report, **options: Any) -> Path:
    """Builds the marts as they would have been after a landing, with today's rules or those of a version."""
    load_id = _load_of(settings, through)
    if rules and not rules.isdecimal():
        raise UserError(f"RULES is {rules!r}: write the number of a version. The table `publications` lists them.")
    target = replay_of(settings.marts, through, rules or "")
    with _folder(settings) as folder:
        if rules:
            settings = replace(settings, config_dir=_rules_of(settings, rules, folder / "rules", report))
        reason = f"Replay through {through}{f' with the rules of version {rules}' if rules else ''}"
        _rebuild(settings, folder, load_id, target, reason, report, **options)
    return target


@contextmanager
def _folder(settings: Settings) -> Iterator[Path]:
    """The folder for the work, empty; whatever a killed command left there is removed."""
    folder = settings.rebuild_dir
    with lock.exclusive(folder.with_name(f".{folder.name}.lock"), "a preview or a replay"):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _rebuild(
    settings: Settings, folder: Path, through: int, target: Path, reason: str, report: Report, **options: Any
) -> None:
    settings = replace(settings, target="duckdb")
    # The warehouse keeps its name there, because a parsed project depends on the name.
    scratch = replace(settings, warehouse=folder / settings.warehouse.name)
    manifest = options.pop("manifest", None) or dbt.read_manifest(settings)
    with lock.exclusive(settings.writer_lock, reason.lower(), report):
        preflight.check(settings, manifest, report)
        _copy_landed(settings, scratch.warehouse, through)
    report(f"{reason}: building from the rows of all landings up to {through}.")
    plan = build.plan(scratch, manifest, full=True)
    # If a path changes, dbt parses everything again, so these builds keep their own parse.
    target_dir = settings.target_dir / "rebuild"
    how = {"parse": lambda: dbt.parse(scratch, target_dir), "target_dir": target_dir, **options}
    # Nothing is published, so nothing is audited: data tests run in the build that publishes.
    build.run(plan, engines.of(scratch), exclude_types=("test",), **how).result.require_success()
    publications.write_rebuilt(scratch, reason)
    for left in target.parent.glob(f".{glob.escape(target.name)}.*.part"):
        left.unlink()  # by a killed command
    copy_complete(scratch.marts_build, target, settings.marts_mode)


def _copy_landed(settings: Settings, scratch: Path, through: int) -> None:
    with history.warehouse(settings) as con, attached(con, scratch, "scratch", read_only=False):
        for table in landing.tables(settings):
            # As at the next landing: this version of the project may read columns that no file had until now.
            prepare(con, table)
            con.execute(f"CREATE SCHEMA IF NOT EXISTS scratch.{quote(table.schema)}")
            rows = landed.as_of(con, table, through)
            con.execute(f"CREATE TABLE scratch.{raw_table(table)} AS {rows}")
        con.execute("CREATE SCHEMA scratch.landing")
        for name in ("files", "tables"):
            con.execute(f"CREATE TABLE scratch.landing.{name} AS FROM landing.{name} WHERE load_id <= {through:d}")
        # A table that changed since then.
        con.execute(
            f"""
            INSERT INTO scratch.landing.tables
            SELECT source, table_name, signature, {through:d} FROM landing.tables WHERE load_id > {through:d}
            """
        )


def _load_of(settings: Settings, through: str) -> int:
    """The last load of a UTC day, or the load that was named."""
    with lock.exclusive(settings.writer_lock, "a replay"), history.warehouse(settings) as con:
        found = con.execute(
            "SELECT load_id, max(landed_at) FROM landing.files WHERE load_id >= ? GROUP BY ALL ORDER BY ALL",
            [landed.first_load(con)],
        ).fetchall()
    if re.fullmatch(r"\d+", through):
        chosen = [load for load, _ in found if load == int(through)]
    else:
        try:
            day = date.fromisoformat(through)
        except ValueError as error:
            raise UserError(f"THROUGH is {through!r}. Allowed: a UTC day such as 2026-03-03, or a load id.") from error
        chosen = [load for load, landed_at in found if landed_at.date() <= day]
    if not chosen:
        ends = dict.fromkeys((found[0], found[-1])) if found else {}
        known = " to ".join(f"{load} ({landed_at:%Y-%m-%d})" for load, landed_at in ends)
        raise UserError(f"Nothing can be replayed through {through}. Landings that can: {known or 'none'}.")
    return chosen[-1]


def _rules_of(settings: Settings, version: str, folder: Path, report: Report) -> Path:
    """Writes the seeds and variables of a version as a folder of own settings."""
    with duckdb.connect() as con:
        for file in reversed(versions(settings.marts)):
            with attached(con, file, "published"):
                if recorded := publications.rules_of(con, "published", version):
                    break
        else:
            recorded = None
    if not recorded:
        raise UserError(f"RULES is {version!r}: no such version is recorded. The table `publications` lists them.")
    seeds, variables = recorded
    folder.mkdir()
    shipped = {path.stem for path in (settings.project_dir / "seeds").glob("*.csv")}
    for name in sorted(seeds.keys() & shipped):
        (folder / f"{name}.csv").write_text(seeds[name], encoding="utf-8")
    known = own_settings.documented_variables(settings)
    given = {name: json.loads(value) for name, value in variables.items() if name in known}
    (folder / own_settings.VARIABLES).write_text(yaml.safe_dump(given), encoding="utf-8")
    for name in sorted((seeds.keys() - shipped) | (variables.keys() - known.keys())):
        report(f"Warning: {name} of version {version} no longer exists and is ignored.")
    return folder
