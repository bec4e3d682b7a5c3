"""How the report is made: from the published file alone, the same every time, small and soon."""

import time
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.lib import publish, report
from orchestration.lib.errors import UserError
from orchestration.lib.report import charts, page
from orchestration.lib.report.figures import FIGURES
from tests.biz import dataset
from tests.harness import Project


def test_the_page_is_small_and_made_soon(built: Project) -> None:
    started = time.process_time()
    written = report.write(built.settings)
    assert time.process_time() - started < 5
    assert written.size < 1024 * 1024
    assert written.figures == len(FIGURES)
    assert written.path == built.settings.marts.with_name("report.html")


def test_the_same_marts_give_the_same_page(built: Project) -> None:
    first = report.write(built.settings).path.read_bytes()
    assert report.write(built.settings).path.read_bytes() == first


def test_marts_that_are_not_the_default_have_a_page_of_their_own(built: Project) -> None:
    europe = replace(built.settings, marts=built.settings.marts.with_name("marts.eu.duckdb"))
    assert report.path(europe).name == "marts.eu.report.html" != report.path(built.settings).name


def test_a_page_of_another_version_is_not_current(built: Project) -> None:
    report.write(built.settings)
    assert report.is_current(built.settings)
    built.publish()
    assert not report.is_current(built.settings)
    report.write(built.settings)
    publish.rollback(built.settings.marts)
    assert not report.is_current(built.settings)
    report.write(built.settings)
    assert report.is_current(built.settings)


def test_two_pages_at_once_are_both_written(built: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    renderer = page.render

    def render_other_meanwhile(*given: Any) -> page.Rendered:
        with monkeypatch.context() as patch:
            patch.setattr(page, "render", renderer)
            report.write(built.settings)
        return renderer(*given)

    monkeypatch.setattr(page, "render", render_other_meanwhile)
    assert report.write(built.settings).path.exists()
    assert not list(built.settings.marts.parent.glob("*.part"))


def test_every_query_on_the_page_runs_as_it_is(built: Project) -> None:
    for figure in FIGURES:
        rows = built.query_published(figure.sql)
        assert rows, figure.key
        assert {column.field for column in figure.columns} <= set(rows[0])


def test_the_page_shows_the_numbers_of_the_marts(built: Project) -> None:
    html = report.write(built.settings).path.read_text(encoding="utf-8")
    assert "Freezers: 2 touches from 2024-03-01 to 2024-03-05, 1 of them by phone." in html
    assert "Of 4 calls in Salesforce: 1 matched to a session, 1 standing alone, 1 without a BizibleId." in html


def test_without_marts_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="make build"):
        report.write(Project(tmp_path).settings)


def test_a_dataset_without_calls_gets_a_page_too(project: Project) -> None:
    project.write("web/sessions", [{"ID": "s", "COOKIE_ID": dataset.ANNA, "EVENT_DATE": "2024-03-01 10:00:00"}])
    project.write("salesforce/Task", [{"Id": dataset.MERGED, "Subject": "E-mail", "bizible2__BizibleId__c": None}])
    project.land()
    project.build()
    project.publish()
    with duckdb.connect(str(project.settings.marts), read_only=True) as connection:
        rendered = page.render(connection, "v")
    assert "No call with a BizibleId has been landed yet." in rendered.html
    assert "No opportunity has touches yet." in rendered.html


@pytest.mark.parametrize("size", [charts.WIDE, charts.NARROW])
def test_names_from_the_data_stay_text(size: charts.Size) -> None:
    nasty = '<script>alert("x")</script> & "quotes"'
    row = {
        "touchpoint_date": datetime(2024, 1, 1),
        "channel": nasty,
        "marketing_touch_type": "Phone Call",
        "touchpoint_position": nasty,
        "full_path_percentage": Decimal(100),
    }
    picture = charts.svg(charts.journey([row], size))
    assert "<script" not in picture
    assert "alert" in picture
