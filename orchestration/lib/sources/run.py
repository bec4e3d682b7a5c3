"""Extracts or reconciles the tables of the configured live systems, for schedules and commands."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from orchestration.lib import crm_rules, lock
from orchestration.lib.landing import trackers
from orchestration.lib.landing.contract import SourceTable, read_sources, with_named_fields
from orchestration.lib.settings import Settings
from orchestration.lib.sources import configured, copying
from orchestration.lib.sources.errors import AnotherExtraction, LiveSourceError
from orchestration.lib.sources.http import Clock, RetrySession
from orchestration.lib.sources.providers import extract as provider_extract
from orchestration.lib.sources.providers.logs import PROVIDERS, Log
from orchestration.lib.sources.results import ExtractionResult, attempt
from orchestration.lib.sources.salesforce import check as salesforce_check
from orchestration.lib.sources.salesforce.credentials import API_BUDGET, CLIENT_ID, DOMAIN, Credentials
from orchestration.lib.sources.salesforce.extract import extract as extract_object
from orchestration.lib.sources.salesforce.org import Org
from orchestration.lib.sources.salesforce.reconcile import reconcile
from orchestration.lib.sources.warehouse import landed_names

LIVE_TABLES = "CALL_ATTRIBUTION_LIVE_TABLES"
Report = Callable[[str], None]


def live_tables(settings: Settings, environ: Mapping[str, str] = os.environ) -> list[SourceTable]:
    """The tables that live systems feed: of sources.yml and of systems with credentials, or the selected ones.

    Without either the list is empty and all data comes from files; that is not an error.
    """
    landed = trackers.tables(settings)
    own = configured.read(settings, landed).folders
    tables = [table for table in landed if table.source in ("salesforce", "calls") or table.folder in own]
    connected = {provider.name for provider in PROVIDERS if provider.connect(environ) is not None}
    has_salesforce = Credentials.from_environment(environ) is not None

    def is_live(table: SourceTable) -> bool:
        by_api = has_salesforce if table.source == "salesforce" else table.name in connected
        return table.folder in own or by_api

    live = [table for table in tables if is_live(table)]
    chosen = [name.strip() for name in environ.get(LIVE_TABLES, "").split(",") if name.strip()]
    if not chosen:
        return live
    for name in chosen:
        if not any(name in (table.source, table.folder) for table in tables):
            allowed = ", ".join(dict.fromkeys([*(table.source for table in tables), *(t.folder for t in tables)]))
            raise LiveSourceError(f"{LIVE_TABLES} names {name!r}. Allowed, separated by commas: {allowed}.")
        if not any(name in (table.source, table.folder) for table in live):
            raise LiveSourceError(f"{LIVE_TABLES} names {name!r}, but the credentials of that system are not set.")
    return [table for table in live if {table.source, table.folder} & set(chosen)]


def extract_all(
    settings: Settings,
    tables: Sequence[SourceTable],
    environ: Mapping[str, str] = os.environ,
    report: Report = lambda line: None,
    clock: Clock | None = None,
) -> Iterator[ExtractionResult]:
    """Extracts all tables, one after the other. A table that fails does not stop those of other systems."""

    def one_object(org: Org, table: SourceTable) -> ExtractionResult:
        found = extract_object(org, table, settings.landing_dir, landed_names(settings, table.folder))
        notes = {"without_fields": ", ".join(found.missing), "left_out": "" if found.in_org else "not in this org"}
        return ExtractionResult(table, found.files, found.rows, notes)

    with _alone(settings):
        yield from _configured(settings, tables, environ, report)
        by_api = _by_api(settings, tables)
        yield from _salesforce(settings, by_api, environ, report, clock, one_object)
        yield from _providers(settings, by_api, environ, report, clock, provider_extract.LOOKBACK_DAYS)


def reconcile_all(
    settings: Settings,
    tables: Sequence[SourceTable],
    environ: Mapping[str, str] = os.environ,
    report: Report = lambda line: None,
    clock: Clock | None = None,
    accept_mass_deletion: bool = False,
) -> Iterator[ExtractionResult]:
    """The weekly reconciliation: hard-deleted rows, rows never seen, and calls corrected late."""

    def one_object(org: Org, table: SourceTable) -> ExtractionResult:
        found = reconcile(org, table, settings, accept_mass_deletion=accept_mass_deletion)
        files = (*((found.file,) if found.file else ()), *(found.extraction.files if found.extraction else ()))
        rows = found.deleted + (found.extraction.rows if found.extraction else 0)
        return ExtractionResult(
            table, files, rows, {"deleted_for_good": found.deleted, "not_seen_before": found.unseen}
        )

    with _alone(settings):
        by_api = _by_api(settings, tables)
        yield from _salesforce(settings, by_api, environ, report, clock, one_object)
        yield from _providers(settings, by_api, environ, report, clock, provider_extract.RECONCILIATION_DAYS)


def check_salesforce(
    settings: Settings, environ: Mapping[str, str] = os.environ, clock: Clock | None = None
) -> salesforce_check.OrgCheck:
    """Checks the connection before the first run."""
    credentials = Credentials.from_environment(environ)
    if credentials is None:
        raise LiveSourceError(
            f"Salesforce is not configured: set {DOMAIN}, {CLIENT_ID} and the other variables in docs/live-sources.md."
        )
    tables = [table for table in read_sources(settings.project_dir) if table.source == "salesforce"]
    with _session(settings, credentials, clock) as session:
        return salesforce_check.check(Org(credentials, session), _with_named_fields(settings, tables))


def _with_named_fields(settings: Settings, tables: Sequence[SourceTable]) -> list[SourceTable]:
    """The tables with the fields that variables and rules of seeds name."""
    named = crm_rules.parsed_fields(settings)
    for name, fields in crm_rules.fields(settings).items():
        table = f"salesforce/{name}"
        named[table] = dict.fromkeys(fields, "varchar") | named.get(table, {})
    return with_named_fields(tables, named)


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """One extraction at a time: two would remove and replace each other's partial files."""

    def refuse(message: str) -> None:
        raise AnotherExtraction(
            f"Another extraction into {settings.landing_dir} is running. Wait until it ends; this one did nothing."
        )

    with lock.exclusive(settings.extraction_lock, "an extraction", refuse):
        yield


