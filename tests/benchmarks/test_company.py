"""The benchmark's company has the shape that its figures are about."""

from pathlib import Path

import duckdb
import pytest

from benchmarks.company import TABLES, write_company

SESSIONS = 20_000


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("company")
    write_company(folder / "year", folder / "day", SESSIONS)
    return folder


def rows(company: Path, table: str, select: str = "count(*)", part: str = "*") -> tuple:
    with duckdb.connect() as con:
        [row] = con.execute(f"SELECT {select} FROM read_parquet('{company}/{part}/{table}/*.parquet')").fetchall()
    return row


def test_there_are_as_many_rows_as_asked_for(company: Path) -> None:
    counts = {table: rows(company, table, "count(DISTINCT ID)")[0] for table in TABLES}
    assert counts["web/sessions"] == SESSIONS
    assert counts["salesforce/Task"] == SESSIONS // 20
    assert counts["web/form_submits"] == counts["salesforce/Lead"] + counts["salesforce/Contact"] == SESSIONS // 10
    assert counts["salesforce/Opportunity"] == counts["salesforce/Account"] == SESSIONS // 100


def test_a_session_has_25_filled_texts(company: Path) -> None:
    with duckdb.connect() as con:
        described = con.execute(f"DESCRIBE FROM read_parquet('{company}/*/web/sessions/*.parquet')").fetchall()
    texts = [name for name, kind, *_ in described if kind == "VARCHAR"]
    assert len(texts) == 25
    assert rows(company, "web/sessions", ", ".join(f"count(nullif({name}, ''))" for name in texts)) == (SESSIONS,) * 25


def test_ids_are_ids(company: Path) -> None:
    """One row an id but for new versions, which come with the last day; ids read as Salesforce writes them."""
    for table in TABLES:
        assert rows(company, table, "count(*) - count(DISTINCT ID)", "year") == (0,), table
        assert rows(company, table, "count(*) - count(DISTINCT ID)", "day") == (0,), table
    assert rows(company, "salesforce/Task", "bool_and(regexp_full_match(Id, '00T5e[0-9]{10}EAA'))") == (True,)


def test_the_last_day_holds_its_rows_stragglers_and_new_versions(company: Path) -> None:
    day = "DATE '2025-12-31'"
    [sessions, late] = rows(company, "web/sessions", f"count(*), count(*) FILTER (EVENT_DATE < {day})", "day")
    assert SESSIONS // 365 <= sessions - late <= SESSIONS // 365 + 1
    assert 0 < late < sessions - late
    assert rows(company, "web/sessions", f"count(*) FILTER (EVENT_DATE >= {day})", "year") == (0,)
    [again] = rows(company, "salesforce/Task", "count(*) - count(DISTINCT Id)")
    assert 0 < again < SESSIONS // 20 // 100


def test_the_same_seed_gives_the_same_company(company: Path, tmp_path: Path) -> None:
    write_company(tmp_path / "year", tmp_path / "day", SESSIONS)
    for table in TABLES:
        assert rows(tmp_path, table, "sum(hash(COLUMNS(*)))") == rows(company, table, "sum(hash(COLUMNS(*)))"), table


def test_a_year_without_a_last_day_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="ask for 1000 or more"):
        write_company(tmp_path / "year", tmp_path / "day", 100)
