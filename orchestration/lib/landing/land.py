"""Landing: from files to raw tables, one transaction a table."""

import difflib
import time
from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

import duckdb

from orchestration.lib.errors import place_of, reason_of
from orchestration.lib.landing import files, readers, store, versions
from orchestration.lib.landing.contract import SourceTable, normalise, read_sources
from orchestration.lib.landing.errors import RESTORE, STORAGE_ERRORS, LandingError
from orchestration.lib.landing.files import SourceFile
from orchestration.lib.landing.readers import Inspected, Load
from orchestration.lib.settings import LIMITS_AS_SHIPPED, PROJECT_DIR, LandingLimits, Settings
from orchestration.lib.terminal import agreeing, counted, printable

OnProgress = Callable[[str], None]


@dataclass(frozen=True)
class FileReport:
    """The counts of one file: rows_read = landed + superseded + unchanged + quarantined."""

    path: str
    revision: int
    rows_read: int
    landed: int
    superseded: int
    unchanged: int
    quarantined: int
    uncast: int


@dataclass
class TableReport:
    """What a landing run did for one table."""

    table: str
    files: list[FileReport] = field(default_factory=list)
    known_files: int = 0
    warnings: list[str] = field(default_factory=list)
    error: str | None = None
    seconds: float = 0.0

    def total(self, count: str) -> int:
        return sum(getattr(file, count) for file in self.files)

    @property
    def has_news(self) -> bool:
        return bool(self.files)

    def __str__(self) -> str:
        if self.error:
            return f"{self.table}: stopped, nothing was changed. {self.error}"
        if not self.files:
            return f"{self.table}: nothing new ({counted(self.known_files, 'file')} known)."
        parts = ("landed", "superseded", "unchanged", "quarantined")
        counts = ", ".join(f"{self.total(count):,} {count}" for count in parts)
        files, rows = counted(len(self.files), "new file"), counted(self.total("rows_read"), "row")
        return f"{self.table}: {files}, {rows} read: {counts} ({self.seconds:.1f} s)."


class LandingFailed(LandingError):
    """Some tables could not be landed; the others were."""

    def __init__(self, errors: Sequence[str], reports: Sequence[TableReport]) -> None:
        Exception.__init__(self, "\n".join(errors))
        self.errors = list(errors)
        self.reports = list(reports)


def land_all(
    settings: Settings, sources: Sequence[SourceTable], on_progress: OnProgress = lambda line: None
) -> list[TableReport]:
    """Lands every new file of every table. A table that fails does not stop the others; all errors come at the end."""
    reports = []
    landing_dir = settings.landing_dir
    if not landing_dir.is_dir():
        raise LandingError(
            f"The landing folder {landing_dir} does not exist. Create it, or correct CALL_ATTRIBUTION_LANDING_DIR."
        )
    with store.connect(settings.warehouse, settings.duckdb_memory) as con:
        for warning in unread_folders(landing_dir, sources):
            on_progress(f"Warning: {printable(warning)}")
        load_id = store.next_load_id(con)
        for table in sources:
            try:
                reports.append(land_table(con, table, landing_dir, settings.landing, load_id, on_progress))
            except LandingError as error:
                reports.append(TableReport(table.folder, error=str(error)))
                on_progress(str(reports[-1]))
        errors = [report.error for report in reports if report.error]
        known = [report for report in reports if not report.error and not report.has_news]
        if known:
            files_known = counted(sum(report.known_files for report in known), "file")
            on_progress(f"Nothing new in {counted(len(known), 'table')} ({files_known} known).")
        errors += other_trackers(landing_dir, sources)
        failed = {report.table for report in reports if report.error}
        errors += missing_inputs(con, sources, landing_dir, failed)
    if errors:
        raise LandingFailed(errors, reports)
    return reports


