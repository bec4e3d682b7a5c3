"""The benchmark's dataset has the shape that its figures are about."""

from pathlib import Path

import duckdb
import pytest

from benchmarks.dataset import TABLES, write_dataset

SESSIONS = 20_000


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dataset")
    write_dataset(folder / "year", folder / "day", SESSIONS)
    return folder


def rows(dataset: Path, table: str, select: str = "count(*)", part: str = "*") -> tuple:
    with duckdb.connect() as con:
        [row] = con.execute(f"SELECT {select} FROM read_parquet('{dataset}/{part}/{table}/*.parquet')").fetchall()
    return row


def test_there_are_as_many_rows_as_asked_for(dataset: Path) -> None:
    counts = {table: rows(dataset, table, "count(DISTINCT ID)")[0] for table in TABLES}
    assert counts["web/sessions"] == SESSIONS
    assert counts["salesforce/Task"] == SESSIONS // 20
    assert counts["web/form_submits"] == counts["salesforce/Lead"] + counts["salesforce/Contact"] == SESSIONS // 10
    assert counts["salesforce/Opportunity"] == counts["salesforce/Account"] == SESSIONS // 100


def test_a_session_has_25_filled_texts(dataset: Path) -> None:
    with duckdb.connect() as con:
        described = con.execute(f"DESCRIBE FROM read_parquet('{dataset}/*/web/sessions/*.parquet')").fetchall()
    texts = [name for name, kind, *_ in described if kind == "VARCHAR"]
    assert len(texts) == 25
    assert rows(dataset, "web/sessions", ", ".join(f"count(nullif({name}, ''))" for name in texts)) == (SESSIONS,) * 25


def test_ids_are_ids(dataset: Path) -> None:
    """One row an id but for new versions, which come with the last day; ids read as Salesforce writes them."""
    for table in TABLES:
        assert rows(dataset, table, "count(*) - count(DISTINCT ID)", "year") == (0,), table
        assert rows(dataset, table, "count(*) - count(DISTINCT ID)", "day") == (0,), table
    assert rows(dataset, "salesforce/Task", "bool_and(regexp_full_match(Id, '00T5e[0-9]{10}EAA'))") == (True,)


def test_the_last_day_holds_its_rows_stragglers_and_new_versions(dataset: Path) -> None:
    day = "DATE '2025-12-31'"
    [sessions, late] = rows(dataset, "web/sessions", f"count(*), count(*) FILTER (EVENT_DATE < {day})", "day")
    assert SESSIONS // 365 <= sessions - late <= SESSIONS // 365 + 1
    assert 0 < late < sessions - late
    assert rows(dataset, "web/sessions", f"count(*) FILTER (EVENT_DATE >= {day})", "year") == (0,)
    [again] = rows(dataset, "salesforce/Task", "count(*) - count(DISTINCT Id)")
    assert 0 < again < SESSIONS // 20 // 100


def test_the_same_seed_gives_the_same_dataset(dataset: Path, tmp_path: Path) -> None:
    write_dataset(tmp_path / "year", tmp_path / "day", SESSIONS)
    for table in TABLES:
        assert rows(tmp_path, table, "sum(hash(COLUMNS(*)))") == rows(dataset, table, "sum(hash(COLUMNS(*)))"), table


def test_a_year_without_a_last_day_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="ask for 1000 or more"):
        write_dataset(tmp_path / "year", tmp_path / "day", 100)