def _session(settings: Settings, credentials: Credentials, clock: Clock | None) -> RetrySession:
    return RetrySession("Salesforce", credentials.api_budget, API_BUDGET, clock, settings.live)


def _by_api(settings: Settings, tables: Sequence[SourceTable]) -> list[SourceTable]:
    """Without the tables that sources.yml names: each is read from one place."""
    own = configured.read(settings, trackers.tables(settings)).folders
    return [table for table in tables if table.folder not in own]


def _configured(
    settings: Settings, tables: Sequence[SourceTable], environ: Mapping[str, str], report: Report
) -> Iterator[ExtractionResult]:
    """The tables of sources.yml; one that fails does not stop the others."""
    own = configured.read(settings, trackers.tables(settings))
    for source in (*own.stores, *own.databases):
        ends = time.monotonic() + settings.live.run_seconds

        def one_table(table: SourceTable, source: configured.Source = source, ends: float = ends) -> ExtractionResult:
            is_database = isinstance(source, configured.Database)
            url, landed = (source.url(environ), landed_names(settings, table.folder)) if is_database else ("", [])
            return copying.copy(copying.Job(source, table, settings, landed, url), ends - time.monotonic())

        yield from _of_one_system([table for table in tables if table.folder in source.tables], one_table, report)


def _salesforce(
    settings: Settings,
    tables: Sequence[SourceTable],
    environ: Mapping[str, str],
    report: Report,
    clock: Clock | None,
    work: Callable[[Org, SourceTable], ExtractionResult],
) -> Iterator[ExtractionResult]:
    wanted = _with_named_fields(settings, [table for table in tables if table.source == "salesforce"])
    credentials = Credentials.from_environment(environ)
    if not wanted or credentials is None:
        return
    with _session(settings, credentials, clock) as session:
        org: Org | None = None

        def one_table(table: SourceTable) -> ExtractionResult:
            nonlocal org
            org = org or Org(credentials, session)
            before = org.calls
            extracted = work(org, table)
            return replace(extracted, notes={**extracted.notes, "api_calls": org.calls - before})

        yield from _of_one_system(wanted, one_table, report)


def _providers(
    settings: Settings,
    tables: Sequence[SourceTable],
    environ: Mapping[str, str],
    report: Report,
    clock: Clock | None,
    lookback_days: int,
) -> Iterator[ExtractionResult]:
    for table in tables:
        provider = next((one for one in PROVIDERS if table.source == "calls" and one.name == table.name), None)
        log = provider.connect(environ, clock, settings.live) if provider else None
        if log is None:
            continue
        landed = landed_names(settings, table.folder)

        def one_log(table: SourceTable, log: Log = log, landed: list[str] = landed) -> ExtractionResult:
            found = provider_extract.extract(
                table.name, log, settings.landing_dir, landed, clock or Clock(), lookback_days
            )
            return ExtractionResult(table, found.files, found.rows, {"since": found.since})

        with log.client.session:
            yield from _of_one_system([table], one_log, report)


def _of_one_system(
    tables: Sequence[SourceTable], work: Callable[[SourceTable], ExtractionResult], report: Report
) -> Iterator[ExtractionResult]:
    """Extracts table by table, until an error concerns the whole system: its remaining tables have that error too."""
    for number, table in enumerate(tables):
        result = attempt(table, work)
        skipped = tables[number + 1 :] if result.concerns_whole_source else []
        for one in (result, *(replace(result, table=left) for left in skipped)):
            report(str(one))
            yield one
        if skipped:
            return
