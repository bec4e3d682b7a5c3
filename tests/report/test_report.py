"""How the report is made: from the published file alone, the same every time, small and soon."""

import errno
import os
import re
import resource
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import duckdb
import pytest

from orchestration.lib import child, publish, report
from orchestration.lib.errors import UserError
from orchestration.lib.report import charts, explorer, figures, page
from orchestration.lib.report.figures import FIGURES, drawn
from orchestration.lib.settings import PROJECT_DIR, Settings
from tests.biz import dataset
from tests.harness import Project


def cpu_seconds() -> float:
    """Of this process and of the finished ones that it started."""
    times = os.times()
    return sum((times.user, times.system, times.children_user, times.children_system))


def test_the_page_is_small_and_made_soon(built: Project) -> None:
    started = cpu_seconds()
    written = report.write(built.settings)
    assert cpu_seconds() - started < 8  # 4 of them start Python, load what draws and bundle its script
    assert written.size < 3 * 1024**2
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


def test_two_pages_at_once_are_both_written(built: Project) -> None:
    with ThreadPoolExecutor() as pool:
        written = list(pool.map(report.write, [built.settings] * 2))
    assert [one.figures for one in written] == [len(FIGURES)] * 2
    assert not list(built.settings.marts.parent.glob("*.part"))


@pytest.fixture
def hostile(built: Project, tmp_path: Path) -> Settings:
    """The marts with what no browser, chart or calendar can show, and with more channels than anybody reads."""
    marts = tmp_path / "marts.duckdb"
    shutil.copyfile(built.settings.marts, marts)
    with duckdb.connect(str(marts)) as connection:
        connection.execute(
            """
            UPDATE rpt_call_integration_impact_by_channel
            SET channel = 'Paid' || chr(11) || chr(27) || chr(65534) || 'Search';
            INSERT INTO rpt_call_integration_impact_by_channel
            SELECT marts.* REPLACE ('channel ' || number AS channel, model AS model, 1 AS revenue_with)
            FROM (FROM rpt_call_integration_impact_by_channel WHERE model = 'full_path' LIMIT 1) AS marts,
                range(1500) AS numbers (number);
            UPDATE rpt_daily SET day = '0000-01-01';
            UPDATE fct_touchpoints SET touchpoint_date = '0000-01-01 00:00:00', channel = repeat('long ', 10000);
            UPDATE rpt_match_quality_daily SET call_date = '0000-01-01';
            """
        )
    return replace(built.settings, marts=marts)


def test_whatever_the_marts_contain_a_page_is_made(hostile: Settings) -> None:
    written = report.write(hostile)
    assert written.figures == len(FIGURES)
    assert written.size < 3 * 1024**2
    text = written.path.read_text(encoding="utf-8")
    assert not re.search("[\x00-\x08\x0b\x0e-\x1f\ufffe]", text)
    assert "0000-01-01" in text or "(BC)" in text
    with duckdb.connect(str(hostile.marts), read_only=True) as connection:
        channels = len(connection.execute(figures.IMPACT.sql).fetchall())
    assert f"The 30 largest are shown; {channels - 30:,} others are combined." in text
    assert f"({channels - 30:,} others)" in text


