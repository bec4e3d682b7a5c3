"""Which tables come from live systems, and bringing them into the landing folder, for schedules and commands."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from orchestration.lib.landing.contract import SourceTable, read_sources
from orchestration.lib.settings import Settings
from orchestration.lib.sources.errors import BudgetSpent, LiveSourceError, SignInRefused, Unreachable
from orchestration.lib.sources.http import Clock, PatientSession
from orchestration.lib.sources.providers import extract as provider_extract
from orchestration.lib.sources.providers.logs import PROVIDERS
from orchestration.lib.sources.salesforce import check as salesforce_check
from orchestration.lib.sources.salesforce.compare import compare
from orchestration.lib.sources.salesforce.credentials import API_BUDGET, CLIENT_ID, DOMAIN, Credentials
from orchestration.lib.sources.salesforce.extract import extract as extract_object
from orchestration.lib.sources.salesforce.org import Org
from orchestration.lib.sources.warehouse import landed_names

LIVE_TABLES = "CALL_ATTRIBUTION_LIVE_TABLES"
# A system that is down, closed or used up for now is no better for the next table.
FOR_THE_WHOLE_SOURCE = (BudgetSpent, SignInRefused, Unreachable)

Say = Callable[[str], None]


@dataclass(frozen=True)
class Brought:
    """What one table of a live source brought; `error` says why it brought nothing."""

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
    """The tables that live systems feed: those of every system with credentials, or those of them that are chosen.

    None without credentials: then everything comes from files, and that is no error.
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
    say: Say = lambda line: None,
    clock: Clock | None = None,
) -> Iterator[Brought]:
    """Brings every table up to date, one after the other. A table that fails does not stop those of other systems."""

    def one_object(org: Org, table: SourceTable) -> Brought:
        found = extract_object(org, table, settings.landing_dir, landed_names(settings, table.folder))
        notes = {"without_fields": ", ".join(found.missing), "left_out": "" if found.in_org else "not in this org"}
        return Brought(table, found.files, found.rows, notes)

    yield from _salesforce(tables, environ, say, clock, one_object)
    yield from _providers(settings, tables, environ, say, clock, provider_extract.LOOKBACK_DAYS)


def compare_all(
    settings: Settings,
    tables: Sequence[SourceTable],
    environ: Mapping[str, str] = os.environ,
    say: Say = lambda line: None,
    clock: Clock | None = None,
    accept_mass_deletion: bool = False,
) -> Iterator[Brought]:
    """The weekly look back: rows deleted for good, rows never seen, and calls corrected late."""

    def one_object(org: Org, table: SourceTable) -> Brought:
        found = compare(org, table, settings, accept_mass_deletion=accept_mass_deletion)
        files = (*((found.file,) if found.file else ()), *(found.extraction.files if found.extraction else ()))
        rows = found.deleted + (found.extraction.rows if found.extraction else 0)
        return Brought(table, files, rows, {"deleted_for_good": found.deleted, "not_seen_before": found.unseen})

    yield from _salesforce(tables, environ, say, clock, one_object)
    yield from _providers(settings, tables, environ, say, clock, provider_extract.LONG_LOOKBACK_DAYS)


def check_salesforce(
    settings: Settings, environ: Mapping[str, str] = os.environ, clock: Clock | None = None
) -> salesforce_check.OrgCheck:
    """Looks at the connection before the first run."""
    credentials = Credentials.from_environment(environ)
    if credentials is None:
        raise LiveSourceError(
            f"Salesforce is not configured: set {DOMAIN} and {CLIENT_ID}, and what docs/live-sources.md names beside."
        )
    tables = [table for table in read_sources(settings.project_dir) if table.source == "salesforce"]
    with _session(credentials, clock) as session:
        return salesforce_check.check(Org(credentials, session), tables)


def _session(credentials: Credentials, clock: Clock | None) -> PatientSession:
    return PatientSession("Salesforce", credentials.api_budget, API_BUDGET, clock)


def _salesforce(
    tables: Sequence[SourceTable],
    environ: Mapping[str, str],
    say: Say,
    clock: Clock | None,
    work: Callable[[Org, SourceTable], Brought],
) -> Iterator[Brought]:
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
                brought = work(org, table)
                notes = {**brought.notes, "api_calls": org.calls - before}
                brought = Brought(table, brought.files, brought.rows, notes)
            except FOR_THE_WHOLE_SOURCE as failure:
                yield from _told((Brought(left, error=str(failure)) for left in wanted[number:]), say)
                return
            except LiveSourceError as failure:
                brought = Brought(table, error=str(failure))
            yield from _told([brought], say)


def _providers(
    settings: Settings,
    tables: Sequence[SourceTable],
    environ: Mapping[str, str],
    say: Say,
    clock: Clock | None,
    lookback_days: int,
) -> Iterator[Brought]:
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
            brought = Brought(table, found.files, found.rows, {"since": found.since})
        except LiveSourceError as failure:
            brought = Brought(table, error=str(failure))
        yield from _told([brought], say)


def _told(results: Sequence[Brought] | Iterator[Brought], say: Say) -> Iterator[Brought]:
    for result in results:
        say(str(result))
        yield result
