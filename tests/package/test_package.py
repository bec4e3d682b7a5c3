"""The project as a package of a user's own dbt project, as docs/dbt-package.md describes it."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from orchestration.lib import landing
from orchestration.lib.settings import PROJECT_DIR

pytestmark = pytest.mark.slow

COOKIE = "0" * 32
# Tables as a loader writes them: typed columns, names in lower case, every version of a record.
RAW = f"""
CREATE SCHEMA biz;
CREATE TABLE biz.biz_sessions AS
SELECT
    's1' AS id, '{COOKIE}' AS cookie_id, TIMESTAMPTZ '2024-05-01 12:00:00+02' AS event_date,
    'https://www.acme.example/?utm_source=fm' AS landing_page_raw, 'kept' AS "A column of ours",
    'A' AS "名前", 'B' AS "Größe", 'C' AS rowid, 'D' AS _row_key, true AS _is_deleted, 'E' AS "★", 'F' AS "a ""b"" c",
    NULL AS "b-1", 'G' AS "B 1";
CREATE SCHEMA sf;
CREATE TABLE sf.task AS
FROM (VALUES
    ('00T000000000001', false, TIMESTAMP '2024-05-01 10:10:00', '{COOKIE}', 'Call', TIMESTAMP '2024-05-01 10:20:00'),
    ('00T000000000001', false, TIMESTAMP '2024-05-01 10:10:00', '{COOKIE}', 'Old', TIMESTAMP '2024-05-01 10:11:00'),
    ('00T000000000002', true, TIMESTAMP '2024-05-01 10:12:00', '{COOKIE}', 'Call', TIMESTAMP '2024-05-01 10:13:00')
) AS task(id, is_deleted, created_date, bizible_2_bizible_id_c, type, system_modstamp);
CREATE SCHEMA "SPEND";
CREATE TABLE spend.loaded AS SELECT 'BDR' AS channel, 1 AS aug_17, 2.5 AS _2017_09;
CREATE TABLE spend.both_forms AS SELECT 'BDR' AS channel, 1 AS "Aug-17", 2 AS "MONTH";
CREATE TABLE spend.quarters AS SELECT 'BDR' AS channel, 1 AS q1_2017;
CREATE TABLE sf.other_task AS SELECT id, type FROM sf.task;
CREATE TABLE biz.short AS SELECT id, cookie_id FROM biz.biz_sessions;
"""
# A sheet with a column per month: two of its columns are the same month.
SHEET = """Channel,SubChannel,Campaign Id,Campaign Name,Currency,Aug-17,Sep 2017,2017-10,October 2017
BDR,Email,,A/B,USD,"$8,591",,0,
BDR,,null,B%,USD,17182,1,,2
Other,,c1,B,,3,,,
,,c1,B,,3,,,
null,,c1,B,,3,,,
"""
LONG_SHEET = """Channel,Currency,Month,Cost
BDR,USD,2017-08,1
BDR,USD,Sept 2017,2
BDR,USD,September-17,2
BDR,USD,2017-09-30,2
BDR,USD,soon,2
"""
NEEDED = {"web/sessions": "biz.biz_sessions", "salesforce/Task": "sf.task"}
PROJECT = {
    "dbt_project.yml": {
        "name": "mine",
        "profile": "mine",
        "vars": {
            "call_attribution_tables": NEEDED | {"spend/marketing_spend": "spend.SHEET"},
            "call_session_window_minutes": 45,
        },
        "unit_tests": {"call_attribution": {"+enabled": False}},
    },
    "profiles.yml": {"mine": {"target": "dev", "outputs": {"dev": {"type": "duckdb", "path": "mine.duckdb"}}}},
    "packages.yml": {"packages": [{"local": str(PROJECT_DIR)}]},
}


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tmp_path = tmp_path_factory.mktemp("mine")
    for name, content in PROJECT.items():
        (tmp_path / name).write_text(yaml.safe_dump(content))
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "calls_by_channel.sql").write_text(
        "select channel, count(*) as calls from {{ ref('call_attribution', 'fct_calls') }} "
        "where not is_deleted group by all"
    )
    (tmp_path / "models" / "own_sheet.sql").write_text("select 'BDR' as channel, '2017-08' as month, 7 as cost")
    with duckdb.connect(str(tmp_path / "mine.duckdb")) as con:
        con.execute(RAW)
        for name, text in (("sheet", SHEET), ("long_sheet", LONG_SHEET)):
            (tmp_path / f"{name}.csv").write_text(text)
            con.execute(f"CREATE TABLE spend.{name} AS FROM read_csv('{tmp_path}/{name}.csv', all_varchar = true)")
    result = dbt(tmp_path, "deps")
    assert result.returncode == 0, result.stdout
    return tmp_path


def dbt(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    line = [str(Path(sys.executable).with_name("dbt")), *arguments, "--no-send-anonymous-usage-stats"]
    return subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False)


def run_with(mine: Path, tables: Any, model: str = "stg_web__page_views") -> subprocess.CompletedProcess[str]:
    variables = yaml.safe_dump({"call_attribution_tables": tables}, default_flow_style=True)
    return dbt(mine, "run", "--select", model, "--vars", variables)


def rows(folder: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(folder / "mine.duckdb"), read_only=True) as con:
        return con.execute(sql).fetchall()


def test_two_builds_are_green_and_equal(mine: Path) -> None:
    calls = "SELECT crm_task_id, verdict, task_type, session_id FROM call_attribution.fct_calls ORDER BY ALL"
    expected = [
        ("00T000000000001EAA", "merged", "Call", "s1"),
        ("00T000000000002EAA", "none_deleted", "Call", None),
    ]
    for _ in range(2):
        result = dbt(mine, "build")
        assert result.returncode == 0, result.stdout[-4000:]
        assert rows(mine, calls) == expected
        assert rows(mine, "SELECT * FROM calls_by_channel") == [("Other", 1)]
    costs = (
        "SELECT campaign_name, cost_date, cost FROM call_attribution.fct_costs WHERE day(cost_date) = 1 ORDER BY ALL"
    )
    assert [(name, str(day)) for name, day, _ in rows(mine, costs)] == [
        ("A/B", "2017-08-01"),
        ("B", "2017-08-01"),  # of channel Other
        ("B", "2017-08-01"),  # of a channel named null: in plain text, the word stays
        ("B%", "2017-08-01"),
        ("B%", "2017-09-01"),
        ("B%", "2017-10-01"),
    ]
    # The next name in the schema of inputs is a table of the user's.
    with duckdb.connect(str(mine / "mine.duckdb")) as con:
        con.execute("DROP VIEW input_web.page_views; CREATE TABLE input_web.page_views AS SELECT 1 AS mine")
    result = dbt(mine, "run", "--select", "stg_web__page_views")
    assert result.returncode != 0
    assert 'input_web"."page_views" exists and is not a view of this package' in result.stdout
    assert rows(mine, "SELECT * FROM input_web.page_views") == [(1,)]
    with duckdb.connect(str(mine / "mine.duckdb")) as con:
        con.execute("DROP TABLE input_web.page_views")


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"salesforce/Tasks": "sf.task"}, "names 'salesforce/Tasks'. Known tables: calls/callrail, "),
        ({"salesforce/Task": "sf.task"}, "must name salesforce/Task, and web/sessions or web/page_views"),
        ({}, "Package call_attribution needs variable call_attribution_tables, which names your raw tables"),
        (NEEDED | {"salesforce/Lead": None}, "names no table for salesforce/Lead."),
        ("sf.task", "is not a mapping of landing folders to tables."),
        (
            NEEDED | {"salesforce/Task": "sf.other_task"},
            "has no column bizible2__BizibleId__c. The BizibleId field of Task comes",
        ),
        (NEEDED | {"web/sessions": "biz.short"}, "biz.short for web/sessions, which has no column EVENT_DATE."),
        (
            NEEDED | {"spend/marketing_spend": "spend.both_forms"},
            "names spend.both_forms for spend/marketing_spend, which has columns for months and a column MONTH.",
        ),
        (
            NEEDED | {"spend/marketing_spend": "spend.quarters"},
            "has no column Cost and no column for a month, such as Aug-17, Aug 2017 or 2017-08.",
        ),
    ],
)
def test_a_wrong_table_is_named(mine: Path, tables: Any, message: str) -> None:
    result = run_with(mine, tables)
    assert result.returncode != 0
    # dbt breaks long lines.
    assert message in " ".join(result.stdout.split())


def test_another_tracker_is_read(mine: Path) -> None:
    with duckdb.connect(str(mine / "mine.duckdb")) as con:
        con.execute(
            "CREATE OR REPLACE TABLE biz.pages AS SELECT 'p1' AS id, 'A' AS anonymous_id, "
            "TIMESTAMP '2024-05-01 10:00:00' AS timestamp, 'https://www.acme.example/' AS url"
        )
    tables = {"web/segment_pages": "biz.pages", "salesforce/Task": "sf.task"}
    variables = yaml.safe_dump({"web_tracker": "segment", "call_attribution_tables": tables}, default_flow_style=True)
    result = dbt(mine, "build", "--select", "+stg_web__page_views", "--vars", variables)
    assert result.returncode == 0, result.stdout
    assert rows(mine, "SELECT page_view_id FROM call_attribution_staging.stg_web__page_views") == [("p1",)]


def test_a_model_of_the_users_can_be_an_input(mine: Path) -> None:
    with duckdb.connect(str(mine / "mine.duckdb")) as con:
        con.execute("DROP VIEW IF EXISTS own_sheet")
    tables = NEEDED | {"spend/marketing_spend": "own_sheet"}
    for model in ("own_sheet", "stg_web__page_views"):
        result = run_with(mine, tables, model)
        assert result.returncode == 0, result.stdout
    assert rows(mine, "SELECT Month, Cost FROM input_spend.marketing_spend") == [("2017-08", "7")]


def test_identifiers_of_columns_are_read_as_months(mine: Path) -> None:
    result = run_with(mine, NEEDED | {"spend/marketing_spend": "spend.loaded"})
    assert result.returncode == 0, result.stdout
    costs = "SELECT Channel, Month, Cost FROM input_spend.marketing_spend ORDER BY ALL"
    assert rows(mine, costs) == [("BDR", "2017-08", "1"), ("BDR", "2017-09", "2.5")]


@pytest.mark.parametrize("name", ["sheet", "long_sheet"])
def test_a_spend_sheet_gives_the_rows_that_landing_gives(mine: Path, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "landing" / "spend" / "marketing_spend"
    folder.mkdir(parents=True)
    shutil.copy(mine / f"{name}.csv", folder)
    [table] = [table for table in landing.read_sources(PROJECT_DIR) if table.folder == "spend/marketing_spend"]
    with landing.connect(tmp_path / "warehouse.duckdb") as con:
        landing.land_table(con, table, tmp_path / "landing")
        columns = "_row_key, Channel, SubChannel, CampaignId, CampaignName, Currency, Cost, _is_deleted"
        landed = con.execute(f"SELECT {columns} FROM raw_spend.marketing_spend ORDER BY ALL").fetchall()
    assert landed
    result = run_with(mine, NEEDED | {"spend/marketing_spend": f"spend.{name}"})
    assert result.returncode == 0, result.stdout
    assert rows(mine, f"SELECT {columns} FROM input_spend.marketing_spend ORDER BY ALL") == landed