def test_a_page_that_cannot_be_made_leaves_the_old_one_marked(built: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    path = report.write(built.settings).path
    built.publish()
    with monkeypatch.context() as limited:
        limited.setattr(report, "MEMORY", 100 * 1024**2)
        for _ in range(2):
            with pytest.raises(report.ReportError, match=r"could not be made: .* earlier version stays"):
                report.write(built.settings)
    text = path.read_text(encoding="utf-8")
    assert text.count("This page is out of date.") == 1
    assert built.settings.marts.resolve().name in text
    assert not report.is_current(built.settings), "the next run tries again"
    report.write(built.settings)
    assert "out of date" not in path.read_text(encoding="utf-8")


def test_no_fault_of_the_page_is_a_fault_of_the_run(built: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that cannot start, and a disk that is full when the old page is marked."""
    report.write(built.settings)
    built.publish()

    def fault(*_: object) -> int:
        raise subprocess.SubprocessError("preexec_fn")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(report, "_make", fault)
    monkeypatch.setattr(report, "write_text", full)
    with pytest.raises(report.ReportError, match=r"could not be made: SubprocessError\. The marts are published"):
        report.write(built.settings)
    monkeypatch.setattr(report, "_make", full)
    with pytest.raises(report.ReportError, match=r"could not be made: the disk is full\. The marts are published"):
        report.write(built.settings)


def test_a_lower_limit_of_the_user_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Raising it is an error that would end the page's process."""
    limits: dict[int, tuple[int, int]] = {}
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (50, 50 if kind == resource.RLIMIT_CPU else -1))
    monkeypatch.setattr(resource, "setrlimit", limits.__setitem__)
    child.limit(report.MEMORY, report.CPU_SECONDS)
    assert limits[resource.RLIMIT_CPU] == (50, 50)
    assert limits[resource.RLIMIT_DATA] == (report.MEMORY, report.MEMORY)


def test_what_is_left_out_is_added_up() -> None:
    [figure] = [figure for figure in FIGURES if figure.key == "impact"]
    rows = [{"channel": f"c{n}", "with_calls": n, "without_calls": "", "difference": n - 20} for n in range(40)]
    shown, sentence = drawn(figure, rows)
    assert sum(row["difference"] for row in shown) == sum(row["difference"] for row in rows)
    assert [row["channel"] for row in shown[:3]] == ["c0", "c1", "c2"], "large is far from zero, in the figure's order"
    assert (shown[-1]["channel"], shown[-1]["without_calls"]) == ("(10 others)", "")
    assert sentence == "The 30 largest are shown; 10 others are combined."


def test_every_query_on_the_page_runs_as_it_is(built: Project) -> None:
    for figure in FIGURES:
        rows = built.query_published(figure.sql)
        assert rows, figure.key
        assert {column.field for column in figure.columns} <= set(rows[0])
    for sql in (explorer.TO_REPORT, explorer.COSTS):
        assert built.query_published(sql)


def test_r1_10_a_deleted_call_is_not_to_be_fixed() -> None:
    with duckdb.connect() as con:
        con.execute(
            """
            CREATE TABLE docs_verdicts AS
            SELECT 'none_deleted' AS verdict, 'Deleted' AS title, '' AS explanation, false AS is_for_provider;
            CREATE TABLE rpt_call_provider_reconciliation (
                call_started_at TIMESTAMP, task_called_at TIMESTAMP, task_created_at TIMESTAMP, finding TEXT,
                crm_task_id TEXT, other_crm_task_id TEXT, provider TEXT,
                provider_call_id TEXT, explanation TEXT
            );
            CREATE TABLE fct_calls AS
            SELECT unnest(['deleted', 'live']) AS crm_task_id, unnest([true, false]) AS is_deleted, 'abc' AS bizible_id,
                false AS is_bizible_id_wellformed, 'none_deleted' AS verdict, TIMESTAMP '2024-01-01' AS called_at
            """
        )
        found = con.execute(f"SELECT crm_task_id, finding FROM ({explorer.TO_REPORT})").fetchall()
    assert found == [("live", "Malformed BizibleId")]


def test_the_page_shows_the_numbers_of_the_marts(built: Project) -> None:
    html = report.write(built.settings).path.read_text(encoding="utf-8")
    assert "Freezers: 2 touches from 2024-03-01 to 2024-03-05, 1 of them by phone." in html
    assert (
        "Of 4 calls in Salesforce, 1 match a session, 1 are touchpoints of their own, 0 are duplicates of others, "
        "2 cannot be used."
    ) in html


def test_a_rate_of_few_calls_is_not_shown() -> None:
    assert figures.rate(19, 19) == "19 of 19 calls"
    assert figures.rate(15, 20) == "15 of 20 calls (75 %)"


def test_counts_and_money_on_the_page_add_up(built: Project) -> None:
    """Every won opportunity is in one row, with one meaning of a call: R9.1, in which a blank Type counts."""
    answers = {figure.key: built.query_published(figure.sql) for figure in FIGURES}
    [total] = built.query_published(
        "SELECT count(*) AS opportunities, sum(amount) AS revenue FROM fct_opportunities WHERE is_won"
    )
    assert sum(row["opportunities"] for row in answers["won"]) == total["opportunities"]
    assert sum(row["revenue"] for row in answers["won"]) == total["revenue"]
    for side in ("without_calls", "with_calls"):
        assert sum(row[side] for row in answers["impact"]) == total["revenue"]
    with_a_call = [row["opportunities"] for row in answers["won"] if row["touches"] == "a touch that a call made"]
    [numbers] = built.query_published(figures.KEY_NUMBERS)
    assert with_a_call == [numbers["won_with_a_call"]]
    assert sum(row["calls"] for row in answers["verdicts"]) == numbers["calls"]
    assert {row["outcome"] for row in answers["verdicts"]} <= set(figures.OUTCOMES)


def test_the_command_opens_the_page_in_the_users_browser(built: Project, tmp_path: Path) -> None:
    browser, opened = tmp_path / "browser", tmp_path / "opened"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    browser.chmod(0o700)
    command = [sys.executable, "-m", "orchestration", "report"]
    environment = os.environ | built.settings.environment() | {"BROWSER": str(browser)}
    for more, is_opened in (([], False), (["--open"], True)):
        said = subprocess.run([*command, *more], env=environment, capture_output=True, text=True, check=True).stdout
        assert str(report.path(built.settings)) in said
        assert opened.exists() == is_opened
    assert opened.read_text().strip() == report.path(built.settings).as_uri()
    made = subprocess.run(
        ["make", "--no-print-directory", "-n", "report", "OPEN=1"],
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    assert made.stdout.splitlines()[-1].endswith("-m orchestration report --open")


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
        rendered = page.render(connection, page.Origin("v"))
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


@pytest.mark.parametrize("name", ['a role="x"', "v1.23456", "aria-label='y'"])
def test_names_that_look_like_markup_or_coordinates_are_shown_unchanged(name: str) -> None:
    rows = [{"channel": name, "with_calls": 1, "without_calls": 0, "difference": 1}]
    picture = ElementTree.fromstring(charts.svg(charts.impact(rows, charts.WIDE)))
    assert name in [element.text for element in picture.iter() if element.text]


@pytest.mark.parametrize("size", [charts.WIDE, charts.NARROW])
def test_few_days_and_few_calls_have_ticks_that_differ(size: charts.Size) -> None:
    days = [date(2024, 3, 1), date(2024, 3, 2)]
    quality = [{"call_date": day, "matched": 1, "not_matched": 1, "match_rate": None} for day in days]
    delay = [{"call_date": day, "longest_minutes": Decimal(0)} for day in days]
    window = [
        {"window_minutes": minutes, "anchor": "session_start", "tied_calls": 2, "is_in_force": minutes == 30}
        for minutes in (5, 30)
    ]
    for chart, expected in (
        (charts.quality(quality, size), ["01 Mar 24", "02 Mar 24", "0", "1", "2", "calls a day"]),
        (charts.delay(delay, size), ["01 Mar 24", "02 Mar 24", "0", "1", "minutes, longest of the day"]),
        (charts.window(window, size), ["5", "30", "window, minutes and hours (h)", "0", "1", "2", "matched calls"]),
    ):
        texts = [element.text for element in ElementTree.fromstring(charts.svg(chart)).iter() if element.text]
        assert texts == expected


def test_costs_are_on_the_page_only_where_there_are_any(built: Project, tmp_path: Path) -> None:
    marts = tmp_path / "marts.duckdb"
    shutil.copyfile(built.settings.marts, marts)
    marts.chmod(0o600)
    settings = replace(built.settings, marts=marts)
    assert "What does a call cost?" in report.write(settings).path.read_text(encoding="utf-8")
    with duckdb.connect(str(marts)) as connection:
        connection.execute("UPDATE fct_costs SET cost = 0")
    assert "What does a call cost?" not in report.write(settings).path.read_text(encoding="utf-8")


def test_costs_by_day_add_up_to_the_report_by_month(built: Project) -> None:
    [days] = built.query_published(f"SELECT sum(cost) AS cost, sum(calls) AS calls FROM ({explorer.COSTS})")
    [months] = built.query_published(
        """
        SELECT sum(cost) AS cost, sum(calls) AS calls FROM rpt_cost_per_call
        WHERE level = 'channel' AND channel IN (SELECT channel FROM fct_costs WHERE cost <> 0)
        """
    )
    assert abs(days["cost"] - months["cost"]) < 1 and days["cost"] > 0
    assert days["calls"] == months["calls"]


def test_channels_beyond_the_costliest_are_one(built: Project, tmp_path: Path) -> None:
    marts = tmp_path / "marts.duckdb"
    shutil.copyfile(built.settings.marts, marts)
    marts.chmod(0o600)
    with duckdb.connect(str(marts)) as connection:
        connection.execute(
            """
            INSERT INTO fct_costs
            SELECT costs.* REPLACE ('channel ' || number AS channel, 1000 + number AS cost)
            FROM (FROM fct_costs LIMIT 1) AS costs, range(60) AS numbers (number)
            """
        )
        found = explorer.costs(connection)
        [(total,)] = connection.execute("SELECT sum(cost) FROM fct_costs").fetchall()
        [(channels,)] = connection.execute("SELECT count(DISTINCT channel) FROM fct_costs WHERE cost <> 0").fetchall()
    assert sum(micros for _, _, micros, _ in found) == total * 10**6
    assert f"({channels - explorer.MOST_COSTLY} others)" in {channel for _, channel, _, _ in found}
    assert len({channel for _, channel, _, _ in found}) == explorer.MOST_COSTLY + 1
