"""How the report is made: from the published file alone, the same every time, small and soon."""

import time
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orchestration.lib import report
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
        rendered = page.render(connection)
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
