"""Reconciles ids: finds rows that the org no longer has, and rows that no extraction could find.

No query finds a hard-deleted row, so the ids of the warehouse's live rows are compared with those of the org. A missing
row gets a tombstone with the version time of its last version. A deletion wins a tie, so the tombstone counts. If the
row is restored, it has a later SystemModstamp and wins over the tombstone. The time of the reconciliation would be
wrong: a restored row could be older.
"""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from orchestration.lib.landing.contract import SourceTable, literal, quote
from orchestration.lib.settings import Settings
from orchestration.lib.sources import warehouse
from orchestration.lib.sources.errors import LiveSourceError, WrongAnswer
from orchestration.lib.sources.files import name_of_id, write_atomically
from orchestration.lib.sources.salesforce import bulk, watermark
from orchestration.lib.sources.salesforce.extract import JOBS_TRIED, WHOLE_OBJECTS, Extraction, extract, read_whole
from orchestration.lib.sources.salesforce.fields import ObjectFields, describe
from orchestration.lib.sources.salesforce.org import SOURCE, Org

# If more than a tenth of the rows disappear at once, the user has probably lost the right to see them.
MASS_DELETION_SHARE = 0.1
MASS_DELETION_ROWS = 100


@dataclass(frozen=True)
class Reconciliation:
    """The findings of one reconciliation."""

    table: str
    live_rows: int = 0
    deleted: int = 0
    file: str | None = None
    unseen: int = 0  # older than the watermark but not in the warehouse: not visible to the user before
    extraction: Extraction | None = None


def reconcile(
    org: Org, table: SourceTable, settings: Settings, *, accept_mass_deletion: bool = False
) -> Reconciliation:
    """Reconciles one object. Missing rows become a file of tombstones; rows never seen cause a full extraction."""
    fields = describe(org, table)
    if fields is None or fields.cursor is None:
        return Reconciliation(table.name)
    landed = warehouse.landed_names(settings, table.folder)
    reached = watermark.watermark(landed, fields.digest)
    with TemporaryDirectory() as scratch, duckdb.connect(f"{scratch}/ids.duckdb") as connection:
        connection.execute("SET TimeZone = 'UTC'")
        # The warehouse first, then the org: a row created in between does not look deleted.
        _load_known(connection, table, settings)
        load_of_org = _load_whole if table.name in WHOLE_OBJECTS else _load_with_job
        name = load_of_org(connection, org, fields, Path(scratch))
        known, gone = connection.execute(
            "select count(*) filter (not is_deleted), "
            "count(*) filter (not is_deleted and id not in (select id from of_org)) from known"
        ).fetchall()[0]
        if gone > max(MASS_DELETION_ROWS, known * MASS_DELETION_SHARE) and not accept_mass_deletion:
            raise LiveSourceError(
                f"{table.name}: {gone:,} of {known:,} rows are no longer visible in Salesforce. The user has probably "
                "lost 'View All Data'; nothing was changed. If the rows really are deleted, "
                "run the reconciliation with --accept-mass-deletion."
            )
        unseen = connection.execute(
            "select count(*) from of_org left join known using (id) where of_org.changed_at < ? "
            "and (known.id is null or known.version_at < of_org.changed_at)",
            [(reached - watermark.OVERLAP).replace(tzinfo=None) if reached else None],
        ).fetchall()[0][0]
        path = settings.landing_dir / table.folder / name
        if gone:
            write_atomically(path, lambda part: _write_deletions(connection, fields, part))
    extraction = extract(org, table, settings.landing_dir, landed, from_start=True) if unseen else None
    return Reconciliation(table.name, known, gone, path.name if gone else None, unseen, extraction)


def _load_known(connection: duckdb.DuckDBPyConnection, table: SourceTable, settings: Settings) -> None:
    """Copies ids and releases the warehouse: a query job takes minutes, and another run may have to write."""
    connection.execute("create table known (id varchar, version_at timestamp, is_deleted boolean)")
    with warehouse.attached(connection, settings):
        if warehouse.has_table(connection, table.schema, table.name):
            connection.execute(
                "insert into known select _row_key, _version_at, _is_deleted "
                f"from warehouse.{quote(table.schema)}.{quote(table.name)}"
            )


def _load_whole(connection: duckdb.DuckDBPyConnection, org: Org, fields: ObjectFields, _: Path) -> str:
    """Loads the ids of an object that every extraction reads whole. Returns the name of the file of tombstones."""
    connection.execute("create table of_org (id varchar, changed_at timestamp)")
    ids = [record.get("Id") for record in read_whole(org, fields)]
    if not all(isinstance(one, str) for one in ids):
        raise WrongAnswer(SOURCE, "queryAll", "a record has no Id")
    connection.execute("insert into of_org (id) select unnest(?::varchar[])", [ids])
    return f"{watermark.stamp(org.session.clock.now())}_deleted.csv"


def _load_with_job(connection: duckdb.DuckDBPyConnection, org: Org, fields: ObjectFields, scratch: Path) -> str:
    """Loads the ids of the org's live rows, including archived ones, with a job of its own; returns a name, too."""
    where = " WHERE IsDeleted = false" if fields.has_deleted_flag else ""
    failure = None
    for attempt in range(JOBS_TRIED):
        folder = scratch / str(attempt)
        job = bulk.create_job(org, f"SELECT Id, {fields.cursor} FROM {fields.name}{where}")
        try:
            bulk.wait_for(org, job)
            locator: str | None = bulk.FIRST_PAGE
            number = 0
            pages = org.session.pages()
            while locator is not None:
                pages.enter(locator)
                number += 1
                name = bulk.PageName(folder, "ids", number)
                page, _ = bulk.fetch_page(org, job, locator, name, ("Id", fields.cursor or ""))
                locator = page.next_locator
        except bulk.JobLost as lost:
            failure = lost
            continue
        _load_ids(connection, folder)
        return f"{watermark.stamp(job.created_at)}_deleted_{name_of_id(job.id)}.csv"
    raise LiveSourceError(
        f"{fields.name}: {JOBS_TRIED} query jobs in a row did not return the ids. Last error: {failure}"
    )


def _load_ids(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    connection.execute("create table of_org (id varchar, changed_at timestamp)")
    if not any(folder.glob("*.csv")):
        return
    try:
        connection.execute(
            "insert into of_org select id, changed_at::timestamptz at time zone 'UTC' from read_csv(?, "
            "header = true, auto_detect = false, hive_partitioning = false, delim = ',', quote = '\"', escape = '\"', "
            "columns = {'id': 'varchar', 'changed_at': 'varchar'})",
            [str(folder / "*.csv")],
        )
        return
    except duckdb.Error:
        # Its message quotes the value.
        pass
    raise WrongAnswer(SOURCE, "the query for ids", "its pages contain more than ids and times")


def _write_deletions(connection: duckdb.DuckDBPyConnection, fields: ObjectFields, part: Path) -> None:
    """Writes id, flag and time only: the other values of a hard-deleted row must not be stored again.

    The other columns are empty, so that the file has the columns of every file of the object. Rates have no flag.
    """
    values = {"Id": "id", "IsDeleted": "true", fields.cursor: "strftime(version_at, '%Y-%m-%dT%H:%M:%S.%fZ')"}
    fields_and_flag = dict.fromkeys((*fields.fields, "IsDeleted"))
    columns = ", ".join(f"{values.get(field, 'null')} as {quote(field)}" for field in fields_and_flag)
    connection.execute(
        f"copy (select {columns} from known where not is_deleted and id not in (select id from of_org) order by id) "
        f"to {literal(str(part))} (header, format csv)"
    )
