"""Landing: every shape of files, quarantine, versions, and counts."""

import bz2
import gzip
import io
import itertools
import json
import lzma
import os
import re
import time
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.lib import landing
from orchestration.lib.landing import LandingError, contract, files, readers, records, store, versions
from orchestration.lib.settings import PROJECT_DIR, LandingLimits, Settings

CONTRACT = """
sources:
  - name: web
    schema: raw_web
    tables:
      - name: visits
        config:
          meta:
            landing:
              key: ID
              required_columns: [ID, EVENT_DATE, COOKIE_ID | SESSION_ID]
              event_time: EVENT_DATE
              version: [MODIFIED_DATE, _fivetran_synced]
              deleted_by: [IS_DELETED, _DELETED_DATE, _fivetran_deleted]
              required_group: web
        columns:
          - {name: ID, data_type: id}
          - {name: COOKIE_ID, data_type: cookie_id}
          - {name: SESSION_ID, data_type: id}
          - {name: EVENT_DATE, data_type: timestamp}
          - {name: MODIFIED_DATE, data_type: timestamp}
          - {name: IS_DELETED, data_type: boolean}
          - {name: _DELETED_DATE, data_type: timestamp}
          - {name: PAGE_COUNT, data_type: number}
          - {name: DAY, data_type: date}
          - {name: NOTE, data_type: varchar}
  - name: salesforce
    schema: raw_salesforce
    tables:
      - name: Task
        config:
          meta:
            landing:
              key: Id
              required_columns: [Id]
              required_once: [{column: bizible2__BizibleId__c, hint: It comes with version 6.7 of the package.}]
              version: [SystemModstamp, LastModifiedDate]
              deleted_by: [IsDeleted, _fivetran_deleted]
              required: true
        columns:
          - {name: Id, data_type: salesforce_id}
          - {name: IsDeleted, data_type: boolean}
          - {name: SystemModstamp, data_type: timestamp}
          - {name: LastModifiedDate, data_type: timestamp}
          - {name: Description, data_type: varchar}
          - {name: CallDurationInSeconds, data_type: number}
          - {name: bizible2__BizibleId__c, data_type: cookie_id}
"""
VISITS = "web/visits"
TASK = "salesforce/Task"


class Folder:
    """A landing folder and the warehouse beside it."""

    def __init__(self, path: Path) -> None:
        (path / "models" / "staging" / "any").mkdir(parents=True)
        (path / "models" / "staging" / "any" / "_any__sources.yml").write_text(CONTRACT)
        self.path = path / "landing"
        self.warehouse = path / "warehouse.duckdb"
        self.tables = {table.folder: table for table in landing.read_sources(path)}
        self.lines: list[str] = []
        self.limits = LandingLimits()

    def write(self, name: str, data: str | bytes, table: str = VISITS) -> Path:
        path = self.path / table / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path

    def parquet(self, name: str, select: str, table: str = VISITS, options: str = "") -> Path:
        path = self.path / table / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with duckdb.connect() as con:
            con.execute("SET TimeZone = 'Asia/Tokyo'")
            con.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet{options})")
        return path

    def land(self, table: str = VISITS) -> landing.TableReport:
        with landing.connect(self.warehouse) as con:
            return landing.land_table(con, self.tables[table], self.path, self.limits, on_progress=self.lines.append)

    def land_all(self) -> list[landing.TableReport]:
        settings = Settings(self.path, self.warehouse, self.path / "marts.duckdb", landing=self.limits)
        return landing.land_all(settings, list(self.tables.values()), self.lines.append)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.warehouse), read_only=True) as con:
            con.execute("SET TimeZone = 'UTC'")
            return con.execute(sql).fetchall()

    def rows(self, columns: str = "ID, _source_line, NOTE") -> list[tuple[Any, ...]]:
        return self.query(f"SELECT {columns} FROM raw_web.visits ORDER BY _row_key")

    def quarantine(self) -> list[tuple[Any, ...]]:
        return self.query("SELECT line, reason, raw_text FROM landing.quarantine ORDER BY path, line")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def counts(report: landing.TableReport) -> tuple[int, ...]:
    """Rows read, landed, superseded, unchanged, quarantined."""
    return tuple(report.total(name) for name in ("rows_read", "landed", "superseded", "unchanged", "quarantined"))


def visits(*rows: Iterable[str]) -> str:
    """A CSV file of visits: ID, NOTE as given."""
    return "".join(
        f"{line}\n" for line in ["ID,COOKIE_ID,EVENT_DATE,NOTE", *(f"{i},c,2024-01-01,{n}" for i, n in rows)]
    )


# CSV


@pytest.mark.parametrize("blank_end", ["", "\n"], ids=["fast", "exact"])
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_csv_values_and_the_lines_on_which_records_start(folder: Folder, line_break: str, blank_end: str) -> None:
    """Line breaks and quotes in values; a blank line at the end makes landing go the exact way."""
    text = visits(
        ("a", '"two\nlines, ""quoted"""'),
        ("b", "plain"),
        ("c", '""'),
        ("d", '5" pipe'),
        ("e", '"crlf\r\ninside\r\n\r\nand a blank line"'),
        ("f", '"lone \r return"'),
        ("g", " trimmed\u00a0"),
        ("h", ""),
    )
    head, body = text.split("\n", 1)
    body = body.replace(",2024-01-01,plain\n", f",2024-01-01,plain{line_break}")
    folder.write("x.csv", head + line_break + body + blank_end)
    assert counts(folder.land()) == (8, 8, 0, 0, 0)
    assert folder.rows() == [
        ("a", 2, 'two\nlines, "quoted"'),
        ("b", 4, "plain"),
        ("c", 5, None),
        ("d", 6, '5" pipe'),
        ("e", 7, "crlf\r\ninside\r\n\r\nand a blank line"),
        ("f", 11, "lone \r return"),
        ("g", 12, "trimmed"),
        ("h", 13, None),
    ]


def test_csv_with_windows_line_ends_throughout(folder: Folder) -> None:
    folder.write("x.csv", visits(("a", '"x\ny"'), ("b", '"q"')).replace("\n", "\r\n"))
    folder.land()
    assert folder.rows() == [("a", 2, "x\r\ny"), ("b", 4, "q")]


def test_csv_byte_order_mark_quoted_header_and_no_line_break_at_the_end(folder: Folder) -> None:
    folder.write("x.csv", b'\xef\xbb\xbf"ID","COOKIE_ID","EVENT_DATE","NOTE"\n"a","c","2024-01-01","n"')
    assert counts(folder.land()) == (1, 1, 0, 0, 0)
    assert folder.rows() == [("a", 2, "n")]


@pytest.mark.parametrize(
    "data",
    [b"", b"\xef\xbb\xbf", b"\n\n", b"\r\n"],
    ids=["no byte", "byte-order mark", "blank lines", "one blank line"],
)
@pytest.mark.parametrize("name", ["x.csv", "x.csv.gz", "x.jsonl", "x.jsonl.gz"])
def test_empty_files_have_no_rows_and_are_landed(folder: Folder, name: str, data: bytes) -> None:
    folder.write(name, gzip.compress(data) if name.endswith(".gz") else data)
    assert counts(folder.land()) == (0, 0, 0, 0, 0)
    assert folder.query("SELECT path, rows_read FROM landing.files") == [(f"{VISITS}/{name}", 0)]
    assert not folder.land().files


@pytest.mark.parametrize("name", ["x.csv.gz", "x.parquet"])
def test_files_without_a_byte(folder: Folder, name: str) -> None:
    folder.write(name, b"")
    assert counts(folder.land()) == (0, 0, 0, 0, 0)


@pytest.mark.parametrize("header", ["ID,COOKIE_ID,EVENT_DATE", "\ufeffID,COOKIE_ID,EVENT_DATE\r\n"])
def test_a_header_alone_has_no_rows(folder: Folder, header: str) -> None:
    folder.write("x.csv", header)
    assert counts(folder.land()) == (0, 0, 0, 0, 0)
    assert folder.rows() == []


def test_records_that_do_not_split_into_the_header_are_quarantined(folder: Folder) -> None:
    lines = [
        "ID,COOKIE_ID,EVENT_DATE,NOTE",
        'a,c,2024-01-01,"one\nmore"',
        "b,c,2024-01-01",
        "",
        "c,c,2024-01-01,too many,",
        'd,c,2024-01-01,"garbage" after',
        'e,c,2024-01-01,"also\ntoo","many"',
        "   ",
        "f,c,2024-01-01,fine",
        'g,c,2024-01-01,"never closed',
        "h,c,2024-01-01,swallowed",
    ]
    folder.write("x.csv", "\n".join(lines) + "\n")
    report = folder.land()
    assert counts(report) == (8, 2, 0, 0, 6)
    assert folder.rows() == [("a", 2, "one\nmore"), ("f", 11, "fine")]
    broken = "a quoted value is not closed, or text follows its closing quote"
    assert folder.quarantine() == [
        (4, "too few values: 3 of 4", "b,c,2024-01-01"),
        (6, "too many values: 5 instead of 4", "c,c,2024-01-01,too many,"),
        (7, broken, 'd,c,2024-01-01,"garbage" after'),
        (8, "too many values: 5 instead of 4", 'e,c,2024-01-01,"also\ntoo","many"'),
        (10, "too few values: 1 of 4", "   "),
        (12, broken, 'g,c,2024-01-01,"never closed\nh,c,2024-01-01,swallowed'),
    ]
    assert any("6 records cannot be used" in warning for warning in report.warnings)


def test_a_record_with_nothing_but_an_empty_value_too_many(folder: Folder) -> None:
    folder.write("x.csv", "ID,COOKIE_ID,EVENT_DATE\na,c,2024-01-01,\nb,c,2024-01-01,,,\nc,c,2024-01-01\n")
    assert counts(folder.land()) == (3, 1, 0, 0, 2)


def test_the_exact_way_follows_quotes_that_open_and_close_in_odd_places(folder: Folder) -> None:
    """A stray quote in an unquoted value, a line that closes one value and opens the next, blank lines in a value."""
    lines = [
        "ID,COOKIE_ID,EVENT_DATE,NOTE",
        'a,"x',
        '",2024-01-01,"y',
        "",
        '"',
        "",
        'b,c"d,2024-01-01,e"f',
        'c,"",2024-01-01,""""',
        'd,"""',
        '""",2024-01-01,z',
    ]
    folder.write("x.csv", "\n".join(lines))
    assert counts(folder.land()) == (4, 4, 0, 0, 0)
    assert folder.rows("ID, _source_line, COOKIE_ID, NOTE") == [
        ("a", 2, "x", "y"),
        ("b", 7, 'c"d', 'e"f'),
        ("c", 8, None, '"'),
        ("d", 9, '"\n"', "z"),
    ]


def test_rows_without_key_or_event_time_are_quarantined_with_their_text(folder: Folder) -> None:
    lines = [
        "ID,COOKIE_ID,EVENT_DATE,NOTE",
        ",c,2024-01-01,no key",
        ",,,",
        ' \u00a0,c,2024-01-01,"blank\nkey"',
        "d,c,,no time",
        "e,c,yesterday,unreadable",
        "f,c,2024-01-01,fine",
    ]
    folder.write("x.csv", "\n".join(lines) + "\n")
    assert counts(folder.land()) == (6, 1, 0, 0, 5)
    assert folder.quarantine() == [
        (2, "no ID", ",c,2024-01-01,no key"),
        (3, "no ID", ",,,"),
        (4, "no ID", ' \u00a0,c,2024-01-01,"blank\nkey"'),
        (6, "no EVENT_DATE", "d,c,,no time"),
        (7, "EVENT_DATE cannot be read as a time", "e,c,yesterday,unreadable"),
    ]
    assert folder.rows("ID, _source_line") == [("f", 8)]
    assert folder.query("SELECT count(*) FROM landing.uncast_values") == [(0,)]


def test_values_that_do_not_cast_are_listed_and_land(folder: Folder) -> None:
    folder.write(
        "x.csv",
        "ID,COOKIE_ID,EVENT_DATE,MODIFIED_DATE,IS_DELETED,PAGE_COUNT,DAY\n"
        "a,c,2024-01-01,2024-13-45,perhaps,many,2024-02-30\n"
        "b,c,2024-01-01,1704067200,TRUE,12.50,2024-02-29\n"
        "c,c,2024-01-01, ,,\u00a0,\n",
    )
    report = folder.land()
    assert (report.total("landed"), report.total("uncast")) == (3, 4)
    assert folder.query("SELECT column_name, path, line, value FROM landing.uncast_values ORDER BY column_name") == [
        ("DAY", f"{VISITS}/x.csv", 2, "2024-02-30"),
        ("IS_DELETED", f"{VISITS}/x.csv", 2, "perhaps"),
        ("MODIFIED_DATE", f"{VISITS}/x.csv", 2, "2024-13-45"),
        ("PAGE_COUNT", f"{VISITS}/x.csv", 2, "many"),
    ]
    assert folder.rows("ID, MODIFIED_DATE, _is_deleted") == [
        ("a", "2024-13-45", False),
        ("b", "1704067200", True),
        ("c", None, False),
    ]


