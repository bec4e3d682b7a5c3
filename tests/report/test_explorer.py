"""The explorer in a real browser: controls, figures against SQL, downloads, hostile names, any size of data."""

import csv
import random
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import duckdb
import pytest
from axe_core_python.selenium import Axe
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

from orchestration.lib import report
from orchestration.lib.report import explorer
from orchestration.lib.settings import Settings
from tests.harness import Project
from tests.report.test_page import DESK, PHONE, requests, show, wait

# What no name may do: run, break out of its element or cell, hide its neighbours, or make the page wide.
HOSTILE = [
    "</script><script>document.title = 'run'</script>",
    "<img src=x onerror=\"document.title = 'run'\">",
    '=HYPERLINK("https://evil.example","x")',
    "+1+1",
    "-2-2",
    "@SUM(A1)",
    "\t=1",
    'a "quoted", name\nof two lines',
    "x" * 5000,
    "\u202eright to left\u202c עברית العربية",
    "🙂👩‍👩‍👧‍👦 emoji",
    "a&b=c#d..e",
    "{{ 1 + 1 }} ${1}",
    "constructor",
    "__proto__",
    "toString",
]
COLUMNS = {
    "channel": "CASE WHEN channel = 'Other' AND verdict LIKE 'separate%' THEN 'Calls without a web session'"
    " ELSE channel END",
    "subchannel": "coalesce(subchannel, '(none)')",
    "campaign": "campaign_name",
    "keyword": "keyword_text",
    "page": "landing_page",
    "type": "marketing_touch_type",
    "verdict": "coalesce((SELECT title FROM docs_verdicts WHERE docs_verdicts.verdict = rpt_daily.verdict),"
    " 'No call made this touch')",
    "month": "strftime(day, '%Y-%m')",
}
DAYS = (date(2024, 1, 1), date(2024, 12, 31))


def fill(
    marts: Path,
    rows: int,
    days: int = 366,
    names: int = 12,
    sessions: int = 1,
    calls: bool = True,
    is_hostile: bool = False,
) -> None:
    """Replaces the daily report by random rows: each `sessions` touches, three tenths of them with calls."""
    listed = ", ".join("'" + name.replace("'", "''") + "'" for name in HOSTILE)

    def name(kind: str, one_of: int = 1) -> str:
        """An expression for a random name; for all but one of so many, the name is missing."""
        drawn = f"(hash(number, '{kind}') % {names})::bigint"
        given = f"[{listed}][1 + {drawn} % {len(HOSTILE)}]" if is_hostile else f"'{kind} ' || {drawn}"
        return f"CASE WHEN hash(number, '{kind}', 1) % {one_of} = 0 THEN {given} END"

    money = ", ".join(
        f"CASE WHEN hash(number, '{field}') % 4 = 0"
        f" THEN (hash(number, '{field}', 1) % 10000000)::decimal(18, 2) / 100 ELSE 0 END"
        for field in explorer.MONEY
    )
    with duckdb.connect(str(marts)) as connection:
        connection.execute("DELETE FROM rpt_daily; DELETE FROM rpt_match_quality_daily")
        connection.execute(
            f"""
            INSERT INTO rpt_daily BY POSITION
            WITH drawn AS (
                SELECT
                    DATE '2024-01-01' + (hash(number, 'day') % {days})::integer AS day,
                    CASE WHEN hash(number, 'other') % 8 = 0 THEN 'Other' ELSE {name("channel")} END AS channel,
                    {name("sub", 2)} AS subchannel,
                    coalesce({name("campaign", 2)}, '(none)') AS campaign,
                    coalesce({name("keyword", 2)}, '(none)') AS keyword,
                    {name("https://a.example/")} AS page,
                    CASE {"hash(number, 'verdict') % 10" if calls else -1}
                        WHEN 0 THEN 'merged' WHEN 1 THEN 'separate_outside_window' WHEN 2 THEN 'merged_secondary'
                        ELSE '(none)'
                    END AS verdict,
                    number
                FROM range({rows}) AS numbers (number)
            )
            SELECT
                day, channel, subchannel, concat_ws('.', channel, subchannel), campaign, keyword, page,
                CASE verdict WHEN '(none)' THEN 'Web Visit' ELSE 'Phone Call' END, verdict,
                {sessions}, CASE verdict WHEN '(none)' THEN 0 ELSE 1 + number % 3 END,
                {money}
            FROM drawn
            """
        )
        connection.execute(
            """
            INSERT INTO rpt_match_quality_daily BY NAME
            SELECT day AS call_date, verdict, sum(calls) AS calls
            FROM rpt_daily
            WHERE verdict <> '(none)'
            GROUP BY ALL
            """
        )


