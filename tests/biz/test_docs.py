"""The documentation inside the published file."""

import yaml

from orchestration.lib.settings import PROJECT_DIR
from tests.harness import Project


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
    project = yaml.safe_load((PROJECT_DIR / "dbt_project.yml").read_text(encoding="utf-8"))
    assert set(listed) == set(project["vars"])
    assert listed["call_session_window_minutes"] == "30"


def test_every_macro_has_its_comment(built: Project) -> None:
    macros = built.query_published("select function_name, comment from duckdb_functions() where not internal")
    assert {"explain_call", "explain_touchpoint", "explain_opportunity", "add_months"} <= {
        macro["function_name"] for macro in macros
    }
    assert [macro for macro in macros if not macro["comment"]] == []