def test_long_values(folder: Folder) -> None:
    long, longer = "x" * 32_001 + '\n"', "y" * 20_000_000
    folder.write("x.csv", visits(("a", '"' + long.replace('"', '""') + '"'), ("b", "after")))
    folder.write("y.csv", visits(("c", longer), ("d", "after")))
    folder.write("z.jsonl", json.dumps({"ID": "e", "COOKIE_ID": "c", "EVENT_DATE": "2024-01-01", "NOTE": longer}))
    assert counts(folder.land()) == (5, 5, 0, 0, 0)
    assert folder.rows("ID, _source_line, strlen(NOTE)") == [
        ("a", 2, 32_003),
        ("b", 4, 5),
        ("c", 2, 20_000_000),
        ("d", 3, 5),
        ("e", 1, 20_000_000),
    ]


def test_a_large_file_with_line_breaks_in_values(folder: Folder) -> None:
    """More than DuckDB reads in one piece: every record still has the line on which it starts."""
    path = folder.path / VISITS / "x.csv"
    path.parent.mkdir(parents=True)
    with duckdb.connect() as con:
        con.execute(
            """
            COPY (
                SELECT i AS ID, 'c' AS COOKIE_ID, '2024-01-01' AS EVENT_DATE,
                    repeat('word "and", ' || i || chr(10), (i % 3)::INT) || repeat('x', 300) AS NOTE
                FROM range(200000) AS t(i)
            ) TO $path (HEADER)
            """,
            {"path": str(path)},
        )
    assert counts(folder.land()) == (200_000, 200_000, 0, 0, 0)
    # Record i takes 1 + i % 3 lines.
    wrong = """
        SELECT count(*) FROM raw_web.visits
        WHERE _source_line <> 2 + 6 * (ID::INT // 3) + [0, 1, 3][1 + ID::INT % 3]
            OR NOTE NOT LIKE repeat('word "and", ' || ID || chr(10), ID::INT % 3) || 'x%'
    """
    assert folder.query(wrong) == [(0,)]


def test_a_file_with_one_column(folder: Folder) -> None:
    folder.write("x.csv", 'Id\n00T000000000001AAA\n\n""\n"00T000000000002AAA"\n', TASK)
    folder.write("y.csv", "Id,bizible2__BizibleId__c\n", TASK)
    assert counts(folder.land(TASK)) == (3, 2, 0, 0, 1)
    assert folder.quarantine() == [(4, "no Id", '""')]


def test_compressed_files(folder: Folder) -> None:
    folder.write("x.CSV.GZ", gzip.compress(visits(("a", '"x\ny"')).encode()) + gzip.compress(b"b,c,2024-01-01,n\n"))
    folder.write("y.jsonl.gz", gzip.compress(b'{"ID": "c", "COOKIE_ID": "c", "EVENT_DATE": "2024-01-01"}\n'))
    assert counts(folder.land()) == (3, 3, 0, 0, 0)
    assert folder.rows() == [("a", 2, "x\ny"), ("b", 4, "n"), ("c", 1, None)]


