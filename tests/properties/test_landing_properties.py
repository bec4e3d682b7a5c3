"""Landing against a plain model: whatever the files look like and however they arrive, the same rows stay.

The model knows what was written, not how to read it: every record is drawn together with what it means.
"""

import csv
import gzip
import io
import json
import re
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.lib import landing
from orchestration.lib.landing.contract import TECHNICAL_COLUMNS, Column, SourceTable, landed_name

pytestmark = pytest.mark.slow

TABLE = SourceTable(
    source="web",
    name="things",
    columns=tuple(
        Column(name, data_type)
        for name, data_type in (
            ("ID", "id"),
            ("EVENT_DATE", "timestamp"),
            ("MODIFIED_DATE", "timestamp"),
            ("IS_DELETED", "boolean"),
            ("NOTE", "varchar"),
        )
    ),
    key="ID",
    required_columns=(("ID",), ("EVENT_DATE",)),
    event_time="EVENT_DATE",
    version=("MODIFIED_DATE", "_fivetran_synced"),
    deleted_by=("IS_DELETED",),
)
SPELLINGS = {
    "ID": ["ID", "id", "Id"],
    "EVENT_DATE": ["EVENT_DATE", "event date", "EventDate"],
    "MODIFIED_DATE": ["MODIFIED_DATE", "modified_date"],
    "IS_DELETED": ["IS_DELETED", "IsDeleted"],
    "NOTE": ["NOTE", "note"],
    "Extra": ["Extra", "EXTRA"],
    "_fivetran_active": ["_fivetran_active"],
    "_fivetran_start": ["_fivetran_start"],
}
COLUMNS = list(SPELLINGS)
# Columns that nobody asked for, with names that the program, SQL or DuckDB uses. Each lands as a column of its own.
FOREIGN = ["rowid", "path", "line", "reason", "item", "texts", "stage", "struct", "file_row_number", "version_number"]
FOREIGN += ["c0", "select", "source_row_key", "names_key", *TECHNICAL_COLUMNS]

# Text, and what it means to the model: the key, the time, the flag.
MARKER = "\\N"  # null in CSV files
KEYS = {"a": "a", "b": "b", " b": "b", "c": "c", "": None, " \u00a0": None, "NULL": None}
NOON = datetime(2024, 1, 1, 12)
TIMES = {
    "": None,
    "2024-01-01 12:00:00": NOON,
    "2024-01-01T13:00:00.000+0100": NOON,
    "1704110400": NOON,
    "2024-01-01T12:00:00.000001Z": NOON + timedelta(microseconds=1),
    "2024-01-02": datetime(2024, 1, 2),
    "2024-01-01 12:00 PM": NOON,
    "soon": None,
    "nan": None,
    "0000-01-01 00:00:00": None,
}
FLAGS = {"": None, "true": True, "1": True, "1.0": True, "False": False, "0.0": False, "maybe": None, "None": None}
NOTES = [
    "",
    "x",
    "y",
    "null",
    MARKER,
    'say "hi", twice',
    "two\nlines",
    "a\r\n\n\nb",
    '"',
    ",",
    ' "q"',
    '5" pipe',
    "\ud7ff€",
]


