"""dbt in this process: its command line, its results, and a parse only when something changed."""

import json
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.build import dbt
from orchestration.lib.settings import Settings
from tests.harness import freeze, settings_in, thaw

DBT_PROJECT = {
    "dbt_project.yml": "name: small\nprofile: small\nmodel-paths: [models]\n"
    'on-run-start: "{{ validate_vars() }}"\nvars: {minutes: 30}\n',
    "profiles.yml": "small:\n  target: duckdb\n  outputs:\n    duckdb:\n      type: duckdb\n"
    "      path: \"{{ env_var('CALL_ATTRIBUTION_WAREHOUSE') }}\"\n",
    "macros/validate_vars.sql": "{% macro validate_vars() %}{% if var('minutes') < 0 %}"
    "{{ exceptions.raise_compiler_error(\"Variable 'minutes' is \" ~ var('minutes') ~ '. Allowed: 0 or more.') }}"
    "{% endif %}{% endmacro %}",
    "models/numbers.sql": "select {{ var('minutes') }} as minutes",
    "models/broken.sql": "select * from nowhere",
    "models/after_broken.sql": "select * from {{ ref('broken') }}",
    "models/models.yml": "models:\n  - name: numbers\n    columns:\n      - name: minutes\n        data_tests:\n"
    "          - not_null\n          - accepted_values: {arguments: {values: ['30']}}\n",
}


@pytest.fixture
def small(tmp_path: Path) -> Settings:
    """A dbt project of three models in a folder of its own."""
    project = tmp_path / "dbt project"
    for name, text in DBT_PROJECT.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
    return settings_in(tmp_path, project_dir=project)


def test_the_command_line_is_built_from_what_is_asked(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    line = dbt.arguments(
        "build",
        settings,
        target_dir=tmp_path / "target",
        select=["+fct_calls", "fct_touchpoints"],
        exclude=["stg_web__sessions"],
        exclude_types=["unit_test"],
        variables={"call_session_window_minutes": 15},
        full_refresh=True,
    )
    assert line[line.index("build") :] == [
        "build",
        f"--project-dir={settings.project_dir}",
        f"--profiles-dir={settings.project_dir}",
        "--target=duckdb",
        f"--target-path={tmp_path / 'target'}",
        "--no-write-json",
        *("--indirect-selection=cautious", "--select", "+fct_calls", "fct_touchpoints"),
        *("--exclude", "stg_web__sessions"),
        *("--exclude-resource-type", "unit_test"),
        *("--vars", '{"call_session_window_minutes": 15}'),
        "--full-refresh",
    ]
    assert "--no-send-anonymous-usage-stats" in line


def test_nothing_is_asked_that_was_not_given(tmp_path: Path) -> None:
    line = dbt.arguments("parse", settings_in(tmp_path), target_dir=tmp_path)
    assert not {"--select", "--exclude", "--vars", "--full-refresh", "--no-write-json"} & set(line)


def test_every_node_has_its_result(small: Settings) -> None:
    seen: list[dbt.NodeResult] = []
    result = dbt.build(small, exclude=["broken+"], on_node=seen.append)
    assert result.ok
    assert (result.count("model"), result.count("test")) == (1, 2)
    assert {node.name for node in seen} >= {"numbers", "not_null_numbers_minutes"}


def test_failed_nodes_are_part_of_the_result_and_named_in_one_error(small: Settings) -> None:
    result = dbt.build(small, variables={"minutes": 15})
    assert {node.name: node.status for node in result.nodes if node.resource_type == "model"} == {
        "numbers": "success",
        "broken": "error",
        "after_broken": "skipped",
    }
    [test] = [node for node in result.failed if node.resource_type == "test"]
    assert test.failures == 1
    with pytest.raises(dbt.DbtError, match="nowhere") as error:
        result.require_success()
    assert test.name in str(error.value)


def test_a_wrong_variable_stops_before_any_model(small: Settings) -> None:
    (small.project_dir / "dbt_project.yml").write_text(DBT_PROJECT["dbt_project.yml"].replace("30", "-1"))
    with pytest.raises(dbt.DbtError, match=r"'minutes' is -1\. Allowed: 0 or more\.") as error:
        dbt.check_variables(small)
    assert "called by" not in str(error.value)


def test_a_project_that_cannot_be_parsed_says_why(small: Settings) -> None:
    (small.project_dir / "models" / "broken.sql").write_text("select * from {{ ref('missing') }}")
    with pytest.raises(dbt.DbtError, match="missing"):
        dbt.parse(small)


def test_the_warehouse_is_closed_after_a_build_and_the_environment_restored(small: Settings, monkeypatch) -> None:
    monkeypatch.setenv("CALL_ATTRIBUTION_WAREHOUSE", "before")
    dbt.build(small, select=["numbers"])
    assert os.environ["CALL_ATTRIBUTION_WAREHOUSE"] == "before"
    with duckdb.connect(str(small.warehouse), config={"memory_limit": "100MB"}) as connection:
        assert connection.execute("SELECT minutes FROM numbers").fetchall() == [(30,)]


def test_one_parsed_manifest_serves_several_builds(small: Settings) -> None:
    frozen = freeze(dbt.parse(small))
    for minutes in (30, 5):
        result = dbt.build(small, manifest=thaw(frozen), select=["numbers"], variables={"minutes": minutes})
        assert result.ok == (minutes == 30)


def test_the_manifest_is_parsed_again_only_when_a_file_is_newer(small: Settings) -> None:
    file = small.target_dir / dbt.MANIFEST
    dbt.read_manifest(small)
    parsed_at = file.stat().st_mtime_ns
    dbt.read_manifest(small)
    assert file.stat().st_mtime_ns == parsed_at
    (small.project_dir / "models" / "another.sql").write_text("select 1 as one")
    assert "model.small.another" in dbt.read_manifest(small)["nodes"]
    (small.project_dir / "models" / "another.sql").unlink()
    assert "model.small.another" not in dbt.read_manifest(small)["nodes"]


def test_a_broken_manifest_is_parsed_again(small: Settings) -> None:
    nodes = set(dbt.read_manifest(small)["nodes"])
    file = small.target_dir / dbt.MANIFEST
    for content in (file.read_bytes()[:1000], b"", b"[]", b"\xff"):
        file.write_bytes(content)
        assert set(dbt.read_manifest(small)["nodes"]) == nodes
        assert json.loads(file.read_bytes())


def test_two_processes_that_start_at_once_both_get_a_manifest(small: Settings) -> None:
    """dbt alone writes its manifest in place: in 3 of 8 tries two processes left a broken file."""
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as processes:
        found = list(processes.map(names_of_nodes, [small, small]))
    assert found[0] == found[1] != []
    assert names_of_nodes(small) == found[0]
    left = {path.name for path in small.target_dir.iterdir()}
    assert left == {dbt.MANIFEST, dbt.PARSE_CACHE, ".parse.lock"}


def names_of_nodes(settings: Settings) -> list[str]:
    return sorted(dbt.read_manifest(settings)["nodes"])