@pytest.mark.parametrize("name", ["x.csv", "x.csv.gz", "x.jsonl"])
def test_a_plain_file_goes_the_fast_way(folder: Folder, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The exact way reads the same, several times slower."""
    monkeypatch.setattr(records, "split", lambda *arguments: pytest.fail("the exact way"))
    row = json.dumps({"ID": "a", "COOKIE_ID": "c", "EVENT_DATE": "2024-01-01", "NOTE": "1"}) + "\n"
    data = (visits(("a", '"1\n2"'), ("b", "3")) if "csv" in name else row).encode()
    folder.write(name, gzip.compress(data) if name.endswith(".gz") else data)
    assert counts(folder.land())[1] == (2 if "csv" in name else 1)


# JSON lines


def test_json_lines(folder: Folder) -> None:
    records = [
        {"ID": "a", "COOKIE_ID": "c", "EVENT_DATE": "2024-01-01", "NOTE": {"k": [1, "x"]}, "PAGE_COUNT": 12},
        {"ID": 7, "cookie_id": "c", "EVENT_DATE": "2024-01-01", "NOTE": "two\nlines", "IS_DELETED": True},
        {"ID": "b", "COOKIE_ID": "c", "EVENT_DATE": "2024-01-01", "NOTE": None, "Other Thing": "", "PAGE_COUNT": 0.1},
    ]
    folder.write("x.jsonl", "".join(json.dumps(record) + "\r\n" for record in records))
    assert counts(folder.land()) == (3, 3, 0, 0, 0)
    assert folder.rows('ID, _source_line, COOKIE_ID, NOTE, PAGE_COUNT, "Other Thing", _is_deleted') == [
        ("7", 2, "c", "two\nlines", None, None, True),
        ("a", 1, "c", '{"k":[1,"x"]}', "12", None, False),
        ("b", 3, "c", None, "0.1", None, False),
    ]


def test_lines_that_are_no_json_object_are_quarantined(folder: Folder) -> None:
    good = '{"ID": "%s", "COOKIE_ID": "c", "EVENT_DATE": "2024-01-01"}'
    lines = ["\ufeff" + good % "a", "", '{"ID": "b"', "[1, 2]", "null", good % "c" + " x", good % "d", '{"NOTE": "e"}']
    folder.write("x.jsonl", "\n".join(lines))
    assert counts(folder.land()) == (7, 2, 0, 0, 5)
    assert folder.rows("ID, _source_line") == [("a", 1), ("d", 7)]
    assert folder.quarantine() == [
        (3, "no valid JSON", '{"ID": "b"'),
        (4, "no JSON object", "[1, 2]"),
        (5, "no JSON object", "null"),
        (6, "no valid JSON", good % "c" + " x"),
        (8, "no ID", '{"NOTE": "e"}'),
    ]


def test_json_keys_that_differ_by_case_or_hold_odd_signs(folder: Folder) -> None:
    records = [
        {"Id": None, "ID": "a", "COOKIE_ID": "c", "EVENT_DATE": "2024-01-01", "it's \"/~": "odd"},
        {"Id": "b", "COOKIE_ID": "c", "EVENT_DATE": "2024-01-01"},
    ]
    folder.write("x.jsonl", "\n".join(map(json.dumps, records)))
    assert counts(folder.land()) == (2, 2, 0, 0, 0)
    assert folder.rows('ID, "it\'s ""/~"') == [("a", "odd"), ("b", None)]


def test_a_json_file_without_any_object(folder: Folder) -> None:
    folder.write("x.jsonl", "nothing here\n")
    assert counts(folder.land()) == (1, 0, 0, 0, 1)


# Parquet


def test_parquet_values_become_text(folder: Folder) -> None:
    folder.parquet(
        "x.parquet",
        """
        SELECT
            42::BIGINT AS id, encode('ä') AS cookie_id, TIMESTAMPTZ '2024-01-01 09:00:00.123456+09' AS event_date,
            TIMESTAMP '2024-01-02 03:04:05' AS modified_date, false AS is_deleted, DATE '2024-02-29' AS day,
            12345678901234567890.123456::DECIMAL(38, 6) AS page_count, [{'k': 1}, {'k': NULL}] AS note,
            '' AS empty, 0.1::DOUBLE AS share, 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6'::UUID AS uuid
        """,
    )
    assert counts(folder.land()) == (1, 1, 0, 0, 0)
    assert folder.rows(
        "ID, COOKIE_ID, EVENT_DATE, MODIFIED_DATE, IS_DELETED, DAY, PAGE_COUNT, NOTE, empty, share, uuid"
    ) == [
        (
            *("42", "ä", "2024-01-01 00:00:00.123456", "2024-01-02 03:04:05", "false", "2024-02-29"),
            *("12345678901234567890.123456", '[{"k":1},{"k":null}]', None, "0.1"),
            "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        )
    ]


def test_parquet_rows_are_numbered_across_row_groups_and_quarantined_as_json(folder: Folder) -> None:
    folder.parquet(
        "x.parquet",
        """
        SELECT CASE WHEN i <> 150000 THEN i END AS ID, 'c' AS COOKIE_ID, '2024-01-01' AS EVENT_DATE
        FROM range(300000) AS t(i)
        """,
    )
    assert counts(folder.land()) == (300_000, 299_999, 0, 0, 1)
    assert folder.query("SELECT count(*) FROM raw_web.visits WHERE _source_line <> ID::INT + 1") == [(0,)]
    ((line, reason, text),) = folder.quarantine()
    assert (line, reason) == (150_001, "no ID")
    assert json.loads(text)["COOKIE_ID"] == "c"


def test_half_an_emoji_costs_at_most_its_own_record(folder: Folder) -> None:
    """Cut texts: as bytes the half becomes a replacement character; as a JSON escape, its record is quarantined."""
    half = "\ud83d".encode("utf-8", "surrogatepass")
    folder.write("a.csv", visits(("a", "cut @"), ("b", "whole")).encode().replace(b"@", half))
    record = '{"ID": "%s", "COOKIE_ID": "c", "EVENT_DATE": "2024-01-01", "NOTE": "cut %s"}\n'
    folder.write(
        "b.jsonl", (record % ("c", "@") + record % ("d", "\\ud83d") + record % ("e", "x")).encode().replace(b"@", half)
    )
    assert counts(folder.land()) == (5, 4, 0, 0, 1)
    assert folder.rows("ID, NOTE") == [("a", "cut \ufffd"), ("b", "whole"), ("c", "cut \ufffd"), ("e", "cut x")]
    assert [(line, reason) for line, reason, _ in folder.quarantine()] == [(2, "no valid JSON")]


@pytest.mark.parametrize("cut", ["😀".encode()[:2], "😀".encode()[:3], "€".encode()[:2]])
def test_a_character_cut_by_bytes_costs_no_other_record(folder: Folder, cut: bytes) -> None:
    rows = visits(("a", "cut @"), ("b", '"cut @\nand whole 😀"'))
    folder.write("a.csv", rows.encode().replace(b"@", cut))
    record = '{"ID": "c", "COOKIE_ID": "c", "EVENT_DATE": "2024-01-01", "NOTE": "cut @"}'
    folder.write("b.jsonl", record.encode().replace(b"@", cut))
    assert counts(folder.land()) == (3, 3, 0, 0, 0)
    assert folder.rows("ID, NOTE") == [("a", "cut \ufffd"), ("b", "cut \ufffd\nand whole 😀"), ("c", "cut \ufffd")]


@pytest.mark.parametrize("stray", [b"caf\xe9", b"\x92", b"\xff\xfe", b"\xc0\x80"])
def test_a_stray_byte_costs_its_own_record(folder: Folder, stray: bytes) -> None:
    """One Latin-1 letter among UTF-8: what it should be would be a guess, and the other records are readable."""
    rows = visits(("a", "x"), ("b", '"two @\nlines"'), ("c", "é"))
    folder.write("a.csv", rows.encode().replace(b"@", stray))
    record = '{"ID": "%s", "COOKIE_ID": "c", "EVENT_DATE": "2024-01-01", "NOTE": "%s"}\n'
    folder.write("b.jsonl", (record % ("d", "@") + record % ("e", "x")).encode().replace(b"@", stray))
    assert counts(folder.land()) == (5, 3, 0, 0, 2)
    assert folder.rows() == [("a", 2, "x"), ("c", 5, "é"), ("e", 2, "x")]
    assert [(line, reason) for line, reason, _ in folder.quarantine()] == [(3, records.NOT_UTF8), (1, records.NOT_UTF8)]
    shown = "".join(f"\\x{byte:02x}" if byte > 127 else chr(byte) for byte in stray)
    assert all(shown in text for _, _, text in folder.quarantine())


def test_a_stray_byte_in_a_header_names_a_further_column(folder: Folder) -> None:
    folder.write("a.csv", b"ID,COOKIE_ID,EVENT_DATE,caf\xe9\na,c,2024-01-01,x\n")
    assert counts(folder.land()) == (1, 1, 0, 0, 0)


@pytest.mark.parametrize("broken", [1, 100, 101])
def test_a_file_with_many_stray_bytes_is_in_another_encoding(folder: Folder, broken: int) -> None:
    """Up to a tenth of the records can go to quarantine; more would hide what is wrong with the file."""
    text = visits(*((str(i), "é" if i < broken else "e") for i in range(1000)))
    folder.write("a.csv", text.encode("latin-1"))
    if broken <= 100:
        assert counts(folder.land()) == (1000, 1000 - broken, 0, 0, broken)
        return
    with pytest.raises(LandingError, match=r"a\.csv is not UTF-8: 101 of 1,001 records"):
        folder.land()


def test_many_stray_bytes_among_more_that_are_utf8_do_not_make_another_encoding(folder: Folder) -> None:
    """Two exports that somebody joined."""
    folder.write("a.csv", visits(("a", "é"), ("b", "ü"), ("c", "@"), ("d", "@")).encode().replace(b"@", b"\xe9"))
    assert counts(folder.land()) == (4, 2, 0, 0, 2)


def parquet_with(folder: Folder, broken: Iterable[int], note: str) -> None:
    """A thousand rows, some of them with a byte that is not UTF-8. No writer of a library makes such a file."""
    path = folder.parquet(
        "x.parquet",
        f"""
        SELECT i AS "ID", 'c' AS "COOKIE_ID", '2024-01-01' AS "EVENT_DATE", {note} AS "NOTE"
        FROM (SELECT i, list_contains({list(broken)}, i) AS is_broken FROM range(1000) AS t(i))
        """,
        options=", COMPRESSION uncompressed",
    )
    path.write_bytes(path.read_bytes().replace(b"caf@", b"caf\xe9"))


@pytest.mark.parametrize(
    "note",
    [
        "CASE WHEN is_broken THEN 'caf@' ELSE i::VARCHAR END",
        "CASE WHEN is_broken THEN 'caf@' ELSE 'café' END",
        "[CASE WHEN is_broken THEN 'caf@' ELSE 'café' END]",
        "{'café': CASE WHEN is_broken THEN 'caf@' ELSE 'x' END}",
    ],
    ids=["plain", "dictionary", "list", "struct"],
)
def test_a_stray_byte_in_parquet_costs_its_own_row(folder: Folder, note: str) -> None:
    parquet_with(folder, [7, 998], note)
    assert counts(folder.land()) == (1000, 998, 0, 0, 2)
    assert folder.query("SELECT count(*) FROM raw_web.visits WHERE _source_line <> ID::INT + 1") == [(0,)]
    assert [(line, reason) for line, reason, _ in folder.quarantine()] == [
        (8, records.NOT_UTF8),
        (999, records.NOT_UTF8),
    ]
    assert [json.loads(text)["ID"] for _, _, text in folder.quarantine()] == ["7", "998"]


def test_a_parquet_file_with_many_stray_bytes_stops_its_table(folder: Folder) -> None:
    parquet_with(folder, range(5, 106), "CASE WHEN is_broken THEN 'secret caf@' ELSE 'x' END")
    with pytest.raises(
        LandingError, match=r"x\.parquet is not UTF-8: 101 of 1,000 records .* first in line 6\."
    ) as error:
        folder.land()
    assert "secret" not in str(error.value)


# Columns


def test_the_spellings_of_a_column_are_one(folder: Folder) -> None:
    folder.write("a.csv", "Id,bizible2__BizibleId__c,CallDurationInSeconds\n1,api,1\n", TASK)
    folder.write("b.csv", "id,bizible2__bizibleid__c,calldurationinseconds\n2,lower,2\n", TASK)
    folder.write("c.csv", "id,bizible_2_bizible_id_c,call_duration_in_seconds,_fivetran_synced\n3,fivetran,3,x\n", TASK)
    folder.land(TASK)
    columns = "Id, bizible2__BizibleId__c, CallDurationInSeconds, _fivetran_synced"
    rows = folder.query(f'SELECT {columns} FROM raw_salesforce."Task" ORDER BY 1')
    assert rows == [("1", "api", "1", None), ("2", "lower", "2", None), ("3", "fivetran", "3", "x")]


def test_names_are_compared_on_letters_and_digits() -> None:
    assert (
        contract.normalise("MODIFIED DATE") == contract.normalise("MODIFIED_DATE") == contract.normalise("ModifiedDate")
    )
    assert contract.normalise("_MODIFIED_DATE") != contract.normalise("MODIFIED_DATE")
    assert contract.normalise("__x") == contract.normalise("_X")
    assert contract.normalise("%") != contract.normalise("#")


def test_two_spellings_in_one_file_fill_one_column(folder: Folder) -> None:
    folder.write(
        "x.csv",
        "ID,COOKIE_ID,EVENT_DATE,MODIFIED_DATE,modified date\n"
        "a,c,2024-01-01,2024-01-02,2024-01-03\n"
        "b,c,2024-01-01,,2024-01-03\n",
    )
    folder.land()
    assert folder.rows("ID, MODIFIED_DATE") == [("a", "2024-01-02"), ("b", "2024-01-03")]


def test_unknown_columns_land_under_their_own_names(folder: Folder) -> None:
    folder.write("a.csv", 'ID,COOKIE_ID,EVENT_DATE,"Größe ""x""",,_load_id\na,c,2024-01-01,1,2,3\n')
    folder.write("b.csv", 'ID,COOKIE_ID,EVENT_DATE,"größe x",New\nb,c,2024-01-01,4,5\n')
    folder.land()
    assert folder.rows('ID, "Größe ""x""", column5, _load_id_, New, _load_id') == [
        ("a", "1", "2", "3", None, 1),
        ("b", "4", None, None, "5", 1),
    ]


NAMES_OF_THE_PROGRAM = [
    *("rowid", "ROWID", "path", "line", "reason", "row", "item", "x", "texts", "c0", "stage", "file", "records"),
    *("fields", "object", "struct", "json", "file_row_number", "filename", "column00", "verdict", "version_number"),
    *contract.TECHNICAL_COLUMNS,
]


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_a_column_with_a_name_of_the_program_is_only_a_column(folder: Folder, form: str) -> None:
    """All names at once, equal values in every row, a row without key: nothing is lost and nothing is shadowed."""
    names = ["ID", "COOKIE_ID", "EVENT_DATE", *dict.fromkeys(name.lower() for name in NAMES_OF_THE_PROGRAM)]
    for day, keys in (("1", ["a", "b", ""]), ("2", ["c", "d"])):
        records = [dict.fromkeys(names, "1") | {"ID": key, "EVENT_DATE": "2024-01-01"} for key in keys]
        if form == "csv":
            rows = [names, *(record.values() for record in records)]
            folder.write(f"{day}.csv", "".join(",".join(row) + "\n" for row in rows))
        elif form == "jsonl":
            folder.write(f"{day}.jsonl", "".join(json.dumps(record) + "\n" for record in records))
        else:
            values = [", ".join(f"'{value}' AS \"{name}\"" for name, value in record.items()) for record in records]
            folder.parquet(f"{day}.parquet", " UNION ALL ".join(f"SELECT {row}" for row in values))
        assert counts(folder.land()) == (len(keys), 2, 0, 0, len(keys) - 2)
    columns = ", ".join(contract.quote(contract.landed_name(name)) for name in names[3:])
    assert folder.rows(f"ID, {columns}") == [(key, *["1"] * len(names[3:])) for key in "abcd"]
    first = 2 if form == "csv" else 1
    assert folder.rows("_source_line") == [(first,), (first + 1,), (first,), (first + 1,)]
    assert [row[1] for row in folder.quarantine()] == ["no ID"]


def test_symbols_that_differ_in_case_are_one_column(folder: Folder) -> None:
    """For Python they are the same name in lower case, for DuckDB they are not."""
    for name, symbol in {"a.jsonl": "Ⓐ", "b.jsonl": "ⓐ"}.items():
        folder.write(name, f'{{"ID": "{name}", "COOKIE_ID": "c", "EVENT_DATE": "2024-01-01", "{symbol}": "{name}"}}\n')
        folder.land()
    assert folder.query(f'SELECT _row_key, "Ⓐ" FROM raw_{VISITS.replace("/", ".")} ORDER BY ALL') == [
        ("a.jsonl", "a.jsonl"),
        ("b.jsonl", "b.jsonl"),
    ]


def test_a_repeated_header_is_found_beside_a_column_of_that_name(folder: Folder) -> None:
    names = "ID,COOKIE_ID,EVENT_DATE,names_key\n"
    folder.write("a.csv", f"{names}1,c,2024-01-01,x\n{names}2,c,2024-01-01,y\n")
    folder.land()
    assert folder.query("SELECT reason FROM landing.quarantine") == [("the header again",)]
    assert folder.query(f"SELECT count(*) FROM raw_{VISITS.replace('/', '.')}") == [(2,)]


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
def test_a_column_name_that_is_too_long_stops_its_table(folder: Folder, name: str) -> None:
    """1,900 of 1,000 characters took 4.4 GB. The name is not quoted: it can be a value."""
    column = "x" * 301
    if name == "a.parquet":
        folder.parquet(name, f"SELECT 'a' AS ID, 'c' AS COOKIE_ID, '2024-01-01' AS EVENT_DATE, 1 AS {column}")
    elif name == "a.csv":
        folder.write(name, f"ID,COOKIE_ID,EVENT_DATE,{column}\na,c,2024-01-01,1\n")
    else:
        folder.write(name, f'{{"ID": "a", "COOKIE_ID": "c", "EVENT_DATE": "2024-01-01", "{column}": 1}}\n')
    with pytest.raises(
        LandingError, match=rf"{name} has a column name of 301 characters, and names may have 300"
    ) as error:
        folder.land()
    assert column not in str(error.value)


def test_a_blank_key_and_nearly_equal_names_in_json_lines(folder: Folder) -> None:
    record = {"ID": "a", "COOKIE_ID": "c", "EVENT_DATE": "2024-01-01"}
    more = {"": "1", "_row_key": "2", "source_row_key": "3", "Row_Id": "4", "a\u0000b": "5"}
    folder.write("x.jsonl", json.dumps(record | more))
    folder.write("y.jsonl", json.dumps(record | {"ID": "b", "_ROWKEY": "6", "rowid": "7"}))
    assert counts(folder.land()) == (2, 2, 0, 0, 0)
    assert folder.rows('_row_key, "_", _row_key_, source_row_key, Row_Id, ab') == [
        ("a", "1", "2", "3", "4", "5"),
        ("b", None, "6", None, "7", None),
    ]


def test_a_blank_name_in_the_header_takes_no_name_of_another_column(folder: Folder) -> None:
    folder.write("x.csv", "ID,COOKIE_ID,EVENT_DATE,column5,\na,c,2024-01-01,1,2\n")
    folder.land()
    assert folder.rows("ID, column5, column5x") == [("a", "1", "2")]


def test_a_warehouse_that_has_a_column_called_rowid_keeps_its_values(folder: Folder) -> None:
    folder.write("a.csv", visits(("a", "1")))
    folder.land()
    with duckdb.connect(str(folder.warehouse)) as con:
        con.execute("ALTER TABLE raw_web.visits ADD COLUMN ROWID VARCHAR")
        con.execute("UPDATE raw_web.visits SET ROWID = '7'")
    folder.write("b.csv", "ID,COOKIE_ID,EVENT_DATE,NOTE,rowid\nb,c,2024-01-01,2,7\n")
    folder.land()
    assert folder.rows("ID, NOTE, rowid_") == [("a", "1", "7"), ("b", "2", "7")]


@pytest.mark.parametrize("first", [True, False])
def test_rows_that_went_missing_stop_the_table(folder: Folder, monkeypatch: pytest.MonkeyPatch, first: bool) -> None:
    """Also under `python -O`: the counts are checked by an error of landing, and nothing is changed."""
    if not first:
        folder.write("a.csv", visits(("a", "1"), ("b", "2")))
        folder.land()
    folder.write("b.csv", visits(("c", "3"), ("d", "4")))
    table = "visits__loading" if first else "visits"
    judge_values = versions._judge_values

    def losing(load: readers.Load, *arguments: Any) -> None:
        judge_values(load, *arguments)
        load.con.execute(f"DELETE FROM raw_web.{table} WHERE _row_key IN ('a', 'c')")

    monkeypatch.setattr(versions, "_judge_values", losing)
    if first:
        with pytest.raises(LandingError, match=r"2 rows were read, but 1 are counted"):
            folder.land()
        assert folder.rows() == []
        return
    monkeypatch.setattr(versions, "_judge_values", judge_values)
    count_rows = store.count_rows
    numbers = iter([2, 3])
    monkeypatch.setattr(store, "count_rows", lambda con, table: next(numbers, None) or count_rows(con, table))
    with pytest.raises(LandingError, match=r"would have 3 rows, but 2 - 0 replaced \+ 2 landed were expected"):
        folder.land()
    assert folder.rows() == [("a", 2, "1"), ("b", 3, "2")]


def test_a_column_that_stays_away_is_empty_and_worth_a_warning(folder: Folder) -> None:
    folder.write("a.csv", visits(("a", "n")))
    folder.land()
    folder.write("b.csv", "ID,COOKIE_ID,EVENT_DATE\nb,c,2024-01-01\n")
    report = folder.land()
    assert report.warnings == [
        f"{VISITS}/b.csv lacks columns that earlier files had; they are empty in its rows: NOTE."
    ]
    assert folder.rows() == [("a", 2, "n"), ("b", 2, None)]


def test_a_new_column_of_the_contract_takes_over_what_files_brought_along(folder: Folder, tmp_path: Path) -> None:
    folder.write("a.csv", "ID,COOKIE_ID,EVENT_DATE,Web Site\na,c,2024-01-01,w\n")
    folder.land()
    path = tmp_path / "models" / "staging" / "any" / "_any__sources.yml"
    path.write_text(CONTRACT.replace("{name: NOTE,", "{name: WEBSITE, data_type: varchar}\n          - {name: NOTE,"))
    folder.tables = {table.folder: table for table in landing.read_sources(tmp_path)}
    folder.land()
    assert folder.rows("ID, WEBSITE") == [("a", "w")]
    folder.write("b.csv", "ID,COOKIE_ID,EVENT_DATE,website\na,c,2024-01-01,w\n")
    assert counts(folder.land()) == (1, 0, 0, 1, 0)


def test_a_table_without_files_is_empty_with_its_columns(folder: Folder) -> None:
    assert counts(folder.land()) == (0, 0, 0, 0, 0)
    names = [row[0] for row in folder.query("DESCRIBE raw_web.visits")]
    assert names == [column.name for column in folder.tables[VISITS].columns] + list(contract.TECHNICAL_COLUMNS)


# Versions


def version(key: str, modified: str, note: str, deleted: str = "") -> str:
    return f"{key},c,2024-01-01,{modified},{deleted},{note}\n"


VERSION_HEADER = "ID,COOKIE_ID,EVENT_DATE,MODIFIED_DATE,IS_DELETED,NOTE\n"


def test_the_latest_version_time_wins_whatever_arrives_first(folder: Folder) -> None:
    folder.write("b.csv", VERSION_HEADER + version("k", "2024-01-03T00:00:00.000Z", "newest"))
    assert counts(folder.land()) == (1, 1, 0, 0, 0)
    folder.write(
        "c.csv", VERSION_HEADER + version("k", "2024-01-02 23:59:59.999999", "older") + version("k", "", "none")
    )
    assert counts(folder.land()) == (2, 0, 2, 0, 0)
    folder.write("a.csv", VERSION_HEADER + version(" k ", "2024-01-03T01:00:00.000+0100", "x"))
    assert counts(folder.land()) == (1, 0, 1, 0, 0)
    assert folder.rows("ID, NOTE, _source_file, _load_id") == [("k", "newest", f"{VISITS}/b.csv", 1)]


def test_on_a_tie_a_deletion_wins_then_the_file_name_then_the_line(folder: Folder) -> None:
    rows = version("a", "2024-01-01", "gone", "true") + version("a", "2024-01-01", "live")
    rows += version("b", "2024-01-01", "first") + version("b", "2024-01-01", "second")
    folder.write("m.csv", VERSION_HEADER + rows)
    folder.write(
        "l.csv", VERSION_HEADER + version("b", "2024-01-01", "earlier name") + version("c", "", "earlier name")
    )
    folder.write("n.csv", VERSION_HEADER + version("a", "2024-01-01", "later name") + version("c", "", "later name"))
    assert counts(folder.land()) == (8, 3, 5, 0, 0)
    assert folder.rows("_row_key, NOTE, _is_deleted") == [
        ("a", "gone", True),
        ("b", "second", False),
        ("c", "later name", False),
    ]


@pytest.mark.parametrize(
    ("columns", "values", "is_deleted"),
    [
        ("IS_DELETED", "1", True),
        ("_DELETED_DATE", "2024-01-05", True),
        ("_fivetran_deleted", "true", True),
        ("_fivetran_deleted", "", False),
        ("IS_DELETED,_DELETED_DATE", "false,", False),
        ("is_deleted,_deleted_date", "false,2024-01-05", True),
    ],
)
def test_what_marks_a_row_as_deleted(folder: Folder, columns: str, values: str, is_deleted: bool) -> None:
    folder.write("x.csv", f"ID,COOKIE_ID,EVENT_DATE,{columns}\na,c,2024-01-01,{values}\n")
    folder.land()
    assert folder.rows("_is_deleted") == [(is_deleted,)]


def test_the_same_rows_in_a_second_file_change_nothing(folder: Folder) -> None:
    folder.write("a.csv", visits(("a", "1"), ("b", "2")))
    folder.land()
    before = folder.rows("ID, NOTE, _loaded_at, _load_id")
    folder.write("b.csv", visits(("b", "2"), ("c", "3"), ("a", "1"), ("a", "1")))
    assert counts(folder.land()) == (4, 1, 0, 3, 0)
    assert folder.rows("ID, NOTE, _loaded_at, _load_id")[:2] == before
    # The rows keep their last position. Otherwise the next test would depend on the order of arrival.
    assert folder.rows("ID, _source_file, _source_line") == [
        ("a", f"{VISITS}/b.csv", 5),
        ("b", f"{VISITS}/b.csv", 2),
        ("c", f"{VISITS}/b.csv", 3),
    ]


@pytest.mark.parametrize("order", ["abc", "acb", "bac", "bca", "cab", "cba"])
@pytest.mark.parametrize("at_once", [False, True])
def test_content_that_comes_back_under_a_later_name(folder: Folder, order: str, at_once: bool) -> None:
    contents = {"a": "X", "b": "Y", "c": "X"}
    for name in order:
        folder.write(f"{name}.csv", visits(("k", contents[name])))
        if not at_once:
            folder.land()
    folder.land()
    assert folder.rows("ID, NOTE, _source_file") == [("k", "X", f"{VISITS}/c.csv")]


def test_a_file_is_known_by_name_and_content(folder: Folder) -> None:
    path = folder.write("a.csv", visits(("a", "1"), ("b", "2")))
    folder.land()
    os.utime(path, (1, 1))
    assert not folder.land().files
    folder.write("a.csv", visits(("a", "9")))
    report = folder.land()
    assert counts(report) == (1, 1, 0, 0, 0)
    assert report.files[0].revision == 2
    assert "was landed before with other content" in report.warnings[0]
    assert folder.rows("ID, NOTE, _source_revision") == [("a", "9", 2), ("b", "2", 1)]
    # The first content again is known; it does not become the newest, and the run says so.
    folder.write("a.csv", visits(("a", "1"), ("b", "2")))
    report = folder.land()
    assert not report.files
    assert "has a content again that it had before the last one" in report.warnings[0]
    assert folder.rows("ID, NOTE") == [("a", "9"), ("b", "2")]


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.jsonl"])
def test_a_folder_that_is_named_like_a_column_changes_no_value(folder: Folder, name: str) -> None:
    """DuckDB reads `c0=x` in a path as a value of column c0 in all rows."""
    line = json.dumps({"ID": "k", "EVENT_DATE": "2024-01-01", "COOKIE_ID": "c", "NOTE": "good", "json": "j"})
    data = line + "\n" if name.endswith("jsonl") else visits(("k", "good"))
    place = f"c0=evil/c1=evil/json=evil/{name}"
    folder.write(place, gzip.compress(data.encode()) if name.endswith(".gz") else data)
    assert counts(folder.land()) == (1, 1, 0, 0, 0)
    assert folder.rows("ID, NOTE, _source_file") == [("k", "good", f"{VISITS}/{place}")]


def test_a_landing_folder_that_is_missing_or_another_one_is_named(folder: Folder) -> None:
    folder.write("a.csv", visits(("a", "1")))
    folder.write("a.csv", "Id,bizible2__BizibleId__c\n1,x\n", TASK)
    folder.land_all()
    root, folder.path = folder.path, folder.path / "web"
    folder.lines.clear()
    folder.land_all()
    assert f"{root}/web has none of the folders salesforce, web, so nothing can be landed from it." in folder.lines[0]
    folder.path = root / "missing"
    with pytest.raises(LandingError, match=r"The landing folder .*/missing does not exist"):
        folder.land_all()


def test_a_time_stamp_is_believed_only_when_it_had_settled(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed = []
    digest = files.sha256
    monkeypatch.setattr(files, "sha256", lambda file: hashed.append(file.name) or digest(file))
    path = folder.write("a.csv", visits(("a", "1")))
    folder.land()
    folder.land()
    assert len(hashed) == 2, "just written: it could change again without a new time stamp"
    monkeypatch.setattr(files, "SETTLED_NS", 0)
    folder.land()
    folder.land()
    assert len(hashed) == 2, "settled: known without reading it"
    os.utime(path, (1, 1))
    folder.land()
    folder.land()
    assert len(hashed) == 3, "a new time stamp is read once"


HISTORY = "Id,SystemModstamp,bizible2__BizibleId__c,_fivetran_start,_fivetran_active\n"
OPEN, CLOSED = "1,2024-01-01,first,2024-01-01,true\n", "1,2024-01-01,first,2024-01-01,FALSE\n"
SUCCESSOR = "1,{},second,2024-01-02,true\n"


def history_rows(folder: Folder) -> list[tuple[Any, ...]]:
    return folder.query('SELECT bizible2__BizibleId__c, _is_deleted FROM raw_salesforce."Task" ORDER BY _row_key')


@pytest.mark.parametrize("modified", ["2024-01-02", "2024-01-01"])
@pytest.mark.parametrize("files", itertools.permutations(["a", "b", "c"]), ids="".join)
def test_a_closed_version_is_superseded_by_one_that_began_later(
    folder: Folder, files: tuple[str, ...], modified: str
) -> None:
    """Also if the change did not touch the version time, and in every order of arrival."""
    contents = {"a": OPEN, "b": CLOSED + SUCCESSOR.format(modified), "c": CLOSED}
    for name in files:
        folder.write(f"{name}.csv", HISTORY + contents[name], TASK)
        folder.land(TASK)
    assert history_rows(folder) == [("second", False)]


@pytest.mark.parametrize("contents", [[OPEN, CLOSED], [CLOSED, OPEN], [CLOSED], [OPEN + CLOSED], [CLOSED + OPEN]])
def test_a_closed_version_that_nothing_follows_is_a_deletion(folder: Folder, contents: list[str]) -> None:
    """Whichever exports were landed before."""
    for number, content in enumerate(contents):
        folder.write(f"{number}.csv", HISTORY + content, TASK)
        folder.land(TASK)
    assert history_rows(folder) == [("first", True)]


def test_a_record_that_comes_back_after_its_deletion_is_live(folder: Folder) -> None:
    folder.write("a.csv", HISTORY + CLOSED, TASK)
    folder.land(TASK)
    folder.write("b.csv", HISTORY + SUCCESSOR.format("2024-01-01"), TASK)
    folder.land(TASK)
    assert history_rows(folder) == [("second", False)]


def test_a_blank_flag_of_a_loader_says_nothing(folder: Folder) -> None:
    folder.write("a.csv", "Id,bizible2__BizibleId__c,_fivetran_active,_fivetran_deleted\n1,x,,\n", TASK)
    folder.land(TASK)
    assert history_rows(folder) == [("x", False)]


# Nulls


WORDS = ["null", "NULL", "None", "nan", "NaN", "undefined", "#N/A", "(null)"]


@pytest.mark.parametrize("end", ["", "\n"], ids=["fast", "exact"])
def test_the_null_marker_of_databases_is_null_in_every_column_of_a_csv_file(folder: Folder, end: str) -> None:
    rows = ['a,c,2024-01-01,\\N,\\N,"\\N"', 'b,"\\N",2024-01-01,"\\N",x\\N,\\n', "\\N,c,2024-01-01,,,", "d,c,\\N,,,"]
    folder.write("a.csv", "ID,COOKIE_ID,EVENT_DATE,DAY,NOTE,Other\n" + "\n".join(rows) + "\n" + end)
    report = folder.land()
    assert counts(report) == (4, 2, 0, 0, 2)
    assert folder.rows("ID, COOKIE_ID, DAY, NOTE, Other") == [
        ("a", "c", None, None, None),
        ("b", None, None, "x\\N", "\\n"),
    ]
    assert [reason for _, reason, _ in folder.quarantine()] == ["no ID", "no EVENT_DATE"]
    assert report.warnings == [
        f"{VISITS}: 2 records cannot be used; `make quarantine` lists the reasons (landing.quarantine)."
    ]


def test_the_null_marker_leaves_the_other_spelling_of_a_column_its_value(folder: Folder) -> None:
    folder.write("a.csv", "ID,COOKIE_ID,EVENT_DATE,Extra,EXTRA\na,c,2024-01-01,\\N,1\n")
    folder.land()
    assert folder.rows("ID, Extra") == [("a", "1")]


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_words_for_null_are_null_in_typed_columns_only(folder: Folder, form: str) -> None:
    """Ids, cookie ids, times, flags and numbers, with a warning; other texts keep them, and no value is listed."""
    typed = ["COOKIE_ID", "SESSION_ID", "MODIFIED_DATE", "IS_DELETED", "PAGE_COUNT", "DAY", "_fivetran_synced"]
    names = ["ID", "EVENT_DATE", "NOTE", "Other", *typed]
    records = [
        dict.fromkeys(names, word) | {"ID": str(number), "EVENT_DATE": "2024-01-01"}
        for number, word in enumerate(WORDS)
    ]
    records.append(dict.fromkeys(names, "x") | {"ID": "8", "EVENT_DATE": "2024-01-01"} | dict.fromkeys(typed[2:], ""))
    records += [dict.fromkeys(names, "x") | {"ID": "none"}, dict.fromkeys(names, "x") | {"EVENT_DATE": "NULL"}]
    if form == "csv":
        rows = [names, *([record[name] for name in names] for record in records)]
        folder.write("a.csv", "".join(",".join(row) + "\n" for row in rows))
    elif form == "jsonl":
        folder.write("a.jsonl", "".join(json.dumps(record) + "\n" for record in records))
    else:
        values = [", ".join(f"'{value}' AS \"{name}\"" for name, value in record.items()) for record in records]
        folder.parquet("a.parquet", " UNION ALL ".join(f"SELECT {row}" for row in values))
    report = folder.land()
    assert counts(report) == (11, 9, 0, 0, 2)
    assert [reason for _, reason, _ in folder.quarantine()] == ["no ID", "no EVENT_DATE"]
    assert folder.rows(", ".join(["NOTE", "Other", *typed])) == [
        *((word, word, *[None] * 7) for word in WORDS),
        ("x", "x", "x", "x", *[None] * 5),
    ]
    assert report.warnings[:7] == [
        f"{VISITS}: 8 values of {name} are a word for null, such as null or None, and count as empty."
        for name in sorted(typed)
    ]
    assert folder.query("SELECT * FROM landing.uncast_values") == []
    folder.write("b.csv", "ID,COOKIE_ID,EVENT_DATE,NOTE,Other\n0,,2024-01-01,null,null\n")
    assert counts(folder.land()) == (1, 0, 0, 1, 0), "the content is that without the words"


# Values of loaders, ids


def test_what_loaders_add_is_parsed_and_listed(folder: Folder) -> None:
    rows = [
        "1,x,1.0,15.03.2024 00:00,true,2024-01-01",
        "2,x,perhaps,2024-03-15 00:00:00,nope,soon",
        "3,x,0.0,,T,",
        "4,x,YES,,No,",
    ]
    columns = "Id,bizible2__BizibleId__c,_fivetran_deleted,_fivetran_synced,_fivetran_active,_fivetran_start"
    folder.tables = {table.folder: table for table in landing.read_sources(PROJECT_DIR)}
    folder.write("a.csv", f"{columns}\n" + "\n".join(rows) + "\n", TASK)
    report = folder.land(TASK)
    assert folder.query('SELECT Id, _is_deleted FROM raw_salesforce."Task" ORDER BY Id') == [
        ("1", True),
        ("2", False),
        ("3", False),
        ("4", True),
    ]
    assert folder.query("SELECT line, column_name, value FROM landing.uncast_values ORDER BY ALL") == [
        (2, "_fivetran_synced", "15.03.2024 00:00"),
        (3, "_fivetran_active", "nope"),
        (3, "_fivetran_deleted", "perhaps"),
        (3, "_fivetran_start", "soon"),
    ]
    assert (
        f"{TASK}: 4 values cannot be read and count as empty; `make quarantine` lists them (landing.uncast_values)."
        in report.warnings
    )


def test_what_fivetran_adds_is_read_in_every_table() -> None:
    for table in landing.read_sources(PROJECT_DIR, tracker=None):
        assert ("_fivetran_synced" in table.version, "_fivetran_deleted" in table.deleted_by) == (True, True), (
            table.folder
        )


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("calls/calltrackingmetrics", {"id": 1, "unix_time": 1767384000}),
        ("calls/callrail", {"id": "CAL1", "start_time": "2024-01-01T10:00:00Z"}),
        ("calls/invoca", {"transaction_id": "C-1", "start_time_utc": 1767387600123}),
        ("spend/marketing_spend", {"Channel": "Social", "Month": "Aug-17", "Cost": "1"}),
    ],
)
def test_a_call_log_and_a_spend_sheet_can_be_deleted_from(folder: Folder, name: str, row: dict[str, Any]) -> None:
    table = next(table for table in landing.read_sources(PROJECT_DIR) if table.folder == name)
    folder.tables = {name: table}

    def arrive(file: str, **added: str) -> None:
        folder.write(file, json.dumps(row | added), table.folder)
        folder.land(table.folder)

    def is_deleted() -> bool:
        [(found,)] = folder.query(f"SELECT _is_deleted FROM {store.raw_table(table)}")
        return found

    arrive("c.jsonl", _FIVETRAN_SYNCED="2024-02-01 00:00:00", _Fivetran_Deleted="True")
    assert is_deleted()
    arrive("d.jsonl", _fivetran_synced="2024-01-31 00:00:00", _fivetran_deleted="false")
    assert is_deleted(), "an older version"
    arrive("b.jsonl", _fivetran_synced="2024-02-02 00:00:00", _fivetran_deleted="0.0")
    assert not is_deleted()
    arrive("e.jsonl", _fivetran_synced="2024-02-02 00:00:00", _fivetran_deleted="", _fivetran_active="0")
    assert is_deleted()