def land_table(
    con: duckdb.DuckDBPyConnection,
    table: SourceTable,
    landing_dir: Path,
    limits: LandingLimits = LIMITS_AS_SHIPPED,
    load_id: int | None = None,
    on_progress: OnProgress = lambda line: None,
) -> TableReport:
    """Lands the new files of one table: all of them, or none and an error."""
    started = time.monotonic()
    report = TableReport(table.folder)

    def notify(line: str) -> None:
        on_progress(printable(line))

    def warn(message: str) -> None:
        report.warnings.append(printable(message))
        notify(f"Warning: {message}")

    with _storage_errors(table):
        names = store.prepare(con, table)
        found, ignored = files.find_files(table, landing_dir, limits)
        for message in ignored:
            warn(message)
        known = store.known_files(con, table)
        report.known_files = len(known)
        new = [file for file in found if not _is_known(file, known)]
        digests = _digests(con, new, known, warn)
        new = [file for file in new if file.name in digests]
        load_id = load_id or store.next_load_id(con)
        if new:
            inspected = [readers.inspect(con, table, file) for file in new]
            _check_columns(table, inspected, known, warn)
            revisions = _revisions(new, known, warn)
            for one in inspected:
                for name in one.names:
                    names.add(name)
                if len(names.extras) > limits.columns:
                    what = "would bring the further columns of its table to more than"
                    raise files.too_large(one.file, what, limits.columns, "COLUMNS")
            load = Load(con, table, names, store.stage_table(table), load_id, store.utc_now(), revisions)
            report.files, noteworthy = _land(load, inspected, digests, notify)
            for message in noteworthy:
                warn(message)
        elif not versions.is_current(con, table, names):
            with store.transaction(con):
                unread = versions.derive_again(con, table, names, load_id)
                versions.save_signature(con, table, names, load_id)
            for message in _about_unread(table, unread, " of earlier files"):
                warn(message)
    report.seconds = time.monotonic() - started
    if quarantined := report.total("quarantined"):
        warn(
            f"{table.folder}: {counted(quarantined, 'record')} cannot be used; `make quarantine` lists the reasons"
            " (landing.quarantine)."
        )
    for message in _about_unread(table, report.total("uncast")):
        warn(message)
    if report.has_news:
        on_progress(str(report))
    return report


def _land(
    load: Load, inspected: Sequence[Inspected], digests: dict[str, "_Digest"], on_progress: OnProgress
) -> tuple[list[FileReport], list[str]]:
    """Reads the files into the stage, then merges them and updates the control tables in one transaction.

    Returns a report per file, and warnings about values.
    """
    con, table = load.con, load.table
    con.execute("CREATE OR REPLACE TEMP TABLE rejects (path VARCHAR, line BIGINT, reason VARCHAR, raw_text VARCHAR)")
    store.create(con, load.stage, load.names)
    try:
        rows = {}
        for one in inspected:
            on_progress(f"{one.file.name}: reading {_size(one.file.stamp.size)}")
            rows[one.file.name] = readers.read(load, one)
        with store.transaction(con):
            store.add_columns(con, table, load.names)
            unread = 0
            if not versions.is_current(con, table, load.names):
                unread = versions.derive_again(con, table, load.names, load.load_id)
            counts = versions.merge(load, inspected)
            versions.save_signature(con, table, load.names, load.load_id)
            reports = [
                FileReport(
                    path=name,
                    revision=load.revisions[name],
                    rows_read=read,
                    landed=counts.landed[name],
                    superseded=counts.superseded[name],
                    unchanged=counts.unchanged[name],
                    quarantined=counts.quarantined[name],
                    uncast=counts.uncast[name],
                )
                for name, read in rows.items()
            ]
            for one, report in zip(inspected, reports, strict=True):
                _check_sum(report)
                if report.quarantined > one.file.limits.quarantined:
                    raise files.too_large(one.file, "has more than", one.file.limits.quarantined, "QUARANTINED")
                files.check_unchanged(one.file)
                _record(load, one, digests[one.file.name], report)
        return reports, [*_about_values(table, counts), *_about_unread(table, unread, " of earlier files")]
    finally:
        # After an error. If a database cannot even do this, the next run cleans up.
        with suppress(duckdb.Error):
            con.execute("DROP TABLE IF EXISTS rejects")
            con.execute(f"DROP TABLE IF EXISTS {load.stage}")


