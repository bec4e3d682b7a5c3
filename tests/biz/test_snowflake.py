"""Queries that were written for Marketo Measure's warehouse: as they are where DuckDB knows the words, else through the
one line of docs/connecting.md."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlglot

from tests.harness import Project

# Not named .sql: dbt takes every such file below tests/ for a test of its own.
QUERIES = Path(__file__).parent / "snowflake"


def translated(sql: str) -> str:
    """The line of docs/connecting.md."""
    return sqlglot.transpile(sql, read="snowflake", write="duckdb")[0]


def answer(built: Project, name: str) -> list[tuple]:
    rows = built.query_published(translated((QUERIES / f"{name}.snowflake").read_text(encoding="utf-8")))
    return [tuple(row.values()) for row in rows]


def test_touchpoints_by_channel_of_a_month(built: Project) -> None:
    assert answer(built, "touchpoints_by_channel") == [
        ("Direct", None, 1),
        ("Other", None, 1),
        ("Paid Search", "AdWords", 1),
        ("Social", "LinkedIn", 1),
    ]


def test_revenue_by_channel(built: Project) -> None:
    rows = answer(built, "revenue_by_channel")
    assert sum(row[1] for row in rows) == pytest.approx(5_000_000_000)
    assert sum(row[2] for row in rows) == pytest.approx(5_000_000_000)
    assert [row[0] for row in rows] == ["Direct", "Paid Search.AdWords"]
    assert {row[3] for row in rows} == {1}


def test_the_journey_of_a_person_with_its_positions(built: Project) -> None:
    assert answer(built, "journey") == [
        (datetime(2024, 3, 1, 10), "Phone Call", "FT, LC"),
        (datetime(2024, 3, 5, 9), "Web Form", None),
    ]


def test_the_touchpoints_of_an_opportunity_with_revenue(built: Project) -> None:
    rows = answer(built, "opportunity")
    assert [row[:3] for row in rows] == [
        (datetime(2024, 3, 1, 10), "Paid Search.AdWords", "FT, LC"),
        (datetime(2024, 3, 5, 9), "Direct", "OC, Offer, Closed"),
    ]
    assert sum(row[3] for row in rows) == Decimal("5000000000.00")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("add_months(date '2024-01-31', 1)", datetime(2024, 2, 29)),
        ("add_months(date '2024-02-29', 1)", datetime(2024, 3, 31)),
        ("add_months(timestamp '2024-02-29 10:00:00', -2)", datetime(2023, 12, 31, 10)),
        ("add_months(date '2024-03-15', -1)", datetime(2024, 2, 15)),
        ("dateadd('month', -1, date '2024-03-31')", datetime(2024, 2, 29)),
        ("dateadd('quarter', 1, date '2024-01-01')", datetime(2024, 4, 1)),
        ("dateadd('hour', 5, timestamp '2024-01-01 00:00:00')", datetime(2024, 1, 1, 5)),
        ("iff(1 > 2, 'yes', 'no')", "no"),
        ("nvl(null, 3)", 3),
        ("nvl2(null, 1, 2)", 2),
        ("zeroifnull(null)", 0),
        ("nullifzero(0)", None),
        ("div0(1, 0)", 0),
        ("div0(1, 4)", 0.25),
        ("to_date('2024-03-01')", date(2024, 3, 1)),
        ("to_timestamp_ntz('2024-03-01 10:00:00')", datetime(2024, 3, 1, 10)),
        ("to_varchar(12)", "12"),
        ("startswith('Paid Search', 'Paid')", True),
        ("charindex('.', 'Paid Search.AdWords')", 12),
        ("equal_null(null, null)", True),
        ("getdate() > timestamp '2024-01-01'", True),
    ],
)
def test_functions_of_snowflake_in_the_published_file(built: Project, expression: str, expected: Any) -> None:
    assert built.query_published(f"select {expression} as value") == [{"value": expected}]


def test_a_query_without_foreign_syntax_runs_as_it_is(built: Project) -> None:
    rows = built.query_published(
        """
        select split_part(CHANNEL, '.', 1) as channel, count(*) as touches
        from biz_user_touchpoints
        where TOUCHPOINT_DATE >= add_months(date_trunc('month', to_date('2024-04-15')), -1)
            and iff(_DELETED_DATE is null, true, false)
        group by 1
        order by 1
        """
    )
    assert [row["channel"] for row in rows] == ["Direct", "Other", "Paid Search", "Social"]