DEAL = "salesforce/Opportunity"


def test_a_field_that_a_variable_names_is_parsed_and_listed(folder: Folder) -> None:
    """Also in files that landed before the variable named it, and once each."""

    def with_field(*names: str) -> None:
        fields = {DEAL: dict.fromkeys(names, "number")}
        folder.tables = {
            table.folder: table for table in landing.with_named_fields(landing.read_sources(PROJECT_DIR), fields)
        }

    def listed() -> list[tuple[Any, ...]]:
        return folder.query("SELECT path, line, column_name, value FROM landing.uncast_values ORDER BY ALL")

    ids = [f"00600000000000{number}AAA" for number in range(4)]
    with_field()
    rows = f"{ids[0]},1.000 EUR\n{ids[1]},none\n{ids[2]},7\n"
    folder.write("a.csv", f"Id,real_amount_c\n{rows}", DEAL)
    assert folder.land(DEAL).total("uncast") == 0

    with_field("Real_Amount__c")
    later = folder.land(DEAL)
    assert f"{DEAL}: 1 value of earlier files cannot be read and counts as empty" in later.warnings[0]
    assert listed() == [(f"{DEAL}/a.csv", 2, "real_amount_c", "1.000 EUR")]
    assert folder.land(DEAL).warnings == []

    folder.write("b.csv", f"Id,Real_Amount__c\n{ids[3]},much\n{ids[2]},Null\n", DEAL)
    assert "1 value of real_amount_c is a word for null" in " ".join(folder.land(DEAL).warnings)
    assert [place[1:] for place in listed()] == [(2, "real_amount_c", "1.000 EUR"), (2, "real_amount_c", "much")]

    with_field("Real_Amount__c", "Another__c")
    folder.write("c.csv", f"Id,Another__c\n{ids[0]},\n", DEAL)
    folder.land(DEAL)
    assert len(listed()) == 2


