"""No model uses SQL that Snowflake refuses and the emulator accepts."""

import duckdb
import pytest

from orchestration.lib.sample import write_sample
from tests.harness import Project, frozen_manifest, thaw
from tests.snowflake import emulator
from tests.snowflake.dialect import refused


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("with names as (select 'a' as b) select upper(b) from names where b in (select b from names)", []),
        ("select a from t where b = 'list_filter(x)' -- it's order(x)", []),
        ("select a -- it's here\nfrom t where list_filter(x) -- it's there", ["function list_filter"]),
        ("select list_filter(a, b -> b > 1) from t", ["function list_filter"]),
        ("select regexp_extract(a, 'b') from t", ["function regexp_extract"]),
        ("select regexp_instr(a, '(?:b)') from t", ["pattern '(?:b)'"]),
        ("select regexp_instr(a, 'it''s b*?c') from t", ["pattern 'it''s b*?c'"]),
        (r"select regexp_instr(a, '\\(?b{3}\\)?') from t", []),
        ("select a as order from t", ["reserved order"]),
        ('select "Landing Page", "ID" from t', []),
        ('select "a" from t', ["quoted a"]),
        ("select count(*) filter (where a) from t", ["filter clause COUNT(*) FILTER(WHERE a)"]),
        ("select a in (select b from u) as c from t", ["subquery in a select list a IN (SELECT b FROM u)"]),
    ],
)
def test_what_is_refused_is_found(sql: str, expected: list[str]) -> None:
    assert list(refused(sql)) == expected


def test_no_model_says_what_is_refused(project: Project, duck: duckdb.DuckDBPyConnection) -> None:
    write_sample(project.settings.landing_dir, project.folder / "expected", 1)
    project.land()
    emulator.build(duck, project)
    compiled = {path.stem: path for path in (project.folder / "target" / "compiled").rglob("models/**/*.sql")}
    manifest = thaw(frozen_manifest("snowflake"))
    models = {node.name for node in manifest.nodes.values() if node.resource_type == "model"}
    assert compiled.keys() == models
    found = {name: expected for name, path in compiled.items() if (expected := list(refused(path.read_text())))}
    assert not found, found