def _about_values(table: SourceTable, counts: versions.Counts) -> list[str]:
    """Warnings about unexpected values: only columns and numbers, never a value."""
    words = [
        f"{table.folder}: {counted(number, 'value')} of {column} {agreeing(number, 'is', 'are')} a word for null, such "
        f"as null or None, and {agreeing(number, 'counts', 'count')} as empty."
        for column, number in sorted(counts.null_words.items())
    ]
    ids = [
        f"{table.folder}: {counted(number, 'value')} of {column} {agreeing(number, 'has', 'have')} neither 15 nor 18 "
        f"characters, as a Salesforce id has. Check that the export fills the column with ids of Salesforce."
        for column, number in sorted(counts.misshapen_ids.items())
    ]
    return words + ids


def _about_unread(table: SourceTable, number: int, where: str = "") -> list[str]:
    if not number:
        return []
    count, them = ("counts", "it") if number == 1 else ("count", "them")
    return [
        f"{table.folder}: {counted(number, 'value')}{where} cannot be read and {count} as empty; "
        f"`make quarantine` lists {them} (landing.uncast_values)."
    ]


@dataclass(frozen=True)
class _Digest:
    sha256: str
    taken_at_ns: int


def _is_known(file: SourceFile, known: Sequence[store.KnownFile]) -> bool:
    """Known by its time stamp alone, without reading it."""
    return any(
        one.path == file.name and one.stamp == file.stamp and one.stamp.is_settled(one.hashed_at_ns) for one in known
    )


def _digests(
    con: duckdb.DuckDBPyConnection,
    candidates: Sequence[SourceFile],
    known: Sequence[store.KnownFile],
    warn: Callable[[str], None],
) -> dict[str, _Digest]:
    """Digests of the files whose content is new under their name."""
    landed = {(one.path, one.sha256) for one in known}
    newest = {one.path: one.sha256 for one in known}
    digests = {}
    for file in candidates:
        digest = _Digest(taken_at_ns=time.time_ns(), sha256=files.sha256(file))
        if (file.name, digest.sha256) in landed:
            store.remember_stamp(con, file, digest.sha256, digest.taken_at_ns)
            if digest.sha256 != newest[file.name]:
                warn(
                    f"{file.name} has a content again that it had before the last one. A content lands once, so the "
                    "rows of the last one stay. To land it again, give the file another name that sorts later."
                )
        else:
            digests[file.name] = digest
    return digests


def _revisions(
    new: Sequence[SourceFile], known: Sequence[store.KnownFile], warn: Callable[[str], None]
) -> dict[str, int]:
    revisions = {}
    for file in new:
        revisions[file.name] = 1 + max((one.revision for one in known if one.path == file.name), default=0)
        if revisions[file.name] > 1:
            warn(
                f"{file.name} was landed before with other content. Its rows count as further versions; rows that "
                "it no longer contains are kept. Give every export its own name."
            )
    return revisions


