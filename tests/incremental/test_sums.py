"""Reports of sums: what the affected components contributed is subtracted, and what they contribute now is added."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from dbt.contracts.graph.manifest import Manifest

from orchestration.lib.build.dbt import DbtError
from tests.incremental.full_refreshes import Observed, differences
from tests.incremental.test_mutations import replace

pytestmark = pytest.mark.slow

FIRST, SECOND = "277d79d01678498fea067c9b631bf6df", "f" * 32


def session(cookie: str, at: str) -> dict[str, str]:
    return {"ID": f"of-{cookie[:1]}", "COOKIE_ID": cookie, "EVENT_DATE": at, "LANDING_PAGE_RAW": "https://own.example/"}


def call(task_type: str) -> dict[str, str]:
    times = {"CreatedDate": "2024-05-01T10:10:00Z", "SystemModstamp": "2024-05-01T10:10:00Z"}
    return times | {"Id": "00T000000000001", "bizible2__BizibleId__c": FIRST, "Type": task_type}


def daily(project: Observed) -> list[tuple[object, ...]]:
    columns = "strftime(day, '%d'), marketing_touch_type, verdict, touches, calls"
    return [tuple(row.values()) for row in project.query(f"SELECT {columns} FROM rpt_daily ORDER BY ALL")]


@pytest.fixture
def arrived(tmp_path: Path) -> Observed:
    """A full build, and then a call of another type and a visit of another cookie, not yet built."""
    project = Observed(tmp_path / "project")
    project.write("web/sessions", [session(FIRST, "2024-05-01 10:00:00")])
    project.write("salesforce/Task", [call("Call")])
    project.land()
    project.build_incrementally()
    assert daily(project) == [("01", "Phone Call", "merged", 1, 1)]
    project.write("salesforce/Task", [call("") | {"SystemModstamp": "2024-05-02T00:00:00Z"}])
    project.write("web/sessions", [session(SECOND, "2024-05-02 10:00:00")])
    project.land()
    return project


def again(project: Observed, **settings: str) -> Observed:
    """The project as it is now, in a folder of its own."""
    folder = project.folder.with_name("again")
    shutil.copytree(project.folder, folder)
    other = Observed(folder, **settings)
    other.full_sql = project.full_sql
    return other


NOW = [("01", "Web Visit", "merged", 1, 1), ("02", "Web Visit", "(none)", 1, 0)]


def test_groups_get_lose_and_keep_their_touches(arrived: Observed) -> None:
    planted = again(arrived)
    arrived.build_incrementally()
    assert (arrived.plan.kind, daily(arrived)) == ("incremental", NOW)
    assert differences(arrived.marts(), arrived.full_refresh()) == []

    def forget(manifest: Manifest) -> None:
        replace(
            manifest.macros["macro.call_attribution.replace_changed_sums"],
            "        union all\n        select {{ groups",
            "        except all\n        select {{ groups",
        )

    planted.plant = forget
    planted.build_incrementally()
    assert daily(planted) != NOW, "the bug goes undetected"


def test_a_build_that_resumes_another_sums_everything(arrived: Observed) -> None:
    """The touch has its new type when it begins, and the report still counts the old one."""
    arrived.interrupt("fct_attribution_touchpoints")
    planted = again(arrived)
    arrived.build_incrementally()
    assert (arrived.plan.kind, daily(arrived)) == ("incremental", NOW)
    assert differences(arrived.marts(), arrived.full_refresh()) == []

    planted.plant = lambda manifest: replace(
        manifest.macros["macro.call_attribution.knows_rows_before"],
        "var('from_finished_build', false)",
        "var('incremental_build', false)",
    )
    planted.build_incrementally()
    assert daily(planted) != NOW, "the bug goes undetected"


def test_a_build_that_ran_out_of_memory_sums_what_it_could_not_subtract(arrived: Observed) -> None:
    """The first call of dbt lacks memory for every stored mart; the second does not know what was there before."""
    project = again(arrived, memory_limit="300MB")
    calls: list[Manifest] = []

    def plant(manifest: Manifest) -> None:
        calls.append(manifest)
        if len(calls) == 1:
            replace(
                manifest.macros["macro.call_attribution.keep_affected_rows"],
                "{%- if knows_rows_before()",
                "create temporary table much as (select list(range) from range(100_000_000));"
                " {%- if knows_rows_before()",
            )

    project.plant = plant
    project.build_incrementally()
    assert (project.plan.kind, len(calls), daily(project)) == ("incremental", 2, NOW)


def test_a_report_that_reads_the_whole_mart_in_a_macro_stops_the_build(arrived: Observed) -> None:
    """It would subtract what it adds. A macro has a ref() of its own."""
    arrived.plant = lambda manifest: replace(
        manifest.macros["macro.call_attribution.call_facts"], "ref('fct_calls')", "builtins.ref('fct_calls')"
    )
    with pytest.raises(DbtError, match="rpt_calls_by_channel reads fct_calls in a macro"):
        arrived.build_incrementally()
