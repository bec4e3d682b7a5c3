"""The documentation inside the published file."""

from scripts import reference
from tests.harness import Project, plain_manifest


def test_every_table_and_column_has_its_comment(built: Project) -> None:
    for kind in ("table", "view"):
        assert (
            built.query_published(f"select {kind}_name from duckdb_{kind}s() where not internal and comment is null")
            == []
        )
    columns = built.query_published(
        "select table_name, column_name from duckdb_columns() where not internal and nullif(trim(comment), '') is null"
    )
    assert columns == []


def test_the_file_lists_its_columns(built: Project) -> None:
    listed = built.query_published("select * from docs_columns")
    there = built.query_published(
        "select count(*) as columns from information_schema.columns where table_schema = 'main'"
    )
    assert len(listed) == there[0]["columns"]
    verdict = next(row for row in listed if (row["table_name"], row["column_name"]) == ("fct_calls", "verdict"))
    assert verdict["description"]
    assert verdict["table_description"].startswith("One row per")


def test_every_variable_is_explained_with_its_value(built: Project) -> None:
    listed = {row["variable"]: row["value"] for row in built.query_published("select * from docs_variables")}
    assert set(listed) == set(reference.variables()) - {"documented_variables"}
    assert listed["call_session_window_minutes"] == "30"


def test_every_macro_has_its_comment(built: Project) -> None:
    macros = built.query_published("select function_name, comment from duckdb_functions() where not internal")
    assert {"explain_call", "explain_touchpoint", "explain_opportunity", "add_months"} <= {
        macro["function_name"] for macro in macros
    }
    assert [macro for macro in macros if not macro["comment"]] == []


def test_the_file_has_the_texts_of_the_rules(built: Project) -> None:
    texts = {row["rule"]: row["text"] for row in built.query_published("select rule, text from docs_rules")}
    assert "30 minutes" in texts["R1.4"]
    assert "| `merged` |" in texts["R1.8"]
    assert "\n- They have the same call id" in texts["R1.12"]


def test_every_verdict_is_explained(built: Project) -> None:
    verdicts = built.query_published("select distinct verdict from fct_calls")
    assert {row["verdict"] for row in verdicts} <= {
        row["verdict"] for row in built.query_published("select verdict from docs_verdicts")
    }
    # Placeholders are replaced.
    assert built.query_published("select verdict_explanation from fct_calls where verdict_explanation like '%{%'") == []


def test_every_column_of_staging_is_described(built: Project) -> None:
    described = {
        (model["name"], column.lower())
        for model in plain_manifest()["nodes"].values()
        if model["resource_type"] == "model"
        for column in model["columns"]
    }
    there = built.query(
        """select table_name, lower(column_name) as column_name from duckdb_columns()
        where database_name = 'warehouse' and schema_name = 'staging'"""
    )
    assert there
    assert [row for row in there if (row["table_name"], row["column_name"]) not in described] == []