def _check_columns(
    table: SourceTable,
    inspected: Sequence[Inspected],
    known: Sequence[store.KnownFile],
    warn: Callable[[str], None],
) -> None:
    """Checks the required columns of every file and of the table, and warns about columns that are missing."""
    seen = {normalise(name) for one in known for name in one.columns}
    useless: dict[str, list[str]] = {}
    for one in inspected:
        if not one.columns:
            continue
        has = {normalise(name) for name in one.names}
        if table.month_columns and one.months:
            has.add(normalise(table.month_columns.month))
        for need in table.required_columns:
            if not has & {normalise(name) for name in need}:
                raise LandingError(_missing_column(table, one, " or ".join(need)))
        if _only_deletes(table, has):
            continue
        missing = [useful for useful in table.useful if not has & {normalise(name) for name in useful.columns}]
        if missing:
            listed = "; ".join(f"{' or '.join(useful.columns)} ({useful.without})" for useful in missing)
            useless.setdefault(listed, []).append(one.file.name)
        known_missing = {normalise(name) for useful in missing for name in useful.columns}
        gone = [column.name for column in table.columns if normalise(column.name) in seen - has - known_missing]
        if gone:
            warn(f"{one.file.name} lacks columns that earlier files had; they are empty in its rows: {_listed(gone)}.")
        seen |= has
    for listed, names in useless.items():
        more = f" and {counted(len(names) - 1, 'more file')}" if len(names) > 1 else ""
        lacks = agreeing(len(names), "lacks columns that its rows need", "lack columns that their rows need")
        warn(f"{names[0]}{more} {lacks}: {listed}. Add them to the export.")
    if table.month_columns:
        _check_months(table, inspected, warn)
    for once in table.required_once:
        if seen and normalise(once.column) not in seen:
            raise LandingError(f"{table.folder}: no file has the column {once.column}. {once.hint}")


def _check_months(table: SourceTable, inspected: Sequence[Inspected], warn: Callable[[str], None]) -> None:
    """Warns about columns beside those of months whose names have digits: probably months in another form."""
    own = {normalise(column.name) for column in table.columns}
    for one in inspected:
        other = [
            name
            for name, month in zip(one.columns, one.months, strict=False)
            if not month and any(character.isdigit() for character in name) and normalise(name) not in own
        ]
        if other:
            warn(
                f"{one.file.name}: no costs are read from {_listed(other)}. Months are written Aug-17, Aug 2017 or "
                f"2017-08; rename the {agreeing(len(other), 'column if it is one', 'columns if they are months')}."
            )


def _listed(columns: Sequence[str]) -> str:
    """The first ten names, and how many more there are."""
    more = len(columns) - 10
    return ", ".join(columns[:10]) + (f" and {counted(more, 'more column')}" if more > 0 else "")


def _only_deletes(table: SourceTable, has: Set[str]) -> bool:
    """Whether a file is one of tombstones: nothing but keys, deletions and version times."""
    deletions = {normalise(name) for name in table.deleted_by}
    return bool(has & deletions) and has <= deletions | {normalise(name) for name in (*table.keys, *table.version)}


def _missing_column(table: SourceTable, one: Inspected, column: str) -> str:
    # The columns that it has are not listed: without a header they would be personal data.
    if table.month_columns and column == table.month_columns.value:
        column += " and no column for a month, such as Aug-17, Aug 2017 or 2017-08"
    message = f"{one.file.name} has no column {column}; it has {counted(len(one.columns), 'other column')}."
    has = {normalise(name) for name in one.columns}
    own = {normalise(column.name) for column in table.columns}
    for mark, advice in _SHAPES.items():
        if mark in has - own:
            return f"{message} {advice} You can also remove the file."
    if one.file.format != "csv" or has & own:
        return f"{message} Add it to the export, or remove the file."
    separator = next(
        (name for sign, name in _SEPARATORS.items() if len(one.columns) == 1 and sign in one.columns[0]), None
    )
    if separator:
        return f"{message} It seems to be separated by {separator}: export it separated by commas, or remove it."
    return (
        f"{message} None of them is a column of this table. The first line must name the columns: add the header if it "
        "is missing, or put the file into the folder of its table, or remove it."
    )