def test_an_id_of_a_wrong_length_lands_with_a_warning(folder: Folder) -> None:
    folder.write("a.csv", "Id,bizible2__BizibleId__c\n00T000000000001,x\n17,x\n00T000000000001AAA0,x\n", TASK)
    report = folder.land(TASK)
    assert counts(report) == (3, 3, 0, 0, 0)
    assert report.warnings == [
        f"{TASK}: 2 values of Id have neither 15 nor 18 characters, as a Salesforce id has. Check that the export "
        "fills the column with ids of Salesforce."
    ]


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_heroku_connect_has_the_salesforce_id_in_sfid(folder: Folder, form: str) -> None:
    records = [
        {"id": "1", "sfid": "00T000000000001AAA", "bizible2__bizibleid__c": "x"},
        {"id": "2", "sfid": "", "bizible2__bizibleid__c": "y"},
    ]
    if form == "csv":
        folder.write(
            "a.csv", "".join(",".join(row) + "\n" for row in (records[0], *(r.values() for r in records))), TASK
        )
    elif form == "jsonl":
        folder.write("a.jsonl", "\n".join(map(json.dumps, records)), TASK)
    else:
        values = [", ".join(f"'{value}' AS {name}" for name, value in record.items()) for record in records]
        folder.parquet("a.parquet", " UNION ALL ".join(f"SELECT {row}" for row in values), TASK)
    folder.write("b.csv", "Id,bizible2__BizibleId__c\n00T000000000002AAA,z\n", TASK)
    report = folder.land(TASK)
    assert counts(report) == (3, 2, 0, 0, 1)
    assert folder.query('SELECT Id, heroku_id, bizible2__BizibleId__c FROM raw_salesforce."Task" ORDER BY 1') == [
        ("00T000000000001AAA", "1", "x"),
        ("00T000000000002AAA", None, "z"),
    ]
    assert not [warning for warning in report.warnings if "characters" in warning]


@pytest.mark.parametrize("end", ["", "\n"], ids=["fast", "exact"])
def test_a_header_in_the_middle_of_a_file_is_quarantined(folder: Folder, end: str) -> None:
    rows = [
        "Id,bizible2__BizibleId__c",
        "1,x",
        '"Id",bizible2__BizibleId__c',
        "bizible2__BizibleId__c,ID",
        "id,",
        "Id,mine",
    ]
    folder.write("a.csv", "\n".join([*rows, "2,y"]) + "\n" + end, TASK)
    assert counts(folder.land(TASK)) == (6, 4, 0, 0, 2)
    assert folder.quarantine() == [
        (3, "the header again", '"Id",bizible2__BizibleId__c'),
        (5, "the header again", "id,"),
    ]
    folder.write("b.csv", visits(("a", "1"), ("ID", "n")).replace("ID,c,2024-01-01,n", "ID,COOKIE_ID,EVENT_DATE,NOTE"))
    folder.land()
    assert (3, "the header again", "ID,COOKIE_ID,EVENT_DATE,NOTE") in folder.quarantine()


@pytest.mark.parametrize("text", ["Records not found for this query", '"Records not found for this query"\n'])
def test_a_file_that_says_that_no_records_were_found_is_empty(folder: Folder, text: str) -> None:
    folder.write("a.csv", text, TASK)
    folder.write("b.csv", "Id,bizible2__BizibleId__c\n1,x\n", TASK)
    report = folder.land(TASK)
    assert counts(report) == (1, 1, 0, 0, 0)


def test_a_file_without_the_columns_that_make_it_useful(folder: Folder) -> None:
    """The most important columns first, with what is missing without them, and never cut."""
    folder.tables = {table.folder: table for table in landing.read_sources(PROJECT_DIR)}
    history = "salesforce/OpportunityHistory"
    for name in ("a.csv", "b.csv"):
        folder.write(name, "Id,CreatedDate\n008000000000001AAA,2024-01-01\n", history)
    folder.write("deleted.csv", "Id,SystemModstamp,IsDeleted\n008000000000002AAA,2024-01-01,true\n", history)
    assert folder.land(history).warnings == [
        f"{history}/a.csv and 1 more file lack columns that their rows need: OpportunityId (they belong to no "
        "opportunity); StageName (they have no stage). Add them to the export."
    ]
    columns = [column.name for column in folder.tables[TASK].columns]
    folder.write("a.csv", ",".join(columns) + "\n", TASK)
    folder.write("b.csv", "Id,Subject\n00T000000000001AAA,s\n", TASK)
    warnings = folder.land(TASK).warnings
    assert any(
        "lacks columns that its rows need: bizible2__BizibleId__c (no call is tracked); Cre" in w for w in warnings
    )