@dataclass(frozen=True)
class Record:
    """One record of a file: values by column, or text that is not a record."""

    values: dict[str, str] = field(default_factory=dict)
    broken: str | None = None
    blanks_before: int = 0

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True)
class File:
    name: str
    format: str
    columns: tuple[str, ...]
    header: tuple[str, ...]
    records: tuple[Record, ...]
    line_break: str
    has_mark: bool
    ends_with_break: bool
    quote_all: bool

    def write(self, folder: Path) -> dict[int, Record]:
        """Writes the file and says on which line (in Parquet: row) each record starts."""
        path = folder / f"{self.name}.{self.format}"
        path.parent.mkdir(parents=True, exist_ok=True)
        if self.format == "parquet":
            return self._write_parquet(path)
        is_csv = self.format.startswith("csv")
        starts: dict[int, Record] = {}
        text = "\ufeff" if self.has_mark else ""
        text += self._csv_line(self.header) if is_csv else ""
        for record in self.records:
            text += self.line_break * record.blanks_before
            starts[1 + text.count("\n")] = record
            text += self._render(record, is_csv)
        if not self.ends_with_break:
            text = text.removesuffix(self.line_break)
        data = text.encode()
        path.write_bytes(gzip.compress(data, mtime=0) if self.format.endswith(".gz") else data)
        return starts

    def _render(self, record: Record, is_csv: bool) -> str:
        if record.broken is not None:
            return record.broken + self.line_break
        if is_csv:
            return self._csv_line([record.values[column] for column in self.columns])
        values = {name: record.values[column] for name, column in zip(self.header, self.columns, strict=True)}
        return json.dumps(values, ensure_ascii=False) + self.line_break

    def _csv_line(self, values: Sequence[str]) -> str:
        buffer = io.StringIO()
        quoting = csv.QUOTE_ALL if self.quote_all else csv.QUOTE_MINIMAL
        csv.writer(buffer, lineterminator=self.line_break, quoting=quoting).writerow(values)
        return buffer.getvalue()

    def _write_parquet(self, path: Path) -> dict[int, Record]:
        usable = [record for record in self.records if record.broken is None]
        with duckdb.connect() as con:
            columns = ", ".join(f'"{name}" VARCHAR' for name in self.header)
            con.execute(f"CREATE TABLE file ({columns})")
            for record in usable:
                values = [record.values[column] for column in self.columns]
                con.execute(f"INSERT INTO file VALUES ({', '.join('?' * len(values))})", values)
            con.execute("COPY file TO $path (FORMAT parquet)", {"path": str(path)})
        return dict(enumerate(usable, 1))


@st.composite
def some_files(draw: st.DrawFn, name: str) -> File:
    format = draw(st.sampled_from(["csv", "csv", "csv.gz", "jsonl", "parquet"]))
    optional = draw(st.sets(st.sampled_from(COLUMNS[2:])))
    foreign = draw(st.sets(st.sampled_from(FOREIGN), max_size=4))
    columns = tuple(draw(st.permutations([*COLUMNS[:2], *sorted(optional | foreign)])))
    broken = {
        "csv": ["a", "a,2024-01-01" + "," * 20, '"open" and shut,', "," * 20],
        "jsonl": ["{", "[]", '"a"', "a,b"],
    }[format.split(".")[0] if format != "parquet" else "csv"]
    values = st.fixed_dictionaries(
        {
            "ID": st.sampled_from(list(KEYS)),
            "EVENT_DATE": st.sampled_from(["2024-01-01", "2024-01-01", "2024-01-01", "", "soon", MARKER]),
            "MODIFIED_DATE": st.sampled_from(list(TIMES)),
            "IS_DELETED": st.sampled_from(list(FLAGS)),
            "NOTE": st.sampled_from(NOTES),
            "Extra": st.sampled_from(["", "p", "q\nr", "null", MARKER]),
            "_fivetran_active": st.sampled_from(["", "true", "false", "undefined"]),
            "_fivetran_start": st.sampled_from(["", "2024-01-01", "2024-01-02"]),
            **{name: st.sampled_from(["", "0", "1", "x"]) for name in FOREIGN},
        }
    )
    good = st.builds(Record, values, st.none(), st.sampled_from([0, 0, 0, 1]))
    bad = st.builds(Record, st.just({}), st.sampled_from(broken))
    records = draw(st.lists(st.one_of(good, good, good, bad), max_size=6))
    if draw(st.booleans()):  # nothing broken, no blank lines: the fast way
        records = [replace(record, blanks_before=0) for record in records if record.broken is None]
    return File(
        name=name,
        format=format,
        columns=columns,
        header=tuple(draw(st.sampled_from(SPELLINGS.get(column, [column]))) for column in columns),
        records=tuple(records),
        line_break=draw(st.sampled_from(["\n", "\n", "\r\n"])),
        has_mark=draw(st.booleans()),
        ends_with_break=draw(st.booleans()),
        quote_all=draw(st.booleans()),
    )


@st.composite
def arrivals(draw: st.DrawFn) -> list[File]:
    """Files in the order in which they are written; a name can come again with other content."""
    names = draw(st.lists(st.sampled_from(["1", "2", "3", "sub/1"]), min_size=1, max_size=5))
    return [draw(some_files(name)) for name in names]