# Columns by which files of other programs are recognised (compared like column names), and what to do with these files.
_ARRAY_ADVICE = "Its rows seem to be in an array: write one object per line, for example with `jq -c '.{}[]'`."
_SHAPES = {
    "_airbytedata": (
        "It is Airbyte's raw format, in which _airbyte_data has the record as JSON. Switch on flattening at the root "
        "level (or normalization) in Airbyte's destination, so that each field is a column."
    ),
    "stream": (
        "It has Singer's messages, in which `record` has the row. Load them with a target that writes each field to a "
        "column."
    ),
    "payload": "It has messages in an envelope. Write the object in `payload` or `payload.after` alone, one per line.",
    "after": "It has changes of a table, as Debezium writes them. Write the object in `after` alone, one per line.",
    "schema": (
        "It has Snowplow's self-describing JSON, such as failed events. Export enriched events, or the table "
        "atomic.events (docs/trackers.md)."
    ),
    "messageid": (
        "It has raw calls of Segment or RudderStack. Export the tables pages, tracks and identifies of its warehouse "
        "destination (docs/trackers.md)."
    ),
    "properties": (
        "Its fields are inside `properties`, as Mixpanel, PostHog and HubSpot write them. Write each field to a "
        "column. For a web tracker, set variable web_tracker to generic and name the columns in seed tracker_columns "
        "(docs/trackers.md)."
    ),
    **{
        name: f"It has the events of {tracker}. Set variable web_tracker, and put the file into the folder of its "
        "table (docs/trackers.md)."
        for name, tracker in {
            "eventparams": "Google Analytics 4",
            "domainuserid": "Snowplow",
            "anonymousid": "Segment or RudderStack",
        }.items()
    },
    **{
        name: f"It has the events of {tracker}, for which there is no mapping. Write one row per event, set variable "
        "web_tracker to generic and name the columns in seed tracker_columns (docs/trackers.md)."
        for name, tracker in {
            "amplitudeid": "Amplitude",
            "distinctid": "Mixpanel or PostHog",
            "idvisitor": "Matomo",
            "postvisidhigh": "Adobe Analytics",
            "visidhigh": "Adobe Analytics",
            "identitymap": "Adobe Experience Platform",
            "fullvisitorid": "Universal Analytics",
            "actiondetails": "Matomo",
            "eventnctxeventid": "Jitsu",
            "mpid": "mParticle",
            "websiteid": "Umami",
        }.items()
    },
    **{name: _ARRAY_ADVICE.format(name) for name in ("records", "data", "results", "items", "calls", "transactions")},
    "_timestamp": "Its time is in _timestamp, as in data lakes of RudderStack. Name this column timestamp.",
}
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


def _check_sum(report: FileReport) -> None:
    total = report.landed + report.superseded + report.unchanged + report.quarantined
    if report.rows_read != total:
        raise LandingError(
            f"{report.path}: {report.rows_read:,} rows were read, but {total:,} are counted. Report this with "
            "the columns of the file."
        )


def _record(load: Load, one: Inspected, digest: _Digest, report: FileReport) -> None:
    columns = dict.fromkeys(load.names.add(name) for name in one.names)
    stamp = one.file.stamp
    load.con.execute(
        """
        INSERT INTO landing.files BY NAME
        SELECT
            $path AS path, $revision AS revision, $sha256 AS sha256, $source AS source, $table AS table_name,
            $format AS format, $columns::VARCHAR[] AS columns, $rows_read AS rows_read, $landed AS landed,
            $superseded AS superseded, $unchanged AS unchanged, $quarantined AS quarantined, $uncast AS uncast,
            $load_id AS load_id, $landed_at AS landed_at, $size AS size, $mtime_ns AS mtime_ns,
            $ctime_ns AS ctime_ns, $hashed_at_ns AS hashed_at_ns
        """,
        asdict(report)
        | asdict(stamp)
        | {
            "sha256": digest.sha256,
            "hashed_at_ns": digest.taken_at_ns,
            "source": load.table.source,
            "table": load.table.name,
            "format": one.file.format,
            "columns": list(columns),
            "load_id": load.load_id,
            "landed_at": load.loaded_at,
        },
    )


