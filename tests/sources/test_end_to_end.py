"""A user who has Snowplow's events in S3 and Fivetran's Salesforce tables in Postgres, with configuration alone."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import Engine, text

from orchestration.lib.landing.contract import WebTracker, read_sources
from orchestration.lib.settings import PROJECT_DIR
from tests.harness import settings_in

pytestmark = pytest.mark.slow

COOKIE = "5f0c7d2a-91b3-4c58-8a5e-2f6f0f8f1d01"
PAGE = "https://www.harbourdesk.example/?utm_source=google&utm_medium=cpc&gclid=g1"
TABLES = """
create table salesforce.task (
    id text, bizible_2_bizible_id_c text, created_date timestamptz, type text, _fivetran_synced timestamptz,
    is_deleted boolean
);
insert into salesforce.task values
    ('00T000000000001', '{cookie}', '2024-05-06 12:20:00+00', 'Call', '2024-05-06 13:00:00+00', false),
    ('00T000000000002', null, '2024-05-06 12:20:00+00', 'Email', '2024-05-06 13:00:00+00', false);
create table salesforce.lead (id text, email text, _fivetran_synced timestamptz);
create table salesforce.contact (id text, email text, account_id text, _fivetran_synced timestamptz);
insert into salesforce.contact values
    ('003000000000001', 'ann@buoy.example', '001000000000001', '2024-05-06 13:00:00+00');
create table salesforce.account (id text, name text, _fivetran_synced timestamptz);
insert into salesforce.account values ('001000000000001', 'Buoy', '2024-05-06 13:00:00+00');
create table salesforce.opportunity (
    id text, account_id text, amount numeric, is_closed boolean, is_won boolean, created_date timestamptz,
    close_date date, _fivetran_synced timestamptz
);
insert into salesforce.opportunity values
    ('006000000000001', '001000000000001', 1000, true, true, '2024-05-07', '2024-06-01', '2024-06-02 00:00:00+00');
"""


def example(heading: str) -> str:
    """The configuration that docs/sources.md shows."""
    page = (PROJECT_DIR / "docs" / "sources.md").read_text(encoding="utf-8")
    found = re.search(rf"`{heading}`:\n\n```yaml\n(.*?)```", page, re.DOTALL)
    assert found
    return found[1]


def enriched(**values: Any) -> bytes:
    """One event as the pipeline writes it."""
    (table,) = (one for one in read_sources(PROJECT_DIR, WebTracker("snowplow")) if one.tracker)
    return ("\t".join(str(values.get(name, "")) for name in table.tsv_columns) + "\n").encode()


def test_published_marts_by_configuration_alone(bucket: Any, database: Engine, tmp_path: Path) -> None:
    event = {
        "event": "page_view",
        "event_name": "page_view",
        "event_id": "e1",
        "collector_tstamp": "2024-05-06 12:00:00",
        "domain_userid": COOKIE,
        "user_id": "ann@buoy.example",
        "page_url": PAGE,
        "page_referrer": "https://www.google.com/",
    }
    bucket.create_bucket(Bucket="acme-events")
    key = "exports/web/snowplow_events/run=2024-05-06/part-0.txt"
    bucket.put_object(Bucket="acme-events", Key=key, Body=enriched(**event))
    with database.begin() as connection:
        connection.execute(text(TABLES.format(cookie=COOKIE)))
    # Of its own, because dbt parses it for another web tracker.
    project = tmp_path / "project"
    for folder in ("orchestration", "models", "macros", "seeds", "tests/generic", "tests/singular"):
        shutil.copytree(PROJECT_DIR / folder, project / folder)
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(PROJECT_DIR / name, project / name)
    config = tmp_path / "config"
    config.mkdir()
    for name in ("variables.yml", "sources.yml"):
        (config / name).write_text(example(name))
    settings = settings_in(tmp_path)
    environment = {
        **os.environ,
        **settings.environment(),
        "CALL_ATTRIBUTION_CONFIG_DIR": str(config),
        "WAREHOUSE_URL": os.environ["TEST_DATABASE_URL"],
        "DAGSTER_HOME": str(tmp_path / "dagster"),
    }
    (tmp_path / "dagster").mkdir()
    for command in ("extract", "build"):
        line = [sys.executable, "-m", "orchestration", command]
        done = subprocess.run(line, cwd=project, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "secret-word" not in done.stdout + done.stderr
    with duckdb.connect(str(settings.marts), read_only=True) as con:
        calls = con.execute(
            "select verdict, channel_path, is_bizible_id_wellformed from fct_calls order by verdict"
        ).fetchall()
        deals = con.execute(
            "select opportunity_id[:15], touchpoint_id, first_touch_revenue from fct_attribution_touchpoints"
        ).fetchall()
    assert calls == [("merged", "Paid Search.AdWords", True), ("none_not_a_call", None, False)]
    assert deals == [("006000000000001", "session-e1", 1000)]
