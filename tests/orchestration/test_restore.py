"""A backup, restored as docs/production.md describes: the next run rebuilds what is missing, with the same marts."""

import shutil
from pathlib import Path

import pytest

from tests.harness import Project

pytestmark = pytest.mark.slow

COOKIE = "0" * 32
MARTS = "SELECT crm_task_id, verdict, channel, called_at FROM fct_calls ORDER BY ALL"


def landed(folder: Path) -> Project:
    project = Project(folder)
    project.write("web/sessions", [{"ID": "s", "COOKIE_ID": COOKIE, "EVENT_DATE": "2024-05-01 10:00:00"}])
    project.write(
        "salesforce/Task",
        [{"Id": "00T000000000001", "CreatedDate": "2024-05-01T10:10:00Z", "bizible2__BizibleId__c": COOKIE}],
    )
    project.land()
    return project


def test_a_restored_backup_is_built_again(tmp_path: Path) -> None:
    original = landed(tmp_path / "original")
    original.build()
    before = original.query(MARTS)
    assert [row["verdict"] for row in before] == ["merged"]

    # Landing folder and warehouse, without the marts that are built beside it.
    with_warehouse = Project(tmp_path / "with_warehouse")
    shutil.copytree(original.settings.landing_dir, with_warehouse.settings.landing_dir)
    shutil.copy(original.settings.warehouse, with_warehouse.settings.warehouse)
    reports = with_warehouse.land()
    assert not any(report.has_news for report in reports)
    with_warehouse.build(incremental=True)
    assert with_warehouse.plan.reason == f"{with_warehouse.settings.marts_build} is missing"
    assert with_warehouse.query(MARTS) == before

    # The landing folder alone.
    with_files = Project(tmp_path / "with_files")
    shutil.copytree(original.settings.landing_dir, with_files.settings.landing_dir)
    with_files.land()
    with_files.build(incremental=True)
    assert with_files.plan.reason == "this is the first build"
    assert with_files.query(MARTS) == before