@dataclass(frozen=True)
class Version:
    """A row as the model sees it."""

    key: str
    modified: datetime | None
    is_deleted: bool
    path: str
    revision: int
    line: int
    content: tuple[tuple[str, str], ...]
    began: datetime | None = None
    is_closed: bool = False

    @property
    def rank(self) -> tuple[datetime, bool, datetime, bool, str, int, int]:
        closing = (self.began or datetime.min, self.is_closed)
        return (self.modified or datetime.min, self.is_deleted, *closing, self.path, self.revision, self.line)


def meaning(file: File, record: Record) -> dict[str, str]:
    """A record's values, with blanks for what means null."""
    values = {column: record.values[column] for column in file.columns} if record.values else {}
    if file.format.startswith("csv"):
        values = {column: "" if value == MARKER else value for column, value in values.items()}
    words = {"NULL", "None", "nan", "undefined"}
    typed = {column.name for column in TABLE.columns if column.data_type != "varchar"} | {"_fivetran_active"}
    return {column: "" if column in typed and value in words else value for column, value in values.items()}


class Model:
    """The rules, one row after the other."""

    def __init__(self) -> None:
        self.stored: dict[str, Version] = {}
        self.revisions: Counter[str] = Counter()
        self.known: set[tuple[str, bytes]] = set()

    def land(self, batch: Sequence[tuple[str, bytes, File, dict[int, Record]]]) -> dict[str, Counter[str]]:
        counts: dict[str, Counter[str]] = {}
        arrived: dict[str, list[Version]] = {}
        for path, content, file, starts in batch:
            if (path, content) in self.known:
                continue
            self.known.add((path, content))
            self.revisions[path] += 1
            count = counts[path] = Counter(rows_read=len(starts))
            for line, record in starts.items():
                values = meaning(file, record)
                key = KEYS[values["ID"]] if values else None
                if key is None or not TIMES.get(values["EVENT_DATE"], values["EVENT_DATE"] == "2024-01-01"):
                    count["quarantined"] += 1
                else:
                    row = Version(
                        key=key,
                        modified=TIMES[values.get("MODIFIED_DATE", "")],
                        is_deleted=bool(FLAGS[values.get("IS_DELETED", "")]),
                        began=datetime.fromisoformat(began) if (began := values.get("_fivetran_start")) else None,
                        is_closed=values.get("_fivetran_active") == "false",
                        path=path,
                        revision=self.revisions[path],
                        line=line,
                        content=tuple(
                            sorted((landed_name(name), text.strip()) for name, text in values.items() if text.strip())
                        ),
                    )
                    arrived.setdefault(key, []).append(row)
        for key, rows in arrived.items():
            self._judge(key, rows, counts)
        return counts

    def _judge(self, key: str, rows: list[Version], counts: dict[str, Counter[str]]) -> None:
        stored = self.stored.get(key)
        known = [stored] if stored else []
        newest = max([*rows, *known], key=lambda row: row.rank)
        is_news = stored is None or newest.content != stored.content
        for row in rows:
            if row is newest and is_news:
                verdict = "landed"
            else:
                verdict = "unchanged" if row.content == newest.content else "superseded"
            counts[row.path][verdict] += 1
        self.stored[key] = newest


