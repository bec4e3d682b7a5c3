"""What Dagster sees: the assets by name, what each depends on, and what starts a run."""

import os
from pathlib import Path

import dagster as dg
import pytest

from orchestration.lib import lock
from orchestration.lib.settings import Settings

GOLDEN = Path(__file__).with_name("asset_keys.txt")


@pytest.fixture(scope="module")
def defs() -> dg.Definitions:
    """The definitions of the project, loaded once."""
    from orchestration.definitions import defs

    return defs


@pytest.fixture
def landing_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A landing folder that the sensor looks at."""
    monkeypatch.setenv("CALL_ATTRIBUTION_LANDING_DIR", str(tmp_path / "landing"))
    monkeypatch.setenv("CALL_ATTRIBUTION_WAREHOUSE", str(tmp_path / "warehouse.duckdb"))
    (tmp_path / "landing" / "web" / "sessions").mkdir(parents=True)
    return tmp_path / "landing"


def test_the_assets_are_those_of_the_golden_list(defs: dg.Definitions) -> None:
    """A renamed or lost asset shows here; a new one is added to the list by hand."""
    keys = {key.to_user_string() for key in graph(defs).get_all_asset_keys()}
    listed = GOLDEN.read_text(encoding="utf-8").split()
    assert keys - set(listed) == set(), f"new assets: add them to {GOLDEN.name}"
    assert set(listed) - keys == set(), f"lost or renamed assets: whoever reads them has to know; edit {GOLDEN.name}"
    assert listed == sorted(listed), f"{GOLDEN.name} is in alphabetical order"


def graph(defs: dg.Definitions):
    return defs.resolve_asset_graph()


def test_lineage_goes_from_raw_table_to_published_file(defs: dg.Definitions) -> None:
    published = dg.AssetKey("published_marts")
    upstream = {published}
    while more := {parent for key in upstream for parent in graph(defs).get(key).parent_keys} - upstream:
        upstream |= more
    assert {dg.AssetKey(["web", "sessions"]), dg.AssetKey(["staging", "stg_salesforce__tasks"])} <= upstream
    assert dg.AssetKey(["main", "fct_calls"]) in graph(defs).get(published).parent_keys
    assert graph(defs).get(dg.AssetKey(["web", "sessions"])).is_materializable


def test_the_groups_are_the_folders_of_the_data_flow(defs: dg.Definitions) -> None:
    from orchestration.runtime.process import MANIFEST

    models = [node for node in MANIFEST["nodes"].values() if node["resource_type"] == "model"]
    folders = {"staging" if "staging" in node["fqn"] else node["fqn"][-2] for node in models}
    groups = {graph(defs).get(key).group_name for key in graph(defs).materializable_asset_keys}
    assert groups == folders | {"seeds", "landing", "published"}


def test_every_dbt_test_is_a_check_that_blocks(defs: dg.Definitions) -> None:
    from orchestration.defs.transform.assets import MANIFEST, models

    tests = {node["name"]: node for node in MANIFEST["nodes"].values() if node["resource_type"] == "test"}
    checks = {check.name: check for check in models.check_specs}
    assert set(checks) == set(tests)
    assert {name for name, check in checks.items() if not check.blocking} == {
        name for name, test in tests.items() if test["config"]["severity"].lower() != "error"
    }
    assert any(check.asset_key == dg.AssetKey(["staging", "stg_salesforce__tasks"]) for check in checks.values())


def test_the_published_marts_have_a_time_after_which_they_are_stale(defs: dg.Definitions) -> None:
    from orchestration.defs.publish.assets import published_marts

    [spec] = published_marts.specs
    assert spec.freshness_policy is not None


def test_the_landed_tables_that_a_run_needs_have_such_a_time_too(defs: dg.Definitions) -> None:
    from orchestration.defs.landing.assets import landed_tables

    timed = {spec.key.to_user_string() for spec in landed_tables.specs if spec.freshness_policy is not None}
    assert timed == {"salesforce/Task", "web/sessions", "web/page_views"}


def test_runs_start_every_hour_and_when_files_come(defs: dg.Definitions) -> None:
    schedule, sensor = defs.resolve_schedule_def("hourly"), defs.resolve_sensor_def("new_files")
    assert schedule.cron_schedule == "0 * * * *"
    assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING
    assert sensor.default_status == dg.DefaultSensorStatus.RUNNING
    assert schedule.job_name == sensor.job_name == "build"


def tick(cursor: str | None = None) -> dg.SensorResult | dg.SkipReason:
    from orchestration.defs.schedules.schedules import new_files

    with dg.DagsterInstance.ephemeral() as instance:
        resources = {"settings": Settings.from_environment()}
        result = new_files(dg.build_sensor_context(instance=instance, cursor=cursor, resources=resources))
    assert isinstance(result, dg.SensorResult | dg.SkipReason)
    return result


def test_the_sensor_starts_one_run_for_what_is_new(landing_dir: Path) -> None:
    assert isinstance(tick(), dg.SkipReason)
    file = landing_dir / "web" / "sessions" / "a.csv"
    file.write_text("ID\n")
    first = tick()
    assert isinstance(first, dg.SensorResult)
    assert first.run_requests is not None
    assert len(first.run_requests) == 1
    assert isinstance(tick(first.cursor), dg.SkipReason)
    before = file.stat().st_mtime_ns
    os.utime(file, ns=(1, 1))
    second = tick(first.cursor)
    assert isinstance(second, dg.SensorResult)
    assert second.cursor != first.cursor
    os.utime(file, ns=(before, before))
    third = tick(second.cursor)
    assert isinstance(third, dg.SensorResult)
    assert third.cursor == first.cursor
    [request] = third.run_requests or []
    assert request.run_key is None, "Dagster starts no second run with the key of an earlier one"


def test_no_run_is_started_while_another_writes(landing_dir: Path) -> None:
    from orchestration.defs.schedules.schedules import hourly

    (landing_dir / "web" / "sessions" / "a.csv").write_text("ID\n")
    with lock.exclusive(landing_dir.parent / ".warehouse.duckdb.lock", "a run"):
        assert isinstance(tick(), dg.SkipReason)
        assert isinstance(hourly(schedule_context()), dg.SkipReason)
    assert isinstance(hourly(schedule_context()), dg.RunRequest)


def schedule_context() -> dg.ScheduleEvaluationContext:
    return dg.build_schedule_context(resources={"settings": Settings.from_environment()})


def test_telemetry_is_off() -> None:
    import yaml

    settings = yaml.safe_load((Path(__file__).parents[2] / "orchestration" / "dagster.yaml").read_text())
    assert settings["telemetry"] == {"enabled": False}
    assert settings["nux"] == {"enabled": False}


def test_definitions_stay_short_and_nothing_private_is_imported() -> None:
    project = Path(__file__).parents[2] / "orchestration"
    assert len((project / "definitions.py").read_text().splitlines()) < 50
    private = [path.name for path in project.rglob("*.py") if "dagster._" in path.read_text()]
    assert private == []