def test_tables_that_fail_in_several_ways_are_all_reported(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that cannot be listed and has never landed, and one with a bad file."""
    folder.write("a.csv", "no header\n", TASK)
    folder.write("a.csv", "")
    find_files = files.find_files

    def unlisted(table: contract.SourceTable, *arguments: Any) -> Any:
        if table.folder == VISITS:
            raise LandingError(f"{VISITS} cannot be listed: Permission denied. Allow reading it.")
        return find_files(table, *arguments)

    monkeypatch.setattr(files, "find_files", unlisted)
    with pytest.raises(landing.LandingFailed) as failed:
        folder.land_all()
    assert len(failed.value.errors) == 2
    assert "cannot be listed" in str(failed.value) and "a.csv has no column Id" in str(failed.value)
    assert len(failed.value.reports) == 2


def test_ids_of_15_and_18_characters_are_one_row(folder: Folder) -> None:
    folder.write("a.csv", "Id,SystemModstamp,bizible2__BizibleId__c\n00T1G00003Ufap9,2024-01-01,x\n", TASK)
    folder.write("b.csv", "Id,SystemModstamp,bizible2__BizibleId__c\n00T1G00003Ufap9UAB,2024-01-02,y\n", TASK)
    folder.land(TASK)
    assert folder.query('SELECT _row_key, bizible2__BizibleId__c FROM raw_salesforce."Task"') == [
        ("00T1G00003Ufap9UAB", "y")
    ]


def test_a_hash_of_another_engine_is_computed_again(folder: Folder) -> None:
    folder.write("a.csv", visits(("a", "1")))
    folder.land()
    with duckdb.connect(str(folder.warehouse)) as con:
        con.execute("UPDATE raw_web.visits SET _content_hash = 1")
        con.execute("UPDATE landing.tables SET signature = 'DuckDB of old'")
    folder.write("b.csv", visits(("a", "1")))
    assert counts(folder.land()) == (1, 0, 0, 1, 0)
    assert folder.rows("_load_id") == [(1,)]


def test_a_row_that_reads_differently_under_a_new_contract_has_changed(folder: Folder, tmp_path: Path) -> None:
    folder.write("a.csv", "ID,COOKIE_ID,EVENT_DATE,Spam\na,c,2024-01-01,true\nb,c,2024-01-01,false\n")
    folder.land()
    path = tmp_path / "models" / "staging" / "any" / "_any__sources.yml"
    path.write_text(CONTRACT.replace("deleted_by: [IS_DELETED,", "deleted_by: [Spam, IS_DELETED,"))
    folder.tables = {table.folder: table for table in landing.read_sources(tmp_path)}
    folder.land()
    folder.land()
    assert folder.rows("ID, _is_deleted, _load_id") == [("a", True, 2), ("b", False, 1)]


# Files that are read, and those that are not


def test_unfinished_hidden_and_foreign_files_are_left_alone(folder: Folder) -> None:
    folder.write("a.csv", visits(("a", "1")))
    for name in (".b.csv", "c.csv.tmp", "d.csv.part", ".hidden/e.csv", "_temporary/f.csv", "g.tmp/h.csv"):
        folder.write(name, visits((name, "x")))
    folder.write("table.xlsx", b"PK")
    report = folder.land()
    assert [file.path for file in report.files] == [f"{VISITS}/a.csv"]
    assert report.warnings == [
        f"{VISITS}/table.xlsx is not read: landing reads *.csv, *.csv.gz, *.parquet, *.jsonl, *.jsonl.gz."
    ]


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_file_names_with_odd_signs_and_folders(folder: Folder, suffix: str) -> None:
    names = [
        "a [b]*?.",
        'o\'brien "q" $x ü\u202f.',
        "year=2024/part 1.",
        "{x,y}.",
        "per%20cent.",
        "back\\slash.",
        "**.",
    ]
    for number, name in enumerate(names):
        row = {"ID": str(number), "COOKIE_ID": "c", "EVENT_DATE": "2024-01-01", "NOTE": "n"}
        path = folder.write(name + suffix, visits((str(number), "n")) if suffix == "csv" else json.dumps(row))
        if suffix == "parquet":
            folder.parquet("plain.parquet", "SELECT " + ", ".join(f"'{v}' AS {k}" for k, v in row.items()))
            (folder.path / VISITS / "plain.parquet").replace(path)
    assert counts(folder.land()) == (7, 7, 0, 0, 0)
    assert folder.rows("_source_file") == [(f"{VISITS}/{name}{suffix}",) for name in names]
    assert not folder.land().files


def test_a_thousand_foreign_files_are_one_warning(folder: Folder) -> None:
    folder.write("a.csv", visits(("a", "1")))
    for number in range(1000):
        folder.write(f"{number:04}.json", "[]")
    assert folder.land().warnings == [
        f"{VISITS}/0000.json and 999 more files are not read: landing reads *.csv, *.csv.gz, *.parquet, *.jsonl, "
        "*.jsonl.gz. Rename a file that has one JSON object per line to .jsonl; rewrite an array with `jq -c '.[]'`."
    ]


def test_control_characters_in_the_name_of_a_file_are_escaped_in_messages(folder: Folder) -> None:
    name = "x\n9.9 s  Published 99 tables \x1b[31m.csv"
    folder.write(name, visits(("a", "1"), ("", "2")))
    folder.write(name + ".xlsx", "")
    folder.land()
    folder.write(name, "no header\n")
    with pytest.raises(LandingError) as error:
        folder.land()
    with pytest.raises(landing.LandingFailed) as failed:
        folder.land_all()
    for message in (*folder.lines, str(error.value), *failed.value.errors):
        assert message.isprintable()
    assert r"x\n9.9 s  Published 99 tables \x1b[31m.csv" in str(error.value)
    assert folder.rows("_source_file") == [(f"{VISITS}/{name}",)]


def test_a_file_name_that_is_not_utf8_is_named(folder: Folder) -> None:
    folder.write(os.fsdecode(b"caf\xe9.csv"), visits(("a", "1")))
    with pytest.raises(LandingError, match=r"caf\\udce9\.csv: the file's name is not UTF-8\. Rename the file"):
        folder.land()


@pytest.mark.parametrize("name", ["x.csv.gz", "x.jsonl.gz"])
def test_zeros_after_the_end_of_a_gzip_file(folder: Folder, name: str) -> None:
    row = json.dumps({"ID": "a", "COOKIE_ID": "c", "EVENT_DATE": "2024-01-01", "NOTE": "1"})
    folder.write(name, gzip.compress((visits(("a", "1")) if "csv" in name else row).encode()) + bytes(1000))
    assert counts(folder.land()) == (1, 1, 0, 0, 0)
    assert folder.rows("ID, NOTE") == [("a", "1")]


def test_a_link_out_of_the_landing_folder_is_not_followed_unless_a_setting_allows_it(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "landing of others"
    (outside / "more").mkdir(parents=True)
    for name in ("secret.csv", "more/b.csv"):
        (outside / name).write_text(visits((name, "1")))
    folder.write("a.csv", visits(("a", "1")))
    (folder.path / VISITS / "link.csv").symlink_to(outside / "secret.csv")
    (folder.path / VISITS / "linked").symlink_to(outside / "more")
    report = folder.land()
    assert [file.path for file in report.files] == [f"{VISITS}/a.csv"]
    assert report.warnings == [
        f"{VISITS}/link.csv and 1 more link lead out of the landing folder and are not followed. Put the files here, or"
        " name their folder in CALL_ATTRIBUTION_LANDING_LINKS."
    ]
    allowed = replace(Settings.current(), landing_links=(outside / "more",))
    monkeypatch.setattr(Settings, "current", lambda: allowed)
    assert [file.path for file in folder.land().files] == [f"{VISITS}/linked/b.csv"]


def test_links_are_followed_and_circles_left(folder: Folder, tmp_path: Path) -> None:
    elsewhere = folder.path / "elsewhere"
    elsewhere.mkdir(parents=True)
    (elsewhere / "real.csv").write_text(visits(("a", "1")))
    (folder.path / "web").mkdir(parents=True)
    (folder.path / VISITS).symlink_to(elsewhere)
    (elsewhere / "again").symlink_to(elsewhere)
    (elsewhere / "link.csv").symlink_to(elsewhere / "real.csv")
    assert [file.path for file in folder.land().files] == [f"{VISITS}/link.csv", f"{VISITS}/real.csv"]
    (elsewhere / "real.csv").unlink()
    with pytest.raises(LandingError, match=r"link\.csv is a link to a missing file"):
        folder.land()


def test_what_is_no_regular_file_is_an_error(folder: Folder) -> None:
    path = folder.write("a.csv", visits(("a", "1")))
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(LandingError, match="is not a regular file"):
        folder.land()


def truncated_gzip() -> bytes:
    return gzip.compress(visits(*((str(i), "x" * 50) for i in range(10_000))).encode(), mtime=0)[:-2000]


def zipped(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("x", data)
    return buffer.getvalue()


# A frame with one block of three bytes that is not compressed.
ZSTANDARD = bytes.fromhex("28b52ffd 00 58 190000") + b"ID\n"


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("x.csv.gz", truncated_gzip(), "is a truncated gzip file"),
        ("x.csv.gz", b"\x1f", "is a truncated gzip file"),
        ("x.csv.gz", visits(("a", "1")), "is not compressed with gzip. Compress it, rename it"),
        ("x.jsonl.gz", zipped(b'{"ID": "a"}\n'), "is not compressed with gzip"),
        ("x.csv", gzip.compress(b"ID\n"), "contains gzip data and not text. Decompress it, rename it"),
        ("x.csv.gz", gzip.compress(gzip.compress(b"ID\n")), "contains gzip data and not text"),
        ("x.jsonl", gzip.compress(b'{"ID": "a"}\n'), "contains gzip data and not text"),
        ("x.jsonl", ZSTANDARD, "contains Zstandard data and not text"),
        ("x.csv.gz", gzip.compress(ZSTANDARD), "contains Zstandard data and not text"),
        ("x.csv", zipped(b"ID\n"), "contains ZIP data and not text"),
        ("x.csv", bz2.compress(b"ID\n"), "contains bzip2 data and not text"),
        ("x.csv", lzma.compress(b"ID\n"), "contains XZ data and not text"),
        ("x.csv", b"PAR1\x15\x04", "contains Parquet data and not text"),
        ("x.jsonl.gz", gzip.compress(b'{"ID": "a"}\n' * 999, mtime=0)[:-9], "is a truncated gzip file"),
        ("x.parquet", b"PAR1 but not really", "is not a readable Parquet file"),
        ("x.csv", "ID,COOKIE_ID,EVENT_DATE\n".encode("utf-16"), "is UTF-16. Save or export it as UTF-8"),
        ("x.csv", "ID,COOKIE_ID,EVENT_DATE\n".encode("utf-16-le"), "is UTF-16. Save or export it as UTF-8"),
        (
            "x.csv",
            visits(*((str(i), "für" if i % 5 else "for") for i in range(100))).encode("cp1252"),
            "is not UTF-8: 80 of 101 records have other bytes, the first in line 3. It seems to be in another "
            "encoding, such as Windows-1252",
        ),
        (
            "x.jsonl",
            b'{"ID": "a", "EVENT_DATE": "2024-01-01", "COOKIE_ID": "\xe4"}\n' * 2,
            "is not UTF-8: 2 of 2 records",
        ),
        ("x.csv", visits(("a", "1")).replace(",", ";"), "seems to be separated by semicolons"),
        (
            "x.csv",
            "secret@example.com,c,2024-01-01\n",
            "has no column ID; it has 3 other columns. None of them is a column",
        ),
        (
            "x.csv",
            "ID,EVENT_DATE\na,2024-01-01\n",
            "SESSION_ID; it has 2 other columns. Add it to the export, or remove",
        ),
        ("x.csv", "_airbyte_raw_id,_airbyte_data\n1,{}\n", "It is Airbyte's raw format"),
        ("x.jsonl", '{"_airbyte_ab_id": 1, "_airbyte_data": {"ID": "a"}}\n', "It is Airbyte's raw format"),
        ("x.jsonl", '{"event_name": "page_view", "event_params": []}\n', "It has the events of Google Analytics 4"),
        ("x.csv", "event_id,domain_userid\n1,2\n", "It has the events of Snowplow. Set variable web_tracker"),
        (
            "x.jsonl",
            '{"anonymousId": "1", "messageId": "2", "type": "page"}\n',
            "It has raw calls of Segment",
        ),
        ("x.csv", "id,anonymous_id,url\n1,2,3\n", "It has the events of Segment or RudderStack. Set"),
        ("x.jsonl", '{"event": "a", "distinct_id": "b"}\n', "Mixpanel or PostHog, for which there is no mapping"),
        ("x.jsonl", '{"type": "RECORD", "stream": "s", "record": {"ID": "a"}}\n', "It has Singer's messages"),
        ("x.jsonl", '{"payload": {"after": {"ID": "a"}}}\n', "Write the object in `payload`"),
        ("x.jsonl", '{"records": [{"ID": "a"}], "totalSize": 1}\n', "for example with `jq -c '.records[]'`"),
        ("x.jsonl", '[{"ID": "a"},\n {"ID": "b"}]\n', "is one JSON document (an array) and not JSON lines"),
        ("x.jsonl", '\n {\n"ID": "a"\n}\n', "is one JSON document (an object of many lines) and not JSON lines"),
        ("x.jsonl", '{"ID": "a", "COOKIE_ID": "c"}\n', "has no column EVENT_DATE; it has 2 other columns. Add it"),
        ("x.csv", "ID,COOKIE_ID,EVENT_DATE\ra,c,2024-01-01\r", "lines must end in a line feed"),
        ("x.csv", 'ID,COOKIE_ID,"EVENT_DATE\n' + "secret\n" * 30_000, "its header cannot be read"),
        ("x.csv", "ID,COOKIE_ID,EVENT_DATE,X,ID\n", "columns 1 and 5 have the same name"),
    ],
    # Compressed bytes contain the time, and every worker needs the same names of tests.
    ids=lambda value: "data" if isinstance(value, bytes) else None,
)
def test_a_file_that_cannot_be_read_stops_its_table(folder: Folder, name: str, data: str | bytes, message: str) -> None:
    """What was there stays, the other new files wait, the next run without the bad file lands them."""
    folder.write("a.csv", visits(("a", "1")))
    folder.land()
    folder.write("b.csv", visits(("b", "2")))
    bad = folder.write(name, data)
    with pytest.raises(LandingError) as error:
        folder.land()
    assert message in str(error.value) and f"{VISITS}/{name}" in str(error.value)
    assert "remove" in str(error.value), "a file that nobody needs can also go"
    assert "secret" not in str(error.value)
    assert folder.rows() == [("a", 2, "1")]
    assert folder.query("SELECT count(*) FROM landing.files") == [(1,)]
    assert folder.query("SELECT table_name FROM duckdb_tables() WHERE table_name LIKE '%loading%'") == []
    bad.unlink()
    folder.land()
    assert folder.rows() == [("a", 2, "1"), ("b", 2, "2")]


@pytest.mark.parametrize(
    ("name", "data", "limit"),
    [
        (
            "x.csv.gz",
            gzip.compress(b"ID,COOKIE_ID,EVENT_DATE,NOTE\na,c,2024-01-01," + bytes(3_000_000)),
            "RECORD_SIZE",
        ),
        ("x.csv.gz", gzip.compress(b"ID," + b"x" * 3_000_000), "RECORD_SIZE"),
        ("x.csv.gz", gzip.compress(visits(("a", "1")).encode() + b"\n" * 4_000_000), "RECORD_SIZE"),
        ("x.jsonl.gz", gzip.compress(b'{"ID": "' + b"x" * 3_000_000), "RECORD_SIZE"),
        ("x.csv.gz", gzip.compress(visits(("a", '"open')).encode() + b"a longer line\n" * 100_000), "RECORD_SIZE"),
        ("x.csv", ",".join(["ID,COOKIE_ID,EVENT_DATE", *(f"x{i}" for i in range(2001))]), "COLUMNS"),
        ("x.jsonl", json.dumps({f"x{i}": 1 for i in range(2001)}), "COLUMNS"),
        ("x.csv.gz", gzip.compress(visits(("a", "1")).encode() * 3_000), "FILE_SIZE"),
        ("x.parquet", "SELECT 'a' AS ID, 'c' AS COOKIE_ID, '2024-01-01' AS EVENT_DATE FROM range(100000)", "FILE_SIZE"),
        (
            "x.parquet",
            "SELECT 'a' AS ID, 'c' AS COOKIE_ID, '2024-01-01' AS EVENT_DATE, repeat('x', 9000) AS NOTE FROM range(999)",
            "FILE_SIZE",
        ),
        (
            "x.parquet",
            "SELECT 'a' AS ID, 'c' AS COOKIE_ID, '2024-01-01' AS EVENT_DATE, repeat('x', 2000000) AS NOTE",
            "RECORD_SIZE",
        ),
        ("x.parquet", f"SELECT {', '.join(f'{i} AS x{i}' for i in range(2001))}", "COLUMNS"),
        ("x.csv.gz", gzip.compress(visits().encode() + b"x\n" * 5_000), "LINES"),
        ("x.jsonl.gz", gzip.compress(b"1\n" * 5_000), "LINES"),
        *(
            (
                "x.parquet",
                f"SELECT 'a' AS ID, 'c' AS COOKIE_ID, '2024-01-01' AS EVENT_DATE, {value} AS x FROM range(99)",
                "FILE_SIZE",
            )
            for value in (
                "repeat('x', 50000)::BLOB",
                "[repeat('x', 50000)]",
                "{'a': 1, 'b': [{'c': repeat('x', 50000)}]}",
                "map([1], [repeat('x', 50000)])",
            )
        ),
        ("x.parquet", "SELECT 'a' AS ID, 'c' AS COOKIE_ID, '2024-01-01' AS EVENT_DATE FROM range(5000)", "LINES"),
        ("x.csv", visits(("a", "1")) + "x\n" * 31, "QUARANTINED"),
        ("x.csv", visits(*(("", "1") for _ in range(31))), "QUARANTINED"),
        ("x.jsonl", '{"ID": "a", "COOKIE_ID": "c", "EVENT_DATE": "2024-01-01"}\n' + "x\n" * 31, "QUARANTINED"),
        ("x.parquet", "SELECT NULL::INT AS ID, 'c' AS COOKIE_ID, 'x' AS EVENT_DATE FROM range(31)", "QUARANTINED"),
    ],
    ids=[
        "one value",
        "one header",
        "line breaks",
        "one object",
        "open quote",
        "header",
        "keys",
        "many rows",
        "equal rows",
        "equal long values",
        "one long value",
        "columns of Parquet",
        "short lines",
        "short lines without an object",
        "equal long bytes",
        "equal long values of lists",
        "equal long values of structs",
        "equal long values of maps",
        "rows of Parquet",
        "broken records",
        "rows without a key",
        "lines that are not JSON",
        "rows of Parquet without a key",
    ],
)
def test_a_file_over_a_limit_is_named_with_the_limit(folder: Folder, name: str, data: str | bytes, limit: str) -> None:
    """Small files that would cost a lot: nothing of them is landed, and the limit can be raised."""
    lower = {"FILE_SIZE": {"file_bytes": 100_000}, "LINES": {"lines": 4000}, "QUARANTINED": {"quarantined": 30}}
    folder.limits = LandingLimits(record_bytes=10**6, **lower.get(limit, {}))
    if name == "x.parquet":
        folder.parquet(name, str(data))
    else:
        folder.write(name, data)
    with pytest.raises(
        LandingError, match=rf"{name} .*CALL_ATTRIBUTION_MAX_{limit}.*remove the file, or raise the limit"
    ):
        folder.land()
    assert folder.query("SELECT count(*) FROM landing.files") == [(0,)]


@pytest.mark.parametrize("more", [0, 1], ids=["as many as allowed", "one more"])
@pytest.mark.parametrize(
    ("name", "head", "good", "bad"),
    [
        ("x.csv", "ID,COOKIE_ID,EVENT_DATE\n", "{},c,2024-01-01\n", "x\n"),
        ("x.jsonl", "", '{{"ID": "{}", "COOKIE_ID": "c", "EVENT_DATE": "2024-01-01"}}\n', "x\n"),
    ],
)
def test_exceptions_are_quarantined_up_to_the_limit(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, name: str, head: str, good: str, bad: str, more: int
) -> None:
    """Read in many pieces, of which none ends where a record does."""
    folder.limits = LandingLimits(quarantined=20)
    monkeypatch.setattr(files, "CHUNK", 97)
    folder.write(name, head + "".join(good.format(key) + bad * (key < 20 + more) for key in range(200)))
    if more:
        with pytest.raises(LandingError, match="more than 20 records that cannot be used, the limit"):
            folder.land()
    else:
        assert counts(folder.land()) == (220, 200, 0, 0, 20)


@pytest.mark.parametrize(
    ("name", "head", "line", "message"),
    [
        ("x.csv", "ID,COOKIE_ID,EVENT_DATE\n", b"x\n", "CALL_ATTRIBUTION_MAX_QUARANTINED"),
        ("x.jsonl", '{"ID": "a"}\n', b"x\n", "CALL_ATTRIBUTION_MAX_QUARANTINED"),
        ("x.jsonl", "[\n", b'{\n"ID": "a"\n},\n', "is one JSON document"),
        ("x.csv", "ID,COOKIE_ID,EVENT_DATE\n", b"1,c,2024-01-01,\xe9\n", "is not UTF-8"),
    ],
    ids=["broken records", "lines that are not JSON", "one JSON document", "another encoding"],
)
def test_too_many_broken_records_are_found_before_the_rest_is_read(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, name: str, head: str, line: bytes, message: str
) -> None:
    """A hundred million lines of two bytes take ten minutes to read exactly."""
    folder.limits = LandingLimits(quarantined=100)
    monkeypatch.setattr(files, "CHUNK", 1000)
    folder.write(name, head.encode() + line * 20_000)
    blocks = files.line_blocks
    last_line = len(line) * 20_000

    def seen(file: files.SourceFile) -> Any:
        nonlocal last_line
        for block in blocks(file):
            last_line = block[0]
            yield block

    monkeypatch.setattr(files, "line_blocks", seen)
    with pytest.raises(LandingError, match=message):
        folder.land()
    assert last_line < 1000


def test_many_new_columns_of_a_filled_table_are_added_in_one_copy(folder: Folder) -> None:
    """An ALTER for each of 2,000 took 3.8 s, and four times that for twice as many."""
    old = {"EVENT_DATE": "2024-01-01", "COOKIE_ID": "c", "MODIFIED_DATE": "2024-01-01", "NOTE": "old"}
    folder.write("a.jsonl", "".join(json.dumps({"ID": key} | old) + "\n" for key in "12"))
    folder.land()
    for name, key in (("b", "2"), ("c", "3")):
        row = {"ID": key, "EVENT_DATE": "2024-01-01", "COOKIE_ID": "c", "MODIFIED_DATE": "2024-01-02"}
        row |= {f"{name}_{number}": str(number) for number in range(1000)}
        folder.write(f"{name}.jsonl", json.dumps(row) + "\n")
        started = time.process_time()
        assert counts(folder.land())[:2] == (1, 1)
        assert time.process_time() - started < 20
    assert folder.rows("ID, NOTE, b_0, b_999, c_7, _source_line") == [
        ("1", "old", None, None, None, 1),
        ("2", None, "0", "999", None, 1),
        ("3", None, None, None, "7", 1),
    ]
    assert not folder.query("SELECT table_name FROM duckdb_tables() WHERE table_name LIKE '%wider%'")


def test_the_further_columns_of_a_table_have_a_limit(folder: Folder) -> None:
    folder.limits = LandingLimits(columns=6)
    folder.write("a.csv", "ID,COOKIE_ID,EVENT_DATE,a,b,c\n1,c,2024-01-01,1,2,3\n")
    folder.write("b.csv", "ID,COOKIE_ID,EVENT_DATE,d,e,f\n2,c,2024-01-01,1,2,3\n")
    folder.land()
    folder.write("c.csv", "ID,COOKIE_ID,EVENT_DATE,g\n3,c,2024-01-01,1\n")
    with pytest.raises(
        LandingError, match=r"c\.csv would bring the further columns of its table to more than 6 columns"
    ):
        folder.land()


def test_a_parquet_file_damaged_in_the_middle(folder: Folder) -> None:
    path = folder.parquet(
        "x.parquet", "SELECT i::VARCHAR AS ID, 'c' AS COOKIE_ID, '2024-01-01' AS EVENT_DATE FROM range(50000) AS t(i)"
    )
    data = bytearray(path.read_bytes())
    data[100:5000] = b"\xff" * 4900
    path.write_bytes(data)
    with pytest.raises(LandingError, match="cannot be read to its end"):
        folder.land()


@pytest.mark.parametrize("after", ["inspect", "read"])
@pytest.mark.parametrize("change", ["grows", "goes", "replaced"])
def test_a_file_that_changes_while_it_is_read(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, after: str, change: str
) -> None:
    path = folder.write("a.csv", visits(("a", "1")))
    original = getattr(readers, after)

    def changing(*arguments: Any) -> Any:
        result = original(*arguments)
        if change == "grows":
            with open(path, "a") as file:
                file.write("b,c,2024-01-01,2\n")
        elif change == "goes":
            path.unlink()
        else:
            path.with_suffix(".new").write_text(visits(("z", "9")))
            path.with_suffix(".new").replace(path)
        return result

    monkeypatch.setattr(readers, after, changing)
    with pytest.raises(LandingError, match=r"a\.csv changed or disappeared while it was read"):
        folder.land()
    assert folder.rows() == []
    assert folder.query("SELECT count(*) FROM landing.files") == [(0,)]


# Many tables


def test_a_task_table_without_the_bizible_id_says_where_it_comes_from(folder: Folder) -> None:
    folder.write("a.csv", "Id,Description\n1,x\n", TASK)
    with pytest.raises(
        LandingError, match=r"no file has the column bizible2__BizibleId__c\. It comes with version 6\.7"
    ):
        folder.land(TASK)
    folder.write("b.csv", "Id,bizible_2_bizible_id_c\n1,x\n", TASK)
    folder.land(TASK)
    folder.write("c.csv", "Id\n3\n", TASK)
    folder.land(TASK)


def test_one_bad_table_does_not_stop_the_others_and_all_errors_come(folder: Folder) -> None:
    folder.write("a.csv", "no header\n")
    with pytest.raises(landing.LandingFailed) as failed:
        folder.land_all()
    assert len(failed.value.errors) == 2
    assert "a.csv has no column ID" in str(failed.value)
    assert f"No file for salesforce/Task: put the export (CSV, JSON lines or Parquet) into {folder.path}" in str(
        failed.value
    )
    folder.write("a.csv", "Id,bizible2__BizibleId__c\n1,x\n", TASK)
    with pytest.raises(landing.LandingFailed) as failed:
        folder.land_all()
    assert [report.table for report in failed.value.reports if report.error] == [VISITS]
    assert folder.query('SELECT count(*) FROM raw_salesforce."Task"') == [(1,)]


def test_the_next_table_lands_after_a_file_over_a_limit(folder: Folder) -> None:
    """A gzip file of 2 MB that is 2 GB long, with the limits as shipped."""
    head = gzip.compress(b"ID,COOKIE_ID,EVENT_DATE\n1,c,")
    folder.write("bomb.csv.gz", head + gzip.compress(b"0" * 10**7) * 200)
    folder.write("good.csv", visits(("a", "1")))
    folder.write("a.csv", "Id,bizible2__BizibleId__c\n1,x\n2,y\n", TASK)
    with pytest.raises(landing.LandingFailed) as failed:
        folder.land_all()
    [error] = failed.value.errors
    assert f"{VISITS}/bomb.csv.gz " in error and "CALL_ATTRIBUTION_MAX_RECORD_SIZE" in error
    assert folder.query('SELECT Id FROM raw_salesforce."Task" ORDER BY Id') == [("1",), ("2",)]
    assert folder.query("SELECT path FROM landing.files") == [(f"{TASK}/a.csv",)]
    (folder.path / VISITS / "bomb.csv.gz").unlink()
    folder.land_all()
    assert folder.rows("ID, NOTE") == [("a", "1")]


def test_of_a_required_group_one_table_must_have_files(folder: Folder) -> None:
    folder.write("a.csv", "Id,bizible2__BizibleId__c\n", TASK)
    with pytest.raises(landing.LandingFailed, match=r"No file for web/visits: put the export"):
        folder.land_all()
    folder.write("a.csv", visits(("a", "1")))
    folder.land_all()
    (folder.path / VISITS / "a.csv").unlink()
    folder.land_all()  # landing once is enough; the files can be removed


def test_a_folder_with_a_slip_of_the_pen_is_noticed(folder: Folder) -> None:
    folder.write("a.csv", "Id\n", "salesforce/tasks")
    with pytest.raises(landing.LandingFailed):
        folder.land_all()
    assert (
        "Warning: salesforce/tasks is not read: there is no such table. Did you mean salesforce/Task?" in folder.lines
    )


def test_one_run_has_one_load_id(folder: Folder) -> None:
    folder.write("a.csv", "Id,bizible2__BizibleId__c\n1,x\n", TASK)
    folder.write("a.csv", visits(("a", "1")))
    folder.land_all()
    folder.write("b.csv", visits(("b", "2")))
    folder.land_all()
    assert folder.query("SELECT path, load_id FROM landing.files ORDER BY 1") == [
        (f"{TASK}/a.csv", 1),
        (f"{VISITS}/a.csv", 1),
        (f"{VISITS}/b.csv", 2),
    ]


def test_a_warehouse_of_an_earlier_version_is_upgraded_in_place(folder: Folder) -> None:
    folder.write("a.csv", "Id,bizible2__BizibleId__c\n1,x\n", TASK)
    folder.write("a.csv", "ID,COOKIE_ID,EVENT_DATE,NOTE,mine\na,c,2024-01-01,n,1\n,c,2024-01-01,bad,2\n")
    folder.land_all()
    with landing.connect(folder.warehouse) as con:
        con.execute("INSERT INTO landing.builds VALUES (1, 'full', 1, 'digest', now()::TIMESTAMP, now()::TIMESTAMP)")
    tables = ["landing.files", "landing.quarantine", "landing.uncast_values", "landing.tables", "landing.builds"]
    tables += ["raw_web.visits", 'raw_salesforce."Task"']
    before = {table: folder.query(f"FROM {table}") for table in tables}
    with duckdb.connect(str(folder.warehouse)) as con:
        for table in ("files", "quarantine", "uncast_values", "tables"):
            con.execute(f"ALTER TABLE landing.{table} RENAME load_id TO batch_id")
        con.execute("ALTER TABLE landing.builds RENAME through_load TO through_batch")
        con.execute("DROP TABLE landing.links")
        for table in ("raw_web.visits", 'raw_salesforce."Task"'):
            con.execute(f"ALTER TABLE {table} RENAME _load_id TO _batch_id")
        # That version gave columns of files this name.
        con.execute("ALTER TABLE raw_web.visits RENAME mine TO _load_id")
        con.execute("CREATE VIEW old_view AS SELECT _batch_id FROM raw_web.visits")

    with landing.connect(folder.warehouse):
        pass
    assert {table: folder.query(f"FROM {table}") for table in tables} == before
    assert folder.rows("ID, _load_id_, _load_id") == [("a", "1", 1)]

    folder.write("b.csv", visits(("b", "2")))
    folder.land_all()
    assert folder.rows("ID, _load_id_, _load_id") == [("a", "1", 1), ("b", None, 2)]


def test_messages_hold_no_row_content(folder: Folder) -> None:
    folder.write("a.csv", visits(("secret-1", '"secret-2'), (",secret-3", "secret-4,secret-5")))
    folder.write("b.csv", visits(("", "secret-6")).replace("2024", "secret-7"))
    report = folder.land()
    assert "secret" not in "\n".join([*folder.lines, *report.warnings, str(report)])


# The contract


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("data_type: date", "data_type: day", "column DAY has data_type 'day'. Allowed: varchar, timestamp"),
        ("key: Id", "key_form: text", "table Task: meta.landing has no property key_form"),
        ("key: ID", "key: id", "the key id is spelled differently in the list of columns"),
        ("IS_DELETED, data_type: boolean", "IS_DELETED, data_type: number", "needs the data_type boolean or timestamp"),
        ("{name: NOTE,", "{name: cookie id,", "two columns are called 'cookieid'"),
        ("{name: NOTE,", "{name: RowId,", "column RowId has the name of a column that landing or DuckDB adds"),
        ("event_time: EVENT_DATE", "event_time: WHEN", "WHEN is named below meta.landing, but not in the list"),
    ],
)
def test_slips_in_the_contract_are_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "models" / "staging" / "any" / "_any__sources.yml"
    path.parent.mkdir(parents=True)
    path.write_text(CONTRACT.replace(old, new, 1))
    with pytest.raises(LandingError) as error:
        landing.read_sources(tmp_path)
    assert message in str(error.value)


# Fivetran's shape: snake case, custom fields with _c, one row per version, columns that nobody asked for.
FIVETRAN = {
    "Account": """id,_fivetran_synced,name,website,is_deleted,number_of_employees,_fivetran_active
001A000001abcde,2024-01-05 10:00:00,Old name,a.example,false,10,false
001A000001abcde,2024-01-06 10:00:00,Anvil Ltd,a.example,false,12,true
001A000001abcdf,2024-01-06 10:00:00,Gone Inc,,true,,true
""",
    "Contact": """id,_fivetran_synced,account_id,email,created_date,last_modified_date,system_modstamp,lead_source
003A000001abcde,2024-01-05 10:00:00.123,001A000001abcde,kim@a.example,2023-05-01 08:00:00,,2023-06-01 08:00:00,Web
""",
    "Event": """id,_fivetran_synced,activity_date,activity_date_time,description,start_date_time,who_id,type
00UA000001abcde,2024-01-05 10:00:00,2024-01-04 00:00:00,2024-01-04 09:30:00,"Agenda:
one, two",2024-01-04 09:30:00,003A000001abcde,
""",
    "Lead": """_fivetran_synced,company,email,id,is_converted,bizible_2_bizible_id_c,converted_contact_id,is_deleted
2024-01-05 10:00:00,Anvil,lee@a.example,00QA000001abcde,false,277d79d01678498fea067c9b631bf6df,,
""",
    "Opportunity": """_fivetran_synced,account_id,amount,close_date,id,is_closed,is_won,stage_name,_fivetran_active
2024-01-05 10:00:00,001A000001abcde,24120000,2024-02-01 00:00:00,006A000001abcde,false,false,Proposal,true
""",
    "Task": """who_id,description,_fivetran_synced,id,activity_date,call_duration_in_seconds,created_date,task_subtype,\
bizible_2_bizible_id_c,bizible_2_bizible_touchpoint_date_c,_fivetran_deleted
003A000001abcde,"She said ""later""
and hung up",2024-01-05 10:00:00,00TA000001abcde,2024-01-04,213.0,2024-01-04 09:30:05,Call,v_277D79D0,,
,,2024-01-05 10:00:00,00TA000001abcdf,,,2024-01-04 09:30:05,,,,true
""".replace("\\\n", ""),
}


def test_tables_in_fivetrans_shape(folder: Folder) -> None:
    folder.tables = {table.folder: table for table in landing.read_sources(PROJECT_DIR)}
    folder.write("a.csv", "ID,COOKIE_ID,EVENT_DATE\n", "web/sessions")
    for table, text in FIVETRAN.items():
        folder.write("export.csv", text, f"salesforce/{table}")
    reports = {report.table: counts(report) for report in folder.land_all() if report.has_news}
    assert reports == {
        "salesforce/Account": (3, 2, 1, 0, 0),
        "salesforce/Contact": (1, 1, 0, 0, 0),
        "salesforce/Event": (1, 1, 0, 0, 0),
        "salesforce/Lead": (1, 1, 0, 0, 0),
        "salesforce/Opportunity": (1, 1, 0, 0, 0),
        "salesforce/Task": (2, 2, 0, 0, 0),
        "web/sessions": (0, 0, 0, 0, 0),
    }
    assert folder.query("SELECT * FROM landing.uncast_values") == []
    assert folder.query(
        """
        SELECT _row_key, _version_at::VARCHAR, _is_deleted, _source_line, bizible2__BizibleId__c, Description
        FROM raw_salesforce."Task" ORDER BY 1
        """
    ) == [
        ("00TA000001abcdeMAA", "2024-01-05 10:00:00", False, 2, "v_277D79D0", 'She said "later"\nand hung up'),
        ("00TA000001abcdfMAA", "2024-01-05 10:00:00", True, 4, None, None),
    ]
    assert folder.query('SELECT Name, Website FROM raw_salesforce."Account" ORDER BY 1') == [
        ("Anvil Ltd", "a.example"),
        ("Gone Inc", None),
    ]


def test_every_column_that_staging_parses_is_typed_in_the_contract() -> None:
    """An unreadable value is listed only if the contract gives its type."""
    tables = {table.folder: table for table in landing.read_sources(PROJECT_DIR)}
    types = {"timestamp": "timestamp", "date": "date", "boolean": "boolean", "number": "number", "seconds": "number"}
    types |= {"month": "month", "cost": "cost"}
    checked = 0
    for path in (PROJECT_DIR / "models" / "staging").glob("*/*.sql"):
        sql = path.read_text(encoding="utf-8")
        folders = {"/".join(names) for names in re.findall(r"source\('(\w+)', '(\w+)'\)", sql)} & set(tables)
        for kind, name in re.findall(r"parse_(\w+)\('(\w+)'\)", sql):
            found = [column.data_type for folder in folders for column in tables[folder].columns if column.name == name]
            allowed = {types[kind], "timestamp"} if kind == "date" else {types[kind]}
            assert len(folders) != 1 or (len(found) == 1 and found[0] in allowed), f"{path.name}: {name} is {found}"
            checked += len(folders) == 1
    assert checked > 50


def test_the_projects_own_contract() -> None:
    tables = {table.folder: table for table in landing.read_sources(PROJECT_DIR)}
    assert tables["salesforce/Task"].required
    assert tables["salesforce/Task"].required_once[0].column == "bizible2__BizibleId__c"
    assert {table.folder for table in tables.values() if table.required_group == "web"} == {
        "web/sessions",
        "web/page_views",
    }