class Dataset:
    """A landing folder with its warehouse, and the model beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "landing"
        self.warehouse = folder / "warehouse.duckdb"
        self.model = Model()
        self.waiting: dict[str, tuple[str, bytes, File, dict[int, Record]]] = {}

    def write(self, file: File) -> None:
        path = f"{TABLE.folder}/{file.name}.{file.format}"
        starts = file.write(self.folder / TABLE.folder)
        self.waiting[path] = (path, (self.folder / path).read_bytes(), file, starts)

    def land(self) -> None:
        expected = self.model.land(list(self.waiting.values()))
        self.waiting = {}
        with landing.connect(self.warehouse) as con:
            report = landing.land_table(con, TABLE, self.folder)
        for file in report.files:
            parts = (file.landed, file.superseded, file.unchanged, file.quarantined)
            assert file.rows_read == sum(parts), "rows read = landed + superseded + unchanged + quarantined"
        names = ("rows_read", "landed", "superseded", "unchanged", "quarantined")
        found = {file.path: {name: getattr(file, name) for name in names} for file in report.files}
        assert found == {path: {name: count[name] for name in names} for path, count in expected.items()}

    def rows(self) -> list[dict[str, object]]:
        with duckdb.connect(str(self.warehouse), read_only=True) as con:
            cursor = con.execute(
                "SELECT * EXCLUDE (_loaded_at, _load_id, _content_hash) FROM raw_web.things ORDER BY _row_key"
            )
            names = [column[0] for column in cursor.description or []]
            return [{n: v for n, v in zip(names, row, strict=True) if v is not None} for row in cursor.fetchall()]

    def quarantine(self) -> list[tuple[object, ...]]:
        with duckdb.connect(str(self.warehouse), read_only=True) as con:
            return con.execute("SELECT path, revision, line, reason, raw_text FROM landing.quarantine").fetchall()


def by_canonical_name(row: dict[str, object]) -> dict[str, object]:
    """A column from files keeps the spelling of the first file that has it."""
    return {("Extra" if name == "EXTRA" else name): value for name, value in row.items()}


def expected_row(row: Version) -> dict[str, object]:
    technical: dict[str, object] = {
        "_row_key": row.key,
        "_version_at": row.modified,
        "_is_deleted": row.is_deleted or row.is_closed,
        "_source_file": row.path,
        "_source_revision": row.revision,
        "_source_line": row.line,
    }
    return {name: value for name, value in [*row.content, *technical.items()] if value is not None}


@given(arrivals(), st.data())
def test_landing_does_what_the_plain_model_does(files: list[File], data: st.DataObject) -> None:
    """After any batches: the newest version of every key, from its own line, with the model's numbers."""
    with tempfile.TemporaryDirectory() as folder:
        dataset = Dataset(Path(folder))
        for file in files:
            dataset.write(file)
            if data.draw(st.booleans(), label="land now"):
                dataset.land()
        dataset.land()
        dataset.land()
        expected = [expected_row(dataset.model.stored[key]) for key in sorted(dataset.model.stored)]
        assert [by_canonical_name(row) for row in dataset.rows()] == expected


@given(arrivals(), st.randoms(use_true_random=False), st.data())
def test_the_order_and_batching_of_files_do_not_matter(files: list[File], chance: object, data: st.DataObject) -> None:
    """Each name once: then every order, any batches and any repetition leave the same rows and the same quarantine."""
    files = list({f"{file.name}.{file.format}": file for file in files}.values())
    shuffled = [*files, *data.draw(st.lists(st.sampled_from(files), max_size=2), label="again")]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        at_once, bit_by_bit = Dataset(Path(first)), Dataset(Path(second))
        for file in files:
            at_once.write(file)
        at_once.land()
        for file in shuffled:
            bit_by_bit.write(file)
            bit_by_bit.land()
        assert [*map(by_canonical_name, bit_by_bit.rows())] == [*map(by_canonical_name, at_once.rows())]
        assert sorted(map(str, bit_by_bit.quarantine())) == sorted(map(str, at_once.quarantine()))


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "America/New_York"])
def test_the_machines_time_zone_does_not_matter(tmp_path: Path, zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    moment = datetime(2024, 3, 10, 7, 30, tzinfo=UTC)
    path = tmp_path / "landing" / TABLE.folder / "x.parquet"
    path.parent.mkdir(parents=True)
    with duckdb.connect() as con:
        con.execute("CREATE TABLE file (ID INTEGER, EVENT_DATE TIMESTAMPTZ, MODIFIED_DATE TIMESTAMPTZ)")
        con.execute("INSERT INTO file VALUES (1, $moment, $moment)", {"moment": moment})
        con.execute("COPY file TO $path (FORMAT parquet)", {"path": str(path)})
    with landing.connect(tmp_path / "warehouse.duckdb") as con:
        landing.land_table(con, TABLE, tmp_path / "landing")
        rows = con.execute("SELECT EVENT_DATE, _version_at FROM raw_web.things").fetchall()
    assert rows == [("2024-03-10 07:30:00", moment.replace(tzinfo=None))]


@st.composite
def damaged_files(draw: st.DrawFn) -> tuple[str, bytes]:
    """A file of any text in any format and encoding, with some of its bytes replaced, removed or added."""
    format = draw(st.sampled_from(["csv", "csv", "csv.gz", "jsonl", "jsonl", "jsonl.gz", "parquet"]))
    text = st.one_of(
        st.text(max_size=8), st.sampled_from([*NOTES, "NULL", "\\n", "\x00", "\ufffe", "1e3", "0000-00-00"])
    )
    rows = draw(st.lists(st.tuples(st.sampled_from("abc"), text, text), max_size=4))
    if format == "parquet":
        data = parquet_bytes(rows, draw(st.sampled_from(["VARCHAR", "BLOB", "VARCHAR[]", "STRUCT(x VARCHAR)"])))
    elif format.startswith("csv"):
        buffer = io.StringIO()
        csv.writer(buffer).writerows(
            [["ID", "EVENT_DATE", "NOTE", "Extra"], *([i, "2024-01-01", *r] for i, *r in rows)]
        )
        data = buffer.getvalue().encode(
            draw(st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-16", "cp1252"])), "replace"
        )
    else:
        records = [{"ID": i, "EVENT_DATE": "2024-01-01", "NOTE": n, "Extra": e} for i, n, e in rows]
        is_ascii = draw(st.booleans())
        data = "".join(json.dumps(record, ensure_ascii=is_ascii) + "\n" for record in records).encode()
    data = gzip.compress(data, mtime=0) if format.endswith(".gz") and draw(st.booleans()) else data
    noise = st.one_of(
        st.binary(max_size=3), st.sampled_from([b'"', b",", b"\n", b"\r", b"\x00", b"\xff", b"{", b"\\ud83d"])
    )
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(data)))
        data = data[:at] + draw(noise) + data[at + draw(st.integers(0, 3)) :]
    return format, data


