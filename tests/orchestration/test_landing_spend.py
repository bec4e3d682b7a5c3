"""The spend sheet: a column per month or one for the month, and rows that add up either way."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.lib import landing
from orchestration.lib.landing import LandingError
from orchestration.lib.settings import PROJECT_DIR, LandingLimits

SPEND = next(table for table in landing.read_sources(PROJECT_DIR) if table.folder == "spend/marketing_spend")


class Sheets:
    """A landing folder with spend sheets and the warehouse beside it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: list[str] = []
        self.limits = LandingLimits()

    def land(self, name: str, text: str | bytes) -> tuple[int, ...]:
        """Rows read, landed, superseded, unchanged, quarantined."""
        file = self.path / "landing" / SPEND.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        with landing.connect(self.path / "warehouse.duckdb") as con:
            report = landing.land_table(con, SPEND, self.path / "landing", self.limits, on_progress=self.lines.append)
        return tuple(report.total(name) for name in ("rows_read", "landed", "superseded", "unchanged", "quarantined"))

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.path / "warehouse.duckdb"), read_only=True) as con:
            return con.execute(sql).fetchall()

    def rows(self, columns: str = "Channel, SubChannel, Month, Cost, _source_line") -> list[tuple[Any, ...]]:
        return self.query(f"SELECT {columns} FROM raw_spend.marketing_spend ORDER BY _row_key")


@pytest.fixture
def sheets(tmp_path: Path) -> Sheets:
    return Sheets(tmp_path)


def test_every_cell_of_a_month_column_is_a_row(sheets: Sheets) -> None:
    text = "Channel,SubChannel,Campaign Id,Campaign Name,Currency,Aug-17,Sep 2017,2017-10\n"
    text += 'BDR,Email,,,USD,"$8,591",,0\nBDR,,,,USD,17182,1,2\n'
    assert sheets.land("a.csv", text) == (6, 6, 0, 0, 0)
    assert sheets.rows() == [
        ("BDR", None, "2017-08", "17182", 3),
        ("BDR", None, "2017-09", "1", 3),
        ("BDR", None, "2017-10", "2", 3),
        ("BDR", "Email", "2017-08", "$8,591", 2),
        ("BDR", "Email", "2017-09", None, 2),
        ("BDR", "Email", "2017-10", "0", 2),
    ]
    assert sheets.query("SELECT count(*) FROM landing.uncast_values") == [(0,)]


def test_months_are_read_as_loaders_write_them(sheets: Sheets) -> None:
    text = "channel,sub_channel,aug_17,SEP_2017,_2017_10,_nov_17,_fivetran_synced\nBDR,Email,1,2,3,4,2018-01-01\n"
    assert sheets.land("a.csv", text) == (4, 4, 0, 0, 0)
    assert sheets.rows() == [("BDR", "Email", f"2017-{8 + number:02}", str(number + 1), 2) for number in range(4)]


def test_a_column_that_can_be_a_month_in_another_form_is_named(sheets: Sheets) -> None:
    text = "Channel,Campaign Id,Aug-17,Dez 2017,2018/01,Owner\nBDR,701,1,2,3,Jane\n"
    assert sheets.land("a.csv", text) == (1, 1, 0, 0, 0)
    assert [line for line in sheets.lines if "no costs are read" in line] == [
        "Warning: spend/marketing_spend/a.csv: no costs are read from Dez 2017, 2018/01. Months are written Aug-17, "
        "Aug 2017 or 2017-08; rename the columns if they are months."
    ]


def test_the_limit_of_lines_counts_cells(sheets: Sheets) -> None:
    sheets.limits = LandingLimits(lines=9)
    assert sheets.land("a.csv", "Channel,Aug-17,Sep-17,Oct-17\nBDR,1,2,3\nSEM,1,2,3\n") == (6, 6, 0, 0, 0)
    with pytest.raises(LandingError, match=r"b\.csv has more than 9 lines or rows, the limit"):
        sheets.land("b.csv", "Channel,Aug-17,Sep-17,Oct-17,Nov-17\nBDR,1,2,3,4\nSEM,1,2,3,4\n")


def test_one_month_is_one_entry_in_every_form(sheets: Sheets) -> None:
    assert sheets.land("a.csv", "Channel,Currency,Aug-17\nBDR,USD,1\n") == (1, 1, 0, 0, 0)
    assert sheets.land("b.csv", "Channel,Currency,Month,Cost\nBDR,USD,2017-08,2\n") == (1, 1, 0, 0, 0)
    assert sheets.land("c.jsonl", '{"channel": "BDR", "currency": "USD", "Aug 2017": 3, "Sep 2017": 4}\n') == (
        2,
        2,
        0,
        0,
        0,
    )
    assert sheets.rows("Cost, _source_file") == [
        ("3", "spend/marketing_spend/c.jsonl"),
        ("4", "spend/marketing_spend/c.jsonl"),
    ]


def test_a_month_without_a_column_does_not_change(sheets: Sheets) -> None:
    sheets.land("a.csv", "Channel,Aug-17,Sep-17\nBDR,1,2\n")
    assert sheets.land("b.csv", "Channel,Sep-17,Oct-17\nBDR,2,3\n") == (2, 1, 0, 1, 0)
    assert sheets.rows("Month, Cost") == [("2017-08", "1"), ("2017-09", "2"), ("2017-10", "3")]


