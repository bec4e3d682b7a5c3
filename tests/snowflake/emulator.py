"""A Snowflake that dbt can connect to: fakesnow, which reads Snowflake's SQL and has DuckDB work it out.

It proves how the SQL is written, not how Snowflake works. What it does otherwise than Snowflake documents, and what the
models need, is put right here, so that the models say what Snowflake wants.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb
import fakesnow.cursor  # pyright: ignore[reportMissingImports]
import fakesnow.transforms  # pyright: ignore[reportMissingImports]
import snowflake.connector  # pyright: ignore[reportMissingImports]
from dbt.contracts.graph.nodes import ModelNode
from fakesnow.instance import FakeSnow  # pyright: ignore[reportMissingImports]
from sqlglot import Expr, exp

from orchestration.lib import landing
from orchestration.lib.landing.contract import read_global_columns
from orchestration.lib.settings import BUILT_SCHEMAS, PROJECT_DIR
from tests.harness import Project

DATABASE = "CALL_ATTRIBUTION"

# Rewritings of the emulator that go wrong.
WRONG = {
    "trim_cast_varchar": "loses the characters that trim() is to take off",
    "to_timestamp": "fails where try_cast() to a time has to be null",
    "numeric_agg_implicit_cast": "adds decimals up as floats",
    "integer_precision": "makes 64 bits of whole numbers of 38 digits",
    "array_agg": "makes JSON of a list, which reduce() then cannot read",
    "split": "makes text of a list, which transform() and filter() then cannot read",
}

# Comments of columns, and any with an apostrophe, are no SQL to it: dbt writes them, and they are passed over.
COMMENTS = r"\s*(comment on|alter\s+(table|view)\s[^;]*\scomment\s)"
COLUMN_COMMENT = re.compile(r"\sCOMMENT \$\$.*?\$\$", re.DOTALL)

# What it does not know.
MISSING = "CREATE MACRO {database}.main.try_hex_decode_string(digits) AS try(decode(unhex(digits)))"


@contextmanager
def emulator() -> Iterator[duckdb.DuckDBPyConnection]:
    """While it lasts, whoever connects to Snowflake connects to the emulator; gives the DuckDB below."""
    fake = FakeSnow(nop_regexes=[COMMENTS])
    parse_one = fakesnow.cursor.parse_one
    with ExitStack() as patches:
        patches.enter_context(mock.patch("snowflake.connector.connect", fake.connect))
        for name in WRONG:
            patches.enter_context(mock.patch.object(fakesnow.transforms, name, lambda expression: expression))
        patches.enter_context(
            mock.patch.object(
                fakesnow.cursor,
                "parse_one",
                lambda sql: _as_documented(parse_one(COLUMN_COMMENT.sub("", sql))),
            )
        )
        patches.callback(fake.duck_conn.close)
        snowflake.connector.connect(database=DATABASE, schema="MARTS")
        fake.duck_conn.execute(MISSING.format(database=DATABASE))
        yield fake.duck_conn


def _as_documented(statement: Expr) -> Expr:
    """A statement without the expressions that the emulator computes otherwise, or not at all; the innermost first."""
    for expression in reversed(list(statement.walk())):
        if (other := _for_duckdb(expression)) is not expression:
            expression.replace(other)
    return statement


def _for_duckdb(expression: Expr) -> Expr:
    if isinstance(expression, exp.Div):
        # `(a - mod(a, b)) / b` in whole numbers: DuckDB divides decimals as floats.
        above = expression.this.unnest()
        if isinstance(above, exp.Sub) and isinstance(above.expression, exp.Mod):
            whole = (exp.cast(part, exp.DType.INT128) for part in (expression.this, expression.expression))
            return exp.IntDiv(**dict(zip(("this", "expression"), whole, strict=True)))
    if isinstance(expression, exp.Cast) and expression.to.this == exp.DType.ARRAY:
        # It makes JSON of an array, which has no elements for a lambda.
        return _try_from_json(expression.this, "JSON") if isinstance(expression, exp.TryCast) else expression.this
    if isinstance(expression, exp.GetExtract):
        # It writes `->`, which begins a lambda within a lambda.
        if expression.expression.is_string:
            path = exp.Literal.string(f"$.{expression.expression.name}")
            return exp.Anonymous(this="json_extract_string", expressions=[expression.this, path])
        place = exp.Literal.number(int(expression.expression.name) + 1)
        return exp.Anonymous(this="list_extract", expressions=[expression.this, place])
    if isinstance(expression, exp.ArrayMin):
        # It reads the arrays of a flattened list as JSON.
        return exp.Anonymous(this="list_min", expressions=[_try_from_json(expression.this, "BIGINT")])
    if isinstance(expression, exp.ToNumber) and set(str(expression.args.get("format"))) == set("'X"):
        # It knows no formats.
        return exp.cast(exp.DPipe(this=exp.Literal.string("0x"), expression=expression.this), exp.DType.BIGINT)
    return expression


def _try_from_json(array: Expr, element: str) -> Expr:
    read = exp.Anonymous(this="from_json", expressions=[array, exp.Literal.string(f'["{element}"]')])
    return exp.Anonymous(this="try", expressions=[read])


def build(duck: duckdb.DuckDBPyConnection, project: Project, **options: Any) -> Project:
    """Builds a project that has landed on the emulator, from nothing."""
    for schema in BUILT_SCHEMAS - {"main"}:
        duck.execute(f"DROP SCHEMA IF EXISTS {DATABASE}.{schema.upper()} CASCADE")
        # Threads of dbt that connect at the same time would each make it.
        duck.execute(f"CREATE SCHEMA {DATABASE}.{schema.upper()}")
    offer(duck, project)
    on_snowflake = project.on("snowflake")
    on_snowflake.build(**options)
    return on_snowflake


def offer(duck: duckdb.DuckDBPyConnection, project: Project) -> None:
    """Every landed row under the names of dbt's sources; names in capitals, as those are that nobody quotes."""
    read_whole = read_global_columns(PROJECT_DIR, "marketo_measure")
    duck.execute(f"ATTACH '{project.settings.warehouse}' AS landed (READ_ONLY)")
    for table in landing.read_sources(PROJECT_DIR):
        columns = duck.execute(f"DESCRIBE landed.{table.schema}.{table.name}").fetchall()
        chosen = ", ".join(
            f'CAST("{name}" AS {"DECIMAL(20, 0)" if kind == "UBIGINT" else kind}) AS "{name.upper()}"'
            for name, kind, *_ in columns
        )
        schemas = {table.input_schema} | ({table.schema} if (table.schema, table.name) in read_whole else set())
        for schema in sorted(schemas):
            duck.execute(f"CREATE SCHEMA IF NOT EXISTS {DATABASE}.{schema.upper()}")
            duck.execute(
                f"CREATE OR REPLACE TABLE {DATABASE}.{schema.upper()}.{table.name.upper()} AS"
                f" SELECT {chosen} FROM landed.{table.schema}.{table.name}"
            )
    duck.execute("DETACH landed")


def write_parquet(
    duck: duckdb.DuckDBPyConnection, marts: Mapping[str, ModelNode], folder: Path, spelled: Iterable[str]
) -> None:
    """Every mart as a folder of Parquet, with the names that its contract gives to the columns.

    `spelled`: names of landed columns as the files spell them, where the emulator has capitals.
    """
    for name, node in marts.items():
        table = f"{DATABASE}.{node.schema.upper()}.{name.upper()}"
        names = {column.upper(): column for column in node.columns}
        columns = [column for column, *_ in duck.execute(f"DESCRIBE {table}").fetchall()]
        values = {column: f'"{column}"' for column in columns}
        if "CUSTOM_PROPERTIES" in values:
            for landed in spelled:
                values["CUSTOM_PROPERTIES"] = (
                    f"""replace({values["CUSTOM_PROPERTIES"]}, '"{landed.upper()}":', '"{landed}":')"""
                )
        chosen = ", ".join(f'{value} AS "{names[column]}"' for column, value in values.items())
        (folder / name).mkdir(parents=True)
        duck.execute(f"COPY (SELECT {chosen} FROM {table}) TO '{folder / name}/mart.parquet'")
