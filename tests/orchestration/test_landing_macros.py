"""The parsing macros as landing renders them: the same text that dbt puts into the models."""

import ast

import duckdb
import pytest

from orchestration.lib.landing.contract import TECHNICAL_COLUMNS
from orchestration.lib.landing.macros import sql_macro


@pytest.mark.parametrize(
    ("macro", "text", "value"),
    [
        ("parse_timestamp", "2018-08-27T18:30:25.000+0000", "2018-08-27 18:30:25"),
        ("parse_timestamp", "2018-08-27T18:30:25.000Z", "2018-08-27 18:30:25"),
        ("parse_timestamp", "2018-08-27 18:30:25.123456", "2018-08-27 18:30:25.123456"),
        ("parse_timestamp", "1535394625123", "2018-08-27 18:30:25.123"),
        ("parse_timestamp", "soon", None),
        ("parse_date", "2018-08-27", "2018-08-27"),
        ("parse_boolean", "TRUE", "true"),
        ("parse_boolean", "perhaps", None),
        ("parse_number", "12.50", "12.500000000000"),
        ("parse_month", "Aug-17", "2017-08-01"),
        ("parse_month", "sept 2017", "2017-09-01"),
        ("parse_month", "August 2017", "2017-08-01"),
        ("parse_month", "2017-08", "2017-08-01"),
        ("parse_month", "2017-08-31 00:00:00", "2017-08-01"),
        ("parse_month", "17-Aug", None),
        ("parse_month", "2017-13", None),
        ("parse_month", "Marc-17", None),
        ("parse_cost", "$1,234.50", "1234.500000000000"),
        ("parse_cost", "USD 17182", "17182.000000000000"),
        ("parse_cost", "1\u00a0234.5 €", "1234.500000000000"),
        ("parse_cost", " - ", "0.000000000000"),
        ("parse_cost", "$1,200 USD", "1200.000000000000"),
        ("parse_cost", "1,200 kr", "1200.000000000000"),
        ("parse_cost", "500 z\u0142", "500.000000000000"),
        ("parse_cost", "Rs 500", "500.000000000000"),
        ("parse_cost", "\u20b91,20,000", "120000.000000000000"),
        ("parse_cost", "1\u2019200", "1200.000000000000"),
        ("parse_cost", "5 mil", None),
        ("parse_cost", "1,20,00", None),
        ("parse_cost", "5USD5", None),
        ("parse_cost", "-5", None),
        ("parse_cost", "(5)", None),
        ("parse_cost", "12,5", None),
        ("parse_cost", "1.234,50", None),
        ("parse_cost", "5k", None),
        ("parse_cost", "1e3", None),
        ("parse_cost", "12 5", None),
        ("parse_cost", "1234567890123", None),
        ("salesforce_id", " 00T1G00003Ufap9 ", "00T1G00003Ufap9UAB"),
        ("trim_text", "\u00a0\u2009", None),
    ],
)
def test_macros_mean_the_same_outside_dbt(macro: str, text: str, value: str | None) -> None:
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        sql = f"SELECT ({sql_macro(macro)('value')})::VARCHAR FROM (SELECT $text AS value)"
        assert con.execute(sql, {"text": text}).fetchall() == [(value,)]


def test_a_macro_that_is_not_there_is_named() -> None:
    with pytest.raises(AttributeError, match="has no macro parse_colour"):
        sql_macro("parse_colour")


def test_models_know_the_columns_that_landing_adds() -> None:
    assert ast.literal_eval(sql_macro("landing_columns")()) == list(TECHNICAL_COLUMNS)