def test_a_row_that_a_later_file_repeats_is_built_again(sheets: Sheets) -> None:
    """Its place decides between the spellings of an entry: `Social.Facebook`, and `Social` with `Facebook`."""
    sheets.land("a.csv", "Channel,SubChannel,Aug-17,Sep-17\nSocial.Facebook,,5,5\n")
    sheets.land("b.csv", "Channel,SubChannel,Aug-17\nSocial,Facebook,6\n")
    assert sheets.land("c.csv", "Channel,SubChannel,Aug-17\nSocial.Facebook,,5\n") == (1, 0, 0, 1, 0)
    assert sheets.rows("Channel, Month, Cost, _source_file[-5:], _load_id") == [
        ("Social.Facebook", "2017-08", "5", "c.csv", 3),
        ("Social.Facebook", "2017-09", "5", "a.csv", 1),
        ("Social", "2017-08", "6", "b.csv", 2),
    ]
    earlier = "SELECT _source_file[-5:], _load_id, until_load FROM landing.earlier_versions"
    assert sheets.query(earlier) == [("a.csv", 1, 3)]


def test_a_sheet_that_is_exported_again_brings_only_what_changed(sheets: Sheets) -> None:
    header = "Channel,SubChannel,Aug-17,Sep-17\n"
    sheets.land("a.csv", header + "Social.Facebook,,5,5\nFairs,,1,2\nSocial,Facebook,6,\n")
    sheets.land("b.csv", header + "Social.Facebook,,5,5\nFairs,,1,3\nSocial,Facebook,6,\n")
    found = "Channel, Month, _source_file[-5:], _load_id"
    assert sheets.rows(found) == [
        ("Fairs", "2017-08", "b.csv", 1),
        ("Fairs", "2017-09", "b.csv", 2),
        ("Social.Facebook", "2017-08", "b.csv", 1),
        ("Social.Facebook", "2017-09", "b.csv", 1),
        ("Social", "2017-08", "b.csv", 1),
        ("Social", "2017-09", "b.csv", 1),
    ]
    # The lines of one entry have changed places.
    sheets.land("c.csv", header + "Social,Facebook,6,\nFairs,,1,3\nSocial.Facebook,,5,5\n")
    assert [row[3] for row in sheets.rows(found)] == [1, 2, 3, 3, 3, 3]


def test_the_last_line_of_a_sheet_counts(sheets: Sheets) -> None:
    assert sheets.land("a.csv", "Channel,Aug-17,Sep-17\nBDR,1,2\nBDR,3,2\n") == (4, 2, 1, 1, 0)
    assert sheets.rows("Month, Cost, _source_line") == [("2017-08", "3", 3), ("2017-09", "2", 3)]


def test_an_unusable_record_keeps_its_line(sheets: Sheets) -> None:
    """Each cell of a record without a channel is a row that cannot be used; a broken record is one."""
    text = "Channel,Currency,Aug-17,Sep-17\n,USD,1,2\nBDR,USD,-5,2\nBDR,USD\n"
    assert sheets.land("a.csv", text) == (5, 2, 0, 0, 3)
    assert sheets.query("SELECT line, reason, raw_text FROM landing.quarantine ORDER BY line") == [
        (2, "no Channel", ",USD,1,2"),
        (2, "no Channel", ",USD,1,2"),
        (4, "too few values: 2 of 4", "BDR,USD"),
    ]
    assert sheets.query("SELECT column_name, line, value FROM landing.uncast_values") == [("Cost", 3, "-5")]


def test_a_month_that_cannot_be_read_is_quarantined(sheets: Sheets) -> None:
    assert sheets.land("a.csv", "Channel,Month,Cost\nBDR,soon,1\nBDR,,1\nBDR,Aug-17,1\n") == (3, 1, 0, 0, 2)
    assert sheets.query("SELECT line, reason FROM landing.quarantine ORDER BY line") == [
        (2, "Month cannot be read as a month"),
        (3, "no Month"),
    ]


def test_parquet_has_columns_for_months_too(sheets: Sheets, tmp_path: Path) -> None:
    path = tmp_path / "sheet.parquet"
    with duckdb.connect() as con:
        con.execute(
            f"COPY (SELECT 'BDR' AS Channel, 1.5 AS \"Aug-17\", NULL AS \"Sep-17\") TO '{path}' (FORMAT parquet)"
        )
    assert sheets.land("a.parquet", path.read_bytes()) == (2, 2, 0, 0, 0)
    assert sheets.rows("Month, Cost, _source_line") == [("2017-08", "1.5", 1), ("2017-09", None, 1)]


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("Channel,17-Aug", "no column for a month, such as Aug-17"),
        ("Channel,Aug-17,Month,Cost", "columns for months and a column Month"),
        ("Channel,Cost", "no column Month"),
        ("Aug-17", "no column Channel"),
    ],
)
def test_a_sheet_in_neither_form_is_refused(sheets: Sheets, header: str, words: str) -> None:
    with pytest.raises(LandingError, match=words):
        sheets.land("a.csv", f"{header}\n{','.join('1' for _ in header.split(','))}\n")
