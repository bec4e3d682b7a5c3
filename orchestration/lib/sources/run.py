"""Extracts or reconciles the tables of the configured live systems, for schedules and commands."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from orchestration.lib.landing.contract import SourceTable, read_sources
from orchestration.lib.settings import Settings
from orchestration.lib.sources.errors import LiveSourceError, QuotaExceeded, SignInRefused, Unreachable
from orchestration.lib.sources.http import Clock, RetrySession
from orchestration.lib.sources.providers import extract as provider_extract
from orchestration.lib.sources.providers.logs import PROVIDERS
from orchestration.lib.sources.salesforce import check as salesforce_check
from orchestration.lib.sources.salesforce.credentials import API_BUDGET, CLIENT_ID, DOMAIN, Credentials
from orchestration.lib.sources.salesforce.extract import extract as extract_object
from orchestration.lib.sources.salesforce.org import Org
from orchestration.lib.sources.salesforce.reconcile import reconcile
from orchestration.lib.sources.warehouse import landed_names

LIVE_TABLES = "CALL_ATTRIBUTION_LIVE_TABLES"
# These errors concern the whole system, so its remaining tables are skipped.
FOR_THE_WHOLE_SOURCE = (QuotaExceeded, SignInRefused, Unreachable)

Report = Callable[[str], None]


@dataclass(frozen=True)
class ExtractionResult:
    """What one extraction of a live table returned: files, rows, notes or an error."""

    table: SourceTable
    files: tuple[str, ...] = ()
    rows: int = 0
    notes: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None

    def __str__(self) -> str:
        if self.error:
            return f"{self.table.folder}: {self.error}"
        remarks = "".join(f", {name.replace('_', ' ')} {value}" for name, value in self.notes.items() if value)
        return f"{self.table.folder}: {self.rows:,} rows in {len(self.files)} new files{remarks}"


def live_tables(settings: Settings, environ: Mapping[str, str] = os.environ) -> list[SourceTable]:
    """The tables that live systems feed: those of all systems with credentials, or the selected ones among them.

    Without credentials the list is empty and all data comes from files; that is not an error.
    """
    tables = [table for table in read_sources(settings.project_dir) if table.source in ("salesforce", "calls")]
    configured = {provider.name for provider in PROVIDERS if provider.connect(environ) is not None}
    has_salesforce = Credentials.from_environment(environ) is not None
    live = [table for table in tables if (has_salesforce if table.source == "salesforce" else table.name in configured)]
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

    yield from _salesforce(tables, environ, report, clock, one_object)
    yield from _providers(settings, tables, environ, report, clock, provider_extract.LOOKBACK_DAYS)


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

    yield from _salesforce(tables, environ, report, clock, one_object)
    yield from _providers(settings, tables, environ, report, clock, provider_extract.RECONCILIATION_DAYS)


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
    with _session(credentials, clock) as session:
        return salesforce_check.check(Org(credentials, session), tables)


def _session(credentials: Credentials, clock: Clock | None) -> RetrySession:
    return RetrySession("Salesforce", credentials.api_budget, API_BUDGET, clock)


def _salesforce(
    tables: Sequence[SourceTable],
    environ: Mapping[str, str],
    report: Report,
    clock: Clock | None,
    work: Callable[[Org, SourceTable], ExtractionResult],
) -> Iterator[ExtractionResult]:
    wanted = [table for table in tables if table.source == "salesforce"]
    credentials = Credentials.from_environment(environ)
    if not wanted or credentials is None:
        return
    with _session(credentials, clock) as session:
        org: Org | None = None
        for number, table in enumerate(wanted):
            try:
                org = org or Org(credentials, session)
                before = org.calls
                extracted = work(org, table)
                notes = {**extracted.notes, "api_calls": org.calls - before}
                extracted = ExtractionResult(table, extracted.files, extracted.rows, notes)
            except FOR_THE_WHOLE_SOURCE as failure:
                yield from _reported((ExtractionResult(left, error=str(failure)) for left in wanted[number:]), report)
                return
            except LiveSourceError as failure:
                extracted = ExtractionResult(table, error=str(failure))
            yield from _reported([extracted], report)


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
        log = provider.connect(environ, clock) if provider else None
        if log is None:
            continue
        landed = landed_names(settings, table.folder)
        try:
            found = provider_extract.extract(
                table.name, log, settings.landing_dir, landed, clock or Clock(), lookback_days
            )
            extracted = ExtractionResult(table, found.files, found.rows, {"since": found.since})
        except LiveSourceError as failure:
            extracted = ExtractionResult(table, error=str(failure))
        yield from _reported([extracted], report)


def _reported(
    results: Sequence[ExtractionResult] | Iterator[ExtractionResult], report: Report
) -> Iterator[ExtractionResult]:
    for result in results:
        report(str(result))
        yield result
