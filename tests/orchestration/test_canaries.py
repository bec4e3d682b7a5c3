"""No personal data and no secret from a file gets into a message, a log, metadata or Dagster's records."""

import base64
import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from orchestration.lib.build import dbt
from orchestration.lib.settings import PROJECT_DIR
from orchestration.runtime import errors
from tests.canaries import CANARIES, NOTE, leaks
from tests.harness import Project, settings_in

SESSIONS = "ID,COOKIE_ID,EVENT_DATE,NOTE\n"


def test_a_canary_is_found_however_it_is_written() -> None:
    for text in CANARIES:
        for before in ("", "u", "ab", "user:"):
            assert leaks(f"before {before}{text} after")
            assert leaks(base64.b64encode(f"{before}{text}. after".encode()))
    assert leaks("nothing", PROJECT_DIR / "README.md") == []


def parquet(path: Path, select: str) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        con.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet, COMPRESSION uncompressed)")
    return path.read_bytes()


def write_what_cannot_be_read(project: Project) -> None:
    """One way to fail per table, and values that land with warnings, each full of canaries."""
    folder = project.settings.landing_dir
    project.write_bytes("web/sessions", f"{NOTE},c,2024-01-01\n".encode(), "no_header.csv")
    path = folder / "web" / "page_views" / "not_utf8.parquet"
    columns = "'1' AS ID, 'c' AS COOKIE_ID, '2024-01-01' AS EVENT_DATE"
    data = parquet(path, f"SELECT {columns}, '{NOTE} caf\u00e9' AS CURRENT_PAGE_RAW")
    path.write_bytes(data.replace("\u00e9".encode(), b"\xe9 "))
    project.write_bytes("web/form_submits", f"{SESSIONS}1,c,2024-01-01,{NOTE} \xe9\n".encode("latin-1"), "latin.csv")
    project.write_bytes("web/email_to_visitor_ids", f"{NOTE},{NOTE}\n".encode(), "twice.csv")
    path = folder / "salesforce" / "Task" / "damaged.parquet"
    data = bytearray(parquet(path, f"SELECT '{NOTE} ' || i AS Id, 'x' AS bizible2__BizibleId__c FROM range(3000) t(i)"))
    data[2000:2400] = b"\xff" * 400
    path.write_bytes(data)
    lines = ["{", json.dumps([NOTE]), NOTE, json.dumps({"Email": NOTE}), '{"Id": "\\ud83d", "Email": "' + NOTE + '"}']
    project.write_bytes("salesforce/Lead", "\n".join(lines).encode(), "broken.jsonl")
    row = f'"{NOTE}",{NOTE},{NOTE},{NOTE},None\n{NOTE},too,many,values,in,this\n'
    project.write_bytes("salesforce/Contact", f"Id,CreatedDate,IsDeleted,AccountId,Email\n{row}".encode(), "odd.csv")
    rows = "".join(f"{number},{NOTE}\n" for number in range(9999))
    project.write_bytes("salesforce/Account", gzip.compress(f"Id,Name\n{rows}".encode())[:-99], "cut.csv.gz")
    project.write_bytes("salesforce/Opportunity", f'Id,"Name\n{NOTE * 3000}'.encode(), "open_quote.csv")
    project.write_bytes("salesforce/User", f"\ufeffId;{NOTE}\n".encode("utf-16"), "utf16.csv")
    project.write_bytes("salesforce/Campaign", f"Id\r{NOTE}\r".encode(), "returns.csv")


