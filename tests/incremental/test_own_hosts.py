"""Own hosts: an incremental build notices a host that came or went, whichever rows it reads to find out (R4.1)."""

from __future__ import annotations

from pathlib import Path

import pytest
from dbt.contracts.graph.manifest import Manifest

from tests.incremental.full_refreshes import Observed
from tests.incremental.test_mutations import replace

pytestmark = pytest.mark.slow

FIRST, SECOND = "e" * 32, "f" * 32


def session(name: str, cookie: str, host: str, deleted: str = "") -> dict[str, str]:
    times = {"EVENT_DATE": "2024-05-01 10:00:00", "MODIFIED_DATE": deleted or "2024-05-01 10:00:00"}
    page = f"https://{host}/{name}"
    return times | {"ID": name, "COOKIE_ID": cookie, "LANDING_PAGE_RAW": page, "_DELETED_DATE": deleted}


def build(project: Observed, *sessions: dict[str, str]) -> str:
    project.write("web/sessions", list(sessions))
    project.land()
    project.build_incrementally()
    return project.plan.kind


def own_hosts(project: Observed) -> set[str]:
    return {row["host"] for row in project.query("SELECT host FROM warehouse.intermediate.int_visits__own_hosts")}


@pytest.fixture
def two_hosts(tmp_path: Path) -> Observed:
    project = Observed(tmp_path / "project")
    project.write("salesforce/Task", [{"Id": "00T000000000001", "bizible2__BizibleId__c": ""}])
    build(project, session("a", FIRST, "own.example"), session("b", SECOND, "shop.example"))
    assert own_hosts(project) == {"own.example", "shop.example"}
    return project


def test_a_host_that_only_other_rows_have_stays(two_hosts: Observed) -> None:
    assert build(two_hosts, session("c", FIRST, "own.example")) == "incremental"
    assert own_hosts(two_hosts) == {"own.example", "shop.example"}


def test_affected_rows_with_every_host_need_no_other_row(two_hosts: Observed) -> None:
    def break_the_whole_comparison(manifest: Manifest) -> None:
        changed = manifest.macros["macro.call_attribution.raise_if_changed"]
        replace(changed, "differing_rows(relation, compiled_code) > 0", "config.get('meta').get('is_union')")

    two_hosts.plant = break_the_whole_comparison
    visits = session("c", FIRST, "own.example"), session("d", SECOND, "www.shop.example")
    assert build(two_hosts, *visits) == "incremental"


def test_a_host_whose_last_page_is_deleted_causes_a_full_refresh(two_hosts: Observed) -> None:
    gone = session("b", SECOND, "shop.example", deleted="2024-05-02 00:00:00")
    assert build(two_hosts, gone) == "full"
    assert "own hosts changed" in two_hosts.plan.reason
    assert own_hosts(two_hosts) == {"own.example"}


def test_a_new_host_causes_a_full_refresh(two_hosts: Observed) -> None:
    visits = (
        session(name, FIRST, host) for name, host in (("c", "own.example"), ("d", "shop.example"), ("e", "new.example"))
    )
    assert build(two_hosts, *visits) == "full"
    assert own_hosts(two_hosts) == {"own.example", "shop.example", "new.example"}
