"""The project as a package of a user's own dbt project, as docs/dbt-package.md describes it."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import yaml

from orchestration.lib.settings import PROJECT_DIR

pytestmark = pytest.mark.slow

COOKIE = "0" * 32
# Tables as a loader writes them: typed columns, names in lower case, every version of a record.
RAW = f"""
CREATE SCHEMA biz;
CREATE TABLE biz.biz_sessions AS
SELECT
    's1' AS id, '{COOKIE}' AS cookie_id, TIMESTAMPTZ '2024-05-01 12:00:00+02' AS event_date,
    'https://www.acme.example/?utm_source=fm' AS landing_page_raw, 'kept' AS "A column of ours";
CREATE SCHEMA sf;
CREATE TABLE sf.task AS
FROM (VALUES
    ('00T000000000001', false, TIMESTAMP '2024-05-01 10:10:00', '{COOKIE}', 'Call', TIMESTAMP '2024-05-01 10:20:00'),
    ('00T000000000001', false, TIMESTAMP '2024-05-01 10:10:00', '{COOKIE}', 'Old', TIMESTAMP '2024-05-01 10:11:00'),
    ('00T000000000002', true, TIMESTAMP '2024-05-01 10:12:00', '{COOKIE}', 'Call', TIMESTAMP '2024-05-01 10:13:00')
) AS task(id, is_deleted, created_date, bizible_2_bizible_id_c, type, system_modstamp);
"""
PROJECT = {
    "dbt_project.yml": {
        "name": "mine",
        "profile": "mine",
        "vars": {
            "call_attribution_tables": {"web/sessions": "biz.biz_sessions", "salesforce/Task": "sf.task"},
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
    with duckdb.connect(str(tmp_path / "mine.duckdb")) as con:
        con.execute(RAW)
    result = dbt(tmp_path, "deps")
    assert result.returncode == 0, result.stdout
    return tmp_path


def dbt(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    line = [str(Path(sys.executable).with_name("dbt")), *arguments, "--no-send-anonymous-usage-stats"]
    return subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False)


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
    # The next name in the schema of inputs is a table of the user's.
    with duckdb.connect(str(mine / "mine.duckdb")) as con:
        con.execute("DROP VIEW input_web.page_views; CREATE TABLE input_web.page_views AS SELECT 1 AS mine")
    result = dbt(mine, "run", "--select", "stg_web__page_views")
    assert result.returncode != 0
    assert 'input_web"."page_views" exists and is not a view of this package' in result.stdout
    assert rows(mine, "SELECT * FROM input_web.page_views") == [(1,)]


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"salesforce/Tasks": "sf.task"}, "names 'salesforce/Tasks'. Known tables: calls/callrail, "),
        ({"salesforce/Task": "sf.task"}, "must name salesforce/Task, and web/sessions or web/page_views"),
    ],
)
def test_a_wrong_table_is_named(mine: Path, tables: dict[str, str], message: str) -> None:
    variables = yaml.safe_dump({"call_attribution_tables": tables}, default_flow_style=True)
    result = dbt(mine, "run", "--select", "stg_web__page_views", "--vars", variables)
    assert result.returncode != 0
    assert message in result.stdout