def parquet_bytes(rows: list[tuple[str, str, str]], data_type: str) -> bytes:
    made = {"VARCHAR": "$note", "BLOB": "encode($note)", "VARCHAR[]": "[$note]", "STRUCT(x VARCHAR)": "{'x': $note}"}
    with duckdb.connect() as con, tempfile.TemporaryDirectory() as folder:
        con.execute(f'CREATE TABLE file (ID VARCHAR, EVENT_DATE DATE, NOTE {data_type}, "Extra" VARCHAR)')
        for key, note, extra in rows:
            values = {"key": key, "note": note, "extra": extra}
            con.execute(f"INSERT INTO file SELECT $key, DATE '2024-01-01', {made[data_type]}, $extra", values)
        con.execute("COPY file TO $path (FORMAT parquet)", {"path": f"{folder}/file"})
        return (Path(folder) / "file").read_bytes()


def without_gaps(text: str) -> str:
    """The number of replacement characters for a truncated character does not matter."""
    return re.sub("\ufffd+", "\ufffd", text)


@given(damaged_files())
def test_any_file_lands_or_is_refused_and_no_value_is_another(file: tuple[str, bytes]) -> None:
    """No traceback, counts that sum, and every landed text is on its line of the file."""
    format, data = file
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "landing" / TABLE.folder / f"x.{format}"
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
        with landing.connect(Path(folder) / "warehouse.duckdb") as con:
            try:
                report = landing.land_table(con, TABLE, Path(folder) / "landing")
            except landing.LandingError as error:
                assert "unexpectedly" not in str(error) and str(error).isprintable()
                return
            rows = con.execute("SELECT _source_line, NOTE FROM raw_web.things WHERE NOTE IS NOT NULL").fetchall()
        [counts] = report.files
        assert counts.rows_read == counts.landed + counts.superseded + counts.unchanged + counts.quarantined
        if format == "parquet":
            return
        plain = gzip.decompress(data) if format.endswith(".gz") else data
        text = without_gaps(plain.decode("utf-8-sig", "replace"))
        for line, note in rows:
            rest, note = text.split("\n", line - 1)[-1], without_gaps(note)
            if format.startswith("csv"):
                assert note.replace('"', '""') in rest or note in rest
            else:
                found = json.loads(rest.split("\n")[0])["NOTE"]
                assert note == (found.strip() if isinstance(found, str) else note)