def test_files_that_cannot_be_read_leave_no_canary(project: Project, tmp_path: Path) -> None:
    home = tmp_path / "dagster"
    home.mkdir()
    (home / "dagster.yaml").write_bytes((PROJECT_DIR / "orchestration" / "dagster.yaml").read_bytes())
    write_what_cannot_be_read(project)
    environment = {**os.environ, **project.settings.environment(), "DAGSTER_HOME": str(home)}
    command = [sys.executable, "-m", "orchestration", "build"]
    run = subprocess.run(command, env=environment, cwd=PROJECT_DIR, capture_output=True, timeout=300)
    assert run.returncode == 1
    for table in ("web/sessions", "page_views/not_utf8", "form_submits/latin", "salesforce/Task", "Account/cut"):
        assert table.encode() in run.stdout, run.stdout.decode()
    warehouse = project.settings.warehouse  # quarantine keeps raw text, and is never published
    assert leaks(run.stdout, run.stderr, tmp_path, but=(project.settings.landing_dir, warehouse)) == []
    assert leaks(warehouse), "what landed and what is quarantined is still there"


FAILING_MODELS = {
    "to_number": "select cast(note as integer) as x from {canaries}",
    "to_time": "select cast(note as timestamp) as x from {canaries}",
    "in_format": "select strptime(note, '%Y') as x from {canaries}",
    "as_pattern": "select regexp_matches('x', '(' || note) as x from {canaries}",
    "as_json": "select cast(note as json) as x from {canaries}",
    "told": "select error(note) as x from {canaries}",
}


def test_models_and_tests_that_fail_on_data_leave_no_canary(tmp_path: Path) -> None:
    """The engine's messages quote values; dbt passes them on."""
    project = tmp_path / "project"
    files = {
        "dbt_project.yml": "name: small\nprofile: small\nmodel-paths: [models]\nmodels: {+materialized: table}\n",
        "profiles.yml": "small:\n  target: duckdb\n  outputs:\n    duckdb:\n      type: duckdb\n"
        "      path: \"{{ env_var('CALL_ATTRIBUTION_WAREHOUSE') }}\"\n",
        "models/notes.sql": "select * from main.canaries",
        "models/models.yml": "models:\n  - name: notes\n    columns:\n      - name: note\n        data_tests:\n"
        "          - unique\n          - accepted_values: {arguments: {values: ['x']}}\n",
    }
    files |= {f"models/{name}.sql": sql.format(canaries="main.canaries") for name, sql in FAILING_MODELS.items()}
    for name, text in files.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
    settings = settings_in(tmp_path, project_dir=project)
    with duckdb.connect(str(settings.warehouse)) as con:
        con.execute("CREATE TABLE canaries AS SELECT $note AS note FROM range(2)", {"note": NOTE})
    events: list[dbt.NodeResult] = []
    result = dbt.build(settings, on_node=events.append)
    assert {node.name for node in result.failed if node.resource_type == "model"} == set(FAILING_MODELS)
    assert len(result.failed) == len(FAILING_MODELS) + 2
    with pytest.raises(dbt.DbtError) as error:
        result.require_success()
    messages = [str(error.value), *(node.message for node in [*events, *result.nodes])]
    assert leaks(*messages) == []
    assert "model to_number: " in messages[0] and "Conversion Error" in messages[0]
    assert "dbt build --select to_number` shows it" in messages[0]
    assert "found 1 row where there should be none" in messages[0] and "dbt show --select " in messages[0]


@pytest.mark.parametrize(
    "raised",
    [
        duckdb.ConversionException(f"Could not convert string '{NOTE}'"),
        ValueError(NOTE),
        OSError(5, "error"),
        KeyError(NOTE),
    ],
    ids=lambda error: type(error).__name__,
)
def test_unexpected_errors_leave_no_canary_in_dagsters_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raised: Exception
) -> None:
    monkeypatch.setattr(errors, "MAX_RETRIES", 0)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    (tmp_path / "dagster.yaml").touch()

    @dg.op
    def failing(context: dg.OpExecutionContext) -> None:
        with errors.user_facing_errors(context):
            try:
                raise RuntimeError(NOTE)
            except RuntimeError as cause:
                raise raised from cause

    @dg.job
    def one() -> None:
        failing()

    with dg.DagsterInstance.get() as instance:
        result = one.execute_in_process(instance=instance, raise_on_error=False)
    message = errors.failure_of(result)
    assert "tests/orchestration/test_canaries.py, line " in message
    assert leaks(message, tmp_path) == []