def missing_inputs(
    con: duckdb.DuckDBPyConnection, sources: Sequence[SourceTable], landing_dir: Path, failed: Set[str] = frozenset()
) -> list[str]:
    """One message for every required table that never had a file and did not fail otherwise."""
    has_files = {row for row in con.execute("SELECT DISTINCT source, table_name FROM landing.files").fetchall()}
    empty = [
        table
        for table in sources
        if table.folder not in failed
        and (table.source, table.name) not in has_files
        and not files.find_files(table, landing_dir)[0]
    ]
    messages = [_no_files(landing_dir, [table]) for table in empty if table.required]
    for group in dict.fromkeys(table.required_group for table in sources if table.required_group):
        members = [table for table in sources if table.required_group == group]
        if all(table in empty for table in members):
            messages.append(_no_files(landing_dir, members))
    return messages


def _no_files(landing_dir: Path, tables: Sequence[SourceTable]) -> str:
    folders = " or ".join(str(landing_dir / table.source / table.name) for table in tables)
    named = " or ".join(table.folder for table in tables)
    return f"No file for {named}: put the export (CSV, JSON lines or Parquet) into {folders}."


TRACKERS = {"marketo_measure": "Marketo Measure", "snowplow": "Snowplow", "segment": "Segment"}
TRACKERS |= {"rudderstack": "RudderStack", "ga4": "Google Analytics 4", "generic": "a generic tracker"}


@cache
def _tables_of_trackers() -> list[SourceTable]:
    return [table for table in read_sources(PROJECT_DIR, None) if table.tracker]


def other_trackers(landing_dir: Path, sources: Sequence[SourceTable]) -> list[str]:
    """One message for every folder with files of a web tracker that is not selected: they would count nowhere."""
    selected = {table.tracker for table in sources if table.tracker}
    others = [table for table in _tables_of_trackers() if table.tracker not in selected]
    return [
        f"{table.folder} has files of {TRACKERS[table.tracker]}, but variable web_tracker is {' or '.join(selected)}. "
        f"Set it to {table.tracker} (docs/trackers.md), or move the folder away."
        for table in others
        if selected and table.tracker and any(files.visible_files(table, landing_dir))
    ]


def unread_folders(landing_dir: Path, sources: Sequence[SourceTable]) -> list[str]:
    """Warnings about folders that belong to no table: most often a spelling mistake."""
    known = {table.folder: table.folder for table in sources}
    reported = {table.folder for table in _tables_of_trackers()}
    folders = sorted({table.source for table in sources})
    if not any((landing_dir / folder).is_dir() for folder in folders):
        return [f"{landing_dir} has none of the folders {', '.join(folders)}, so nothing can be landed from it."]
    warnings = []
    for source in folders:
        parent = landing_dir / source
        for folder in sorted(parent.iterdir()) if parent.is_dir() else []:
            name = f"{source}/{folder.name}"
            if not folder.is_dir() or name in known or name in reported or folder.name.startswith((".", "_")):
                continue
            near = difflib.get_close_matches(name.lower(), [one.lower() for one in known], n=1, cutoff=0.7)
            meant = next((one for one in known if near and one.lower() == near[0]), None)
            warnings.append(f"{name} is not read: there is no such table.{f' Did you mean {meant}?' if meant else ''}")
    return warnings


@contextmanager
def _storage_errors(table: SourceTable) -> Iterator[None]:
    """Errors of the disk or of memory in the user's words."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise LandingError(
            f"{table.folder}: {reason_of(error)}. Raise CALL_ATTRIBUTION_MEMORY_LIMIT, or put fewer or smaller files "
            "there at a time."
        ) from error
    except STORAGE_ERRORS as error:
        reason = reason_of(error)
        free = "Free some space on its disk or allow writing there, and run again."
        advice = RESTORE if "damaged" in reason else free
        raise LandingError(f"{table.folder}: the warehouse could not be written ({reason}). {advice}") from error
    except duckdb.Error as error:
        raise LandingError(
            f"{table.folder}: DuckDB failed unexpectedly with {type(error).__name__} ({place_of(error)}). Run again; "
            "if it happens again, report it with the names of the files."
        ) from error


def _size(size: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:,.0f} {unit}"
        size /= 1000
    return f"{size:,.1f} GB"