def copied(built: Project, folder: Path) -> Settings:
    marts = folder / "marts.duckdb"
    shutil.copyfile(built.settings.marts, marts)
    marts.chmod(0o600)
    return replace(built.settings, marts=marts, company_name="Acme <b>", salesforce_base_url="https://acme.example")


@pytest.fixture(scope="module")
def rich(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Marts with a year of random rows whose names are hostile, and their page."""
    settings = copied(built, tmp_path_factory.mktemp("rich"))
    fill(settings.marts, 4000, names=len(HOSTILE), is_hostile=True)
    report.write(settings)
    return settings


@pytest.fixture(scope="module")
def marts(rich: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(rich.marts), read_only=True) as connection:
        yield connection


def open_page(browser: webdriver.Chrome, settings: Settings, **selection: str) -> list[dict]:
    return show(browser, report.path(settings), DESK, selection="#" + urlencode(selection) if selection else "")


def text(browser: webdriver.Chrome, selector: str) -> str:
    return browser.find_element(By.CSS_SELECTOR, selector).get_attribute("textContent") or ""


def choose(browser: webdriver.Chrome, control: str, value: str) -> None:
    Select(browser.find_element(By.ID, control)).select_by_value(value)
    wait(browser)


def number(shown: str) -> int:
    return int(
        shown.replace(",", "").replace("\N{MINUS SIGN}", "-").replace("+", "").replace("\N{PLUS-MINUS SIGN}", "")
    )


def table_of(browser: webdriver.Chrome, table: str = "groups-table") -> list[list[str]]:
    return browser.execute_script(
        """
        const more = document.querySelector(`#${arguments[0]} .more`);
        if (!more.hidden) more.click();
        const rows = [...document.querySelectorAll(`#${arguments[0]} tbody tr`)];
        return rows.map(row => [...row.cells].map(cell => cell.textContent));
        """,
        table,
    )


def by_sql(
    marts: duckdb.DuckDBPyConnection, period: tuple[date, date], selection: dict[str, str], filters: dict[str, str]
) -> dict[str, list[int]]:
    """The explorer's table: calls, in a session, without one, touches, money."""
    where = " ".join(f"AND {COLUMNS[name]} = ?" for name in filters)
    calls_only = "AND verdict <> '(none)'" if selection["touches"] == "calls" else ""
    rows = marts.execute(
        f"""
        SELECT
            {COLUMNS[selection["by"]]} AS name,
            sum(calls),
            coalesce(sum(calls) FILTER (verdict IN ('merged', 'merged_secondary')), 0),
            coalesce(sum(calls) FILTER (verdict LIKE 'separate%'), 0),
            sum(touches),
            sum({selection["model"]}_{selection["amount"]})
        FROM rpt_daily
        WHERE day BETWEEN ? AND ? {calls_only} {where}
        GROUP BY name
        """,
        [*period, *filters.values()],
    ).fetchall()
    rounded = lambda amount: int(Decimal(amount).quantize(Decimal(1), "ROUND_HALF_EVEN"))  # noqa: E731
    return {explorer.shortened(row[0]): [*map(int, row[1:5]), rounded(row[5])] for row in rows}


def near(shown: dict[str, list[int]], expected: dict[str, list[int]]) -> bool:
    """Equal but for the rounding of half a unit of money."""
    return shown.keys() == expected.keys() and all(
        shown[name][:4] == expected[name][:4] and abs(shown[name][4] - expected[name][4]) <= 1 for name in shown
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_figures_equal_sql_on_the_marts(
    browser: webdriver.Chrome, rich: Settings, marts: duckdb.DuckDBPyConnection, seed: int
) -> None:
    chance = random.Random(seed)
    days = sorted(chance.sample(range(366), 2))
    first, last = (DAYS[0] + timedelta(days=number) for number in days)
    selection = {
        "period": f"{first}..{last}",
        "model": chance.choice(list(explorer.MODELS)),
        "amount": chance.choice(explorer.KINDS),
        "touches": chance.choice(["calls", "all"]),
        "by": chance.choice(list(COLUMNS)),
        "compare": "1",
    }
    filters = {}
    for name in chance.sample(list(COLUMNS), chance.randrange(3)):
        values = marts.execute(f"SELECT DISTINCT {COLUMNS[name]} AS v FROM rpt_daily ORDER BY v").fetchall()
        filters[name] = chance.choice([value for (value,) in values if len(value) <= explorer.LONGEST_NAME])
    open_page(browser, rich, **selection, **filters)
    rows = table_of(browser)
    length = last - first + timedelta(days=1)
    earlier = (first - length, first - timedelta(days=1))
    is_compared = earlier[1] >= DAYS[0] and selection["by"] != "month"
    now = by_sql(marts, (first, last), selection, filters)
    before = by_sql(marts, earlier, selection, filters) if is_compared else {}
    nothing = [0] * 5
    assert near(
        {row[0]: [*map(number, row[1:6])] for row in rows}, {name: now.get(name, nothing) for name in now | before}
    )
    if is_compared:
        shown = {row[0]: [number(row[6]), 0, 0, 0, number(row[8])] for row in rows}
        wanted = {name: before.get(name, nothing) for name in now | before}
        assert near(shown, {name: [sums[0], 0, 0, 0, sums[4]] for name, sums in wanted.items()})
        assert all(number(row[7]) == number(row[1]) - number(row[6]) for row in rows)
    numbers = browser.execute_script(
        "return [...document.querySelectorAll('#selected-numbers dd')].map(dd => dd.firstChild.textContent)"
    )
    calls, matched = (sum(row[at] for row in now.values()) for at in (0, 1))
    if not filters:
        share = f" ({Decimal(100 * matched / calls).quantize(Decimal(1), 'ROUND_HALF_UP')} %)" if calls >= 20 else ""
        assert f"Match rate: {matched:,} of {calls:,} calls{share}" in text(browser, "#selected-summary")
    assert number(numbers[0]) == calls
    assert number(numbers[3]) == sum(row[3] for row in now.values())


def test_each_control_changes_what_it_says(browser: webdriver.Chrome, rich: Settings) -> None:
    log = open_page(browser, rich)
    assert "2024-12-01 to 2024-12-31, compared with 2024-11-01 to 2024-11-30" in text(browser, "#selected-summary")

    choose(browser, "period", "quarter")
    assert "2024-10-01 to 2024-12-31, compared with 2024-07-01 to 2024-09-30" in text(browser, "#selected-summary")
    assert text(browser, "#trend-title") == "Calls by week"
    choose(browser, "period", "days_28")
    assert "2024-12-04 to 2024-12-31, compared with 2024-11-06 to 2024-12-03" in text(browser, "#selected-summary")
    assert text(browser, "#trend-title") == "Calls by day"
    choose(browser, "period", "all")
    summary = text(browser, "#selected-summary")
    assert summary.startswith("2024-01-01 to 2024-12-31. Match rate: ")
    assert summary.endswith("There is no data for the previous period.")
    browser.execute_script(
        "const from = document.getElementById('from');"
        "from.value = '2024-03-05'; from.dispatchEvent(new Event('change'))"
    )
    wait(browser)
    assert text(browser, "#selected-summary").startswith("2024-03-05 to 2024-12-31")
    assert browser.find_element(By.ID, "period").get_attribute("value") == "own"

    headings = "#groups-table thead"
    assert "Won revenue" in text(browser, headings)
    money = lambda: [row[5] for row in table_of(browser)]  # noqa: E731
    seen = [money()]
    choose(browser, "amount", "pipeline_revenue")
    assert "Open pipeline" in text(browser, headings)
    seen.append(money())
    choose(browser, "model", "first_touch")
    assert text(browser, "#model-description") == explorer.MODELS["first_touch"][1]
    seen.append(money())
    choose(browser, "touches", "all")
    seen.append(money())
    assert len({tuple(sorted(column)) for column in seen}) == 4
    assert "touches that calls made" not in text(browser, "#selected-numbers")

    choose(browser, "period", "month")
    assert "Change" in text(browser, headings)
    browser.find_element(By.ID, "compare").click()
    wait(browser)
    assert "Change" not in text(browser, headings)
    choose(browser, "by", "campaign")
    assert text(browser, headings).startswith("Campaign")
    # The link keeps all of it.
    link = browser.current_url
    rows = table_of(browser)
    browser.find_element(By.ID, "reset").click()
    wait(browser)
    assert text(browser, headings).startswith("Channel")
    browser.get("about:blank")
    browser.get(link)
    wait(browser)
    assert table_of(browser) == rows
    assert browser.find_element(By.ID, "model").get_attribute("value") == "first_touch"
    assert requests(log) == [report.path(rich).as_uri()]


def test_the_link_to_a_selection_is_copied_and_opens_it(browser: webdriver.Chrome, rich: Settings) -> None:
    log = open_page(browser, rich)
    choose(browser, "period", "quarter")
    choose(browser, "by", "month")
    browser.execute_cdp_cmd(
        "Browser.grantPermissions", {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    )
    browser.find_element(By.ID, "copy").click()
    WebDriverWait(browser, 10).until(lambda _: text(browser, "#copied") == "Copied.")
    link = browser.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
    assert link == report.path(rich).as_uri() + "#period=quarter&by=month"
    rows = table_of(browser)
    assert [row[0] for row in rows] == ["2024-10", "2024-11", "2024-12"]
    for visit in (browser.refresh, lambda: browser.get("about:blank") or browser.get(link)):
        visit()
        wait(browser)
        assert browser.find_element(By.ID, "period").get_attribute("value") == "quarter"
        assert table_of(browser) == rows
    assert set(requests(log)) == {report.path(rich).as_uri()}

    # Without HTTPS a browser has no clipboard.
    browser.execute_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    browser.find_element(By.ID, "copy").click()
    WebDriverWait(browser, 10).until(lambda _: text(browser, "#copied") == link)
    assert browser.get_log("browser") == []


@pytest.fixture(scope="module")
def costly(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Marts with costs and calls of a year in three channels, one of which has few calls."""
    settings = copied(built, tmp_path_factory.mktemp("costly"))
    fill(settings.marts, 2000, names=3)
    with duckdb.connect(str(settings.marts)) as connection:
        connection.execute(
            """
            DELETE FROM rpt_daily WHERE channel = 'channel 2' AND calls > 0 AND hash(day) % 16 > 0;
            CREATE TEMP TABLE one AS FROM fct_costs LIMIT 1;
            DELETE FROM fct_costs;
            INSERT INTO fct_costs
            SELECT one.* REPLACE (
                DATE '2024-01-01' + day::INTEGER AS cost_date, names.channel AS channel,
                (1 + hash(day, names.channel) % 90000000)::DECIMAL(18, 6) / 1000000 AS cost
            )
            FROM one, range(366) AS days (day), (VALUES ('channel 0'), ('channel 1'), ('channel 2')) AS names (channel)
            """
        )
    report.write(settings)
    return settings


@pytest.mark.parametrize("period", ["2024-02-03..2024-02-29", "2024-07-01..2024-09-30", "2024-01-01..2024-12-31"])
def test_costs_per_call_are_those_of_the_period(browser: webdriver.Chrome, costly: Settings, period: str) -> None:
    open_page(browser, costly, period=period, compare="1")
    first, last = map(date.fromisoformat, period.split(".."))
    browser.execute_script("document.querySelector('#costs details').open = true")
    with duckdb.connect(str(costly.marts), read_only=True) as connection:
        wanted = connection.execute(
            f"""
            SELECT channel, sum(cost), sum(calls) FROM ({explorer.COSTS}) WHERE day BETWEEN ? AND ?
            GROUP BY channel ORDER BY channel
            """,
            [first, last],
        ).fetchall()
    shown = {row[0]: row[1:] for row in table_of(browser, "costs-table")}
    few = 0
    for channel, cost, calls in wanted:
        assert abs(number(shown[channel][0]) - cost) <= Decimal("0.51")
        assert number(shown[channel][1]) == calls
        # Of fewer than 20 calls, a cost per call says more than is known.
        assert bool(shown[channel][2]) == (calls >= 20)
        few += calls < 20
        if calls >= 20:
            assert abs(Decimal(shown[channel][2].replace(",", "")) - cost / calls) <= Decimal("0.011")
    cost, calls = (sum(row[at] for row in wanted) for at in (1, 2))
    summary = text(browser, "#costs-summary")
    assert summary.startswith(f"{first} to {last}: ")
    assert f" and {calls:,} calls in the channels with costs, {cost / calls:,.2f} per call." in summary
    assert ("Before, " in summary) == (len(shown[channel]) == 6) == (first > date(2024, 2, 1))
    assert few or first == date(2024, 1, 1)


def test_a_name_leads_one_level_deeper_and_its_filter_back(browser: webdriver.Chrome, rich: Settings) -> None:
    open_page(browser, rich, period="all", touches="all")
    headings = []
    for _ in range(5):
        headings.append(text(browser, "#groups-table thead th"))
        [first, *_] = browser.find_elements(By.CSS_SELECTOR, "#groups-table .pick")
        calls = table_of(browser)[0][4]
        browser.execute_script("arguments[0].click()", first)
        wait(browser)
        assert sum(number(row[4]) for row in table_of(browser)) == number(calls)
    assert headings == ["Channel", "Subchannel", "Campaign", "Keyword", "Landing page"]
    chips = browser.find_elements(By.CSS_SELECTOR, "#filters .chip")
    assert len(chips) == 5
    chips[0].click()
    wait(browser)
    assert len(browser.find_elements(By.CSS_SELECTOR, "#filters .chip")) == 4
    assert text(browser, "#groups-table thead th") == "Channel"


def test_tables_can_be_sorted_and_searched(browser: webdriver.Chrome, rich: Settings) -> None:
    open_page(browser, rich, period="all", by="month")
    months = [row[0] for row in table_of(browser)]
    assert months == sorted(months)
    for direction in (-1, 1):
        browser.find_elements(By.CSS_SELECTOR, "#groups-table thead button")[1].click()
        calls = [number(row[1]) for row in table_of(browser)]
        assert calls == sorted(calls, reverse=direction < 0)
        heading = browser.find_elements(By.CSS_SELECTOR, "#groups-table thead th")[1]
        assert heading.get_attribute("aria-sort") == ("descending" if direction < 0 else "ascending")
    browser.find_element(By.CSS_SELECTOR, "#groups-table input").send_keys("2024-07")
    assert [row[0] for row in table_of(browser)] == ["2024-07"]
    assert text(browser, "#groups-table [role=status]") == "1 of 12 rows"


def download(browser: webdriver.Chrome, folder: Path, table: str) -> list[list[str]]:
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)})
    browser.execute_script(f"document.querySelector('#{table} .download').click()")
    until = time.monotonic() + 30
    # Chrome first reserves the name with an empty file, then renames the complete download to it.
    while not (content := "".join(file.read_text(encoding="utf-8-sig") for file in folder.glob("*.csv"))):
        assert time.monotonic() < until, "no file was downloaded"
        time.sleep(0.05)
    return list(csv.reader(content.splitlines(keepends=True)))


@pytest.mark.parametrize("table", ["groups-table", "calls-table", "verdicts-table", "won-table", "quality-table"])
def test_a_download_equals_its_table(browser: webdriver.Chrome, rich: Settings, tmp_path: Path, table: str) -> None:
    log = open_page(browser, rich, period="all", by="campaign", touches="all")
    rows = table_of(browser, table)
    [heading, *lines] = download(browser, tmp_path, table)
    assert heading == browser.execute_script(
        f"return [...document.querySelectorAll('#{table} thead th')].map(th => th.textContent)"
    )
    assert len(lines) == len(rows) > 0
    for line, row in zip(lines, rows, strict=True):
        for value, shown in zip(line, row, strict=True):
            assert value[:1] not in "=+@\t\r" or value == "", "a spreadsheet would run it"
            try:
                assert abs(Decimal(value) - Decimal(shown.replace(",", "").rstrip(" %"))) <= Decimal("0.5")
            except ArithmeticError:
                assert value.removeprefix("'") == shown or shown == "\N{EN DASH}"
    assert requests(log) == [report.path(rich).as_uri()]


def test_hostile_names_stay_names(browser: webdriver.Chrome, rich: Settings, marts: duckdb.DuckDBPyConnection) -> None:
    seen = set()
    for width in (PHONE, DESK):
        for by in ("channel", "campaign", "keyword", "page"):
            log = show(browser, report.path(rich), width, selection=f"#period=all&touches=all&by={by}")
            assert browser.title == "Acme <b>: calls and their results"
            assert text(browser, "h1") == "Acme <b>: calls and their results"
            assert browser.execute_script("return document.documentElement.scrollWidth") <= width
            shown = {row[0] for row in table_of(browser)}
            names = marts.execute(f"SELECT DISTINCT {COLUMNS[by]} FROM rpt_daily").fetchall()
            assert shown == {explorer.shortened(name) for (name,) in names}
            seen |= shown
            assert browser.get_log("browser") == []
            assert requests(log) == [report.path(rich).as_uri()]
    assert seen >= {explorer.shortened(name) for name in HOSTILE}
    violations = Axe().run(browser)["violations"]
    assert [(violation["id"], [node["html"] for node in violation["nodes"]]) for violation in violations] == []


def test_calls_to_report_link_to_salesforce_and_name_no_person(browser: webdriver.Chrome, rich: Settings) -> None:
    open_page(browser, rich, period="all")
    rows = table_of(browser, "calls-table")
    assert rows
    links = browser.execute_script(
        "return [...document.querySelectorAll('#calls-table td a')].map(a => [a.href, a.rel])"
    )
    ids = [row[2] for row in rows if row[2]] + [row[3] for row in rows if row[3]]
    assert sorted(links) == sorted([f"https://acme.example/{task}", "noopener noreferrer"] for task in ids)
    with duckdb.connect(str(rich.marts), read_only=True) as connection:
        people = connection.execute("SELECT DISTINCT email FROM fct_person_touchpoints").fetchall()
    whole = browser.execute_script("return document.documentElement.textContent") + str(rows)
    assert people
    assert not [email for (email,) in people if email in whole]


# Sessions -> rows of the daily report, days, names of each kind.
SIZES: dict[str, dict[str, Any]] = {
    "empty": {"rows": 0},
    "one": {"rows": 1, "days": 1, "names": 1},
    "two days, one channel": {"rows": 20, "days": 2, "names": 1},
    "no calls": {"rows": 20, "days": 2, "names": 1, "calls": False},
    "a thousand": {"rows": 1000},
    "a hundred thousand": {"rows": 100_000, "names": 300},
    "a million": {"rows": 500_000, "days": 730, "names": 5000, "sessions": 2},
    "ten million": {"rows": 2_000_000, "days": 1096, "names": 50_000, "sessions": 5},
}


@pytest.mark.parametrize(
    "size", [pytest.param(size, marks=pytest.mark.slow) if "million" in size else size for size in SIZES]
)
def test_any_size_of_data_has_a_page(browser: webdriver.Chrome, built: Project, tmp_path: Path, size: str) -> None:
    settings = copied(built, tmp_path)
    given = SIZES[size]
    fill(settings.marts, **given)
    if not given["rows"]:
        with duckdb.connect(str(settings.marts)) as connection:
            connection.execute("DELETE FROM fct_calls; DELETE FROM rpt_call_provider_reconciliation")
    written = report.write(settings)
    assert written.size < 5 * 1024**2
    # Without calls, all touches are shown from the beginning.
    show(browser, written.path, DESK, selection="#period=all" + "&touches=all" * given.get("calls", True))
    assert browser.get_log("browser") == []
    if not given["rows"]:
        assert "No touch has been landed yet." in text(browser, "#explorer")
        assert not browser.find_elements(By.ID, "period")
        return
    numbers = browser.execute_script(
        "return [...document.querySelectorAll('#selected-numbers dd')].map(dd => dd.firstChild.textContent)"
    )
    ticks = browser.execute_script("return [...document.querySelectorAll('#trend text')].map(text => text.textContent)")
    assert len({*filter(None, ticks)}) == len([*filter(None, ticks)]), "each tick once: 0, 1, 2 and not 0, 1, 1, 2, 2"
    with duckdb.connect(str(settings.marts), read_only=True) as connection:
        [(calls, touches, money)] = connection.execute(
            "SELECT sum(calls), sum(touches), sum(full_path_revenue) FROM rpt_daily"
        ).fetchall()
    assert (number(numbers[0]), number(numbers[3])) == (calls, touches) and abs(number(numbers[4]) - money) < 1
    # Each channel has names of its own below it, so 300 names are more paths than the page keeps.
    is_cut = given.get("names", 12) >= 300
    assert any(row[0].endswith(" others)") for row in table_of(browser)) == is_cut
    assert bool(text(browser, "#cut")) == is_cut


def test_detail_that_never_fits_takes_no_memory(
    built: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = copied(built, tmp_path)
    fill(settings.marts, 1_000_000, days=730, names=5000)
    monkeypatch.setattr(explorer, "MOST_ROWS", 50_000)
    limits = {"memory_limit": "150MB", "temp_directory": str(tmp_path / "spill"), "threads": 2}
    with duckdb.connect(str(settings.marts), read_only=True, config=limits) as connection:
        found = explorer.facts(connection)
    assert 0 < len(found["rows"]["day"]) <= explorer.MOST_ROWS
    assert sum(found["rows"]["touches"]) == 1_000_000
