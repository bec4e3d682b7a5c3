"""Databases whose addresses, errors and values are full of canaries: none gets into a message, a log or a record."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml
from sqlalchemy import Engine, text

from orchestration.lib.settings import PROJECT_DIR
from tests.canaries import CANARIES, NOTE, PERSONAL, leaks
from tests.harness import Project

pytestmark = pytest.mark.slow

USER, PASSWORD, TOKEN = PERSONAL[0], CANARIES[2], CANARIES[3]
SYNCED = "_fivetran_synced timestamptz default '2024-05-02 00:00:00+00'"
# One way to fail per table.
FAILING = {
    # The server's error quotes the value.
    "Task": "create view salesforce.task as select cast(x as integer) as id, now() as _fivetran_synced "
    f"from (values ('{NOTE}')) t(x)",
    # Python has no such time.
    "Lead": f"create table salesforce.lead (id text, born timestamp, {SYNCED}); "
    f"insert into salesforce.lead values ('{NOTE}', '294276-01-01')",
    # DuckDB's error quotes the names.
    "Contact": f'create table salesforce.contact ("{USER}" text, "{USER.upper()}" text, {SYNCED}); '
    f"insert into salesforce.contact values ('{NOTE}', '{NOTE}')",
    # The cursor has another type.
    "Campaign": f"create table salesforce.campaign (id text, _fivetran_synced text default '{NOTE}')",
    # The server has an error of its own.
    "User": "create function salesforce.told() returns text as "
    f"$$ begin raise exception '{NOTE}' using hint = '{NOTE}'; end $$ language plpgsql; "
    "create view salesforce.user as select salesforce.told() as id, now() as _fivetran_synced",
}
READABLE = (
    f"create table salesforce.account (id text, name text, {SYNCED}); "
    f"insert into salesforce.account values ('1', '{NOTE}')"
)


def addresses(working: str) -> dict[str, tuple[str, str]]:
    """Addresses that do not work, each with the table that it is asked for."""
    server = working.rpartition("@")[2].partition("/")[0]
    name, word = quote(USER, safe=""), f"{PASSWORD}:{TOKEN}"
    return {
        "NO_SUCH_USER": (f"postgresql+psycopg2://{name}:{word}@{server}/postgres", "Opportunity"),
        "NO_SUCH_DATABASE": (f"postgresql+psycopg2://test:{PASSWORD}@{server}/{TOKEN}", "Event"),
        "NO_SUCH_SERVER": (f"postgresql+psycopg2://{name}:{word}@{TOKEN}.invalid/postgres", "CampaignMember"),
        "NO_SUCH_DRIVER": (f"postgresql+{TOKEN}://{name}:{word}@{server}/postgres", "OpportunityHistory"),
        "NO_ADDRESS": (f"{name}:{word}", "OpportunityContactRole"),
        "NO_PORT": (f"postgresql+psycopg2://test:test@127.0.0.1:{PASSWORD}/postgres", "LeadHistory"),
    }


@pytest.mark.parametrize(
    "command",
    [
        (sys.executable, "-m", "orchestration", "extract"),
        (
            str(Path(sys.executable).with_name("dagster")),
            "job",
            "execute",
            "-m",
            "orchestration.definitions",
            "-j",
            "extract_live",
        ),
    ],
    ids=["terminal", "dagster"],
)
def test_failing_databases_leave_no_canary(
    database: Engine, postgres_address: str, tmp_path: Path, command: tuple[str, ...]
) -> None:
    with database.begin() as connection:
        for statement in (*FAILING.values(), READABLE):
            connection.execute(text(statement.replace(":", "\\:")))
    project = Project(tmp_path, config_dir=tmp_path / "config")
    wrong = addresses(postgres_address)
    cursor = {"cursor": "_fivetran_synced"}
    tables = {f"salesforce/{name}": f"salesforce.{name.lower()}" for name in (*FAILING, "Account")}
    entries = [{"url_variable": "TEST_DATABASE_URL", "tables": tables} | cursor]
    for variable, (_, name) in wrong.items():
        entries.append({"url_variable": variable, "tables": {f"salesforce/{name}": "salesforce.x"}} | cursor)
    places = {name: tmp_path / name for name in ("config", "home", "tmp", "dagster")}
    for folder in places.values():
        folder.mkdir()
    (places["config"] / "sources.yml").write_text(yaml.safe_dump({"databases": entries}))
    (places["dagster"] / "dagster.yaml").write_bytes((PROJECT_DIR / "orchestration" / "dagster.yaml").read_bytes())
    environment = {
        **os.environ,
        **project.settings.environment(),
        **{variable: address for variable, (address, _) in wrong.items()},
        # Whatever a library writes beside what we know.
        "HOME": str(places["home"]),
        "TMPDIR": str(places["tmp"]),
        "DAGSTER_HOME": str(places["dagster"]),
    }
    run = subprocess.run(command, cwd=PROJECT_DIR, env=environment, capture_output=True, timeout=300)
    output = (run.stdout + run.stderr).decode()
    assert run.returncode == 1, output
    for name in (*FAILING, *(name for _, name in wrong.values())):
        assert f"salesforce/{name}: " in output, output
    assert "salesforce/Account: 1 row in 1 new file" in output
    assert "fault of this program" not in output
    assert leaks(output, tmp_path, but=(project.settings.landing_dir,)) == []
    assert leaks(project.settings.landing_dir), "the readable table is there"
