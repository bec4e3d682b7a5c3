"""Live sources as a whole: chosen by configuration, run by Dagster and by the command, failures side by side."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from orchestration.defs.landing.assets import landed_table
from orchestration.defs.live.assets import live_definitions, live_keys
from orchestration.lib.landing import read_sources
from orchestration.lib.settings import Settings
from orchestration.lib.sources import commands, run
from orchestration.lib.sources.errors import LiveSourceError
from orchestration.lib.sources.http import Clock
from tests.harness import settings_in
from tests.live.provider_logs import ENVIRONMENT, CallRailLog
from tests.live.salesforce_org import CLIENT_ID, CLIENT_SECRET, SalesforceOrg
from tests.live.standin import StandIn, http_error

SALESFORCE = {
    "CALL_ATTRIBUTION_SALESFORCE_DOMAIN": "acme.my.salesforce.com",
    "CALL_ATTRIBUTION_SALESFORCE_CLIENT_ID": CLIENT_ID,
    "CALL_ATTRIBUTION_SALESFORCE_CLIENT_SECRET": CLIENT_SECRET,
}
CALLRAIL = {name: value for name, value in ENVIRONMENT.items() if "CALLRAIL" in name}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


def folders(settings: Settings, environ: Mapping[str, str]) -> list[str]:
    return [table.folder for table in run.live_tables(settings, environ)]


def test_tables_are_chosen_by_configuration(settings: Settings) -> None:
    assert folders(settings, {}) == []
    assert folders(settings, CALLRAIL) == ["calls/callrail"]
    assert "salesforce/Task" in folders(settings, SALESFORCE) and len(folders(settings, SALESFORCE)) == 14
    chosen = SALESFORCE | CALLRAIL | {"CALL_ATTRIBUTION_LIVE_TABLES": "salesforce/Task, calls"}
    assert folders(settings, chosen) == ["calls/callrail", "salesforce/Task"]
    with pytest.raises(LiveSourceError, match=r"'salesforce/Tusk'.*salesforce/Task"):
        run.live_tables(settings, SALESFORCE | {"CALL_ATTRIBUTION_LIVE_TABLES": "salesforce/Tusk"})
    with pytest.raises(LiveSourceError, match="credentials"):
        run.live_tables(settings, SALESFORCE | {"CALL_ATTRIBUTION_LIVE_TABLES": "calls/invoca"})


def test_one_system_that_is_down_does_not_stop_another(
    settings: Settings, sf: SalesforceOrg, standin: StandIn, clock: Clock
) -> None:
    log = CallRailLog()
    log.call()
    standin.apps["api.callrail.com"] = log
    sf.tokens.clear()
    for number in range(7):
        standin.faults[number] = http_error(503)
    environ = SALESFORCE | CALLRAIL
    tables = run.live_tables(settings, environ)
    results = {one.table.folder: one for one in run.extract_all(settings, tables, environ, clock=clock)}
    assert "7 times in a row" in str(results["salesforce/Task"].error)
    # The stand-in's day is a day of its own; what counts is that the list was read.
    assert results["calls/callrail"].error is None


def test_fields_that_variables_and_rules_name_are_extracted(
    settings: Settings, sf: SalesforceOrg, clock: Clock
) -> None:
    config = settings.landing_dir.parent / "config"
    config.mkdir()
    (config / "variables.yml").write_text("opportunity_amount_fields: [Real__c, Amount]\n")
    (config / "campaign_rules.csv").write_text(
        "rule,box,field,operator,value,touchpoint_date\n1,,Campaign.Region__c,is equal to,EMEA,\n"
    )
    settings = replace(settings, config_dir=config)
    for name in ("Opportunity", "Campaign", "Lead"):
        sf.fields[name] += ["Real__c", "Region__c"]
        sf.save(name, {"Opportunity": "006", "Campaign": "701", "Lead": "00Q"}[name] + "000000000000001")
    tables = [
        table for table in run.live_tables(settings, SALESFORCE) if table.name in ("Opportunity", "Campaign", "Lead")
    ]
    extracted = {}
    for one in run.extract_all(settings, tables, SALESFORCE, clock=clock):
        (file,) = (settings.landing_dir / one.table.folder / name for name in one.files)
        header = file.read_text(encoding="utf-8").splitlines()[0]
        extracted[one.table.name] = {"Real__c", "Region__c"} & {name.strip('"') for name in header.split(",")}
    assert extracted == {"Opportunity": {"Real__c"}, "Campaign": {"Region__c"}, "Lead": set()}


def test_one_object_that_fails_does_not_stop_the_others(
    settings: Settings, sf: SalesforceOrg, standin: StandIn, clock: Clock
) -> None:
    sf.fields["Task"].remove("bizible2__BizibleId__c")
    sf.save("Lead", "00Q000000000000001", Email="a@example.com")
    tables = run.live_tables(settings, SALESFORCE)
    results = {one.table.name: one for one in run.extract_all(settings, tables, SALESFORCE, clock=clock)}
    assert "6.7" in str(results["Task"].error)
    assert results["Lead"].rows == 1 and results["Lead"].notes["api_calls"] > 0


@pytest.fixture
def dagster_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALL_ATTRIBUTION_LANDING_DIR", str(tmp_path / "landing"))
    monkeypatch.setenv("CALL_ATTRIBUTION_WAREHOUSE", str(tmp_path / "warehouse.duckdb"))


def test_without_credentials_dagster_sees_nothing(settings: Settings) -> None:
    live = live_definitions(settings, {})
    assert not live.assets and not live.jobs and not live.schedules
    assert not live_keys(settings, {})


def test_dagster_extracts_and_reconciles_and_reports_the_result(
    settings: Settings, sf: SalesforceOrg, standin: StandIn, dagster_environment: None, caplog: pytest.LogCaptureFixture
) -> None:
    environ = SALESFORCE | {"CALL_ATTRIBUTION_LIVE_TABLES": "salesforce/Task,salesforce/Lead"}
    sf.polls = 0
    sf.save("Task", "00T000000000000001", Description="secret words")
    defs = live_definitions(settings, environ)
    with dg.DagsterInstance.ephemeral() as instance:
        result = defs.resolve_job_def("extract_live").execute_in_process(instance=instance)
        assert result.success
        metadata = result.asset_materializations_for_node("live_files")[0].metadata
        assert metadata["rows"].value == 1 and "_last.csv" in str(metadata["files"].value)
        reported = str(metadata) + caplog.text
        assert CLIENT_SECRET not in reported and "00D-token" not in reported and "secret words" not in reported
        sf.now += timedelta(hours=1)
        assert defs.resolve_job_def("reconcile_live").execute_in_process(instance=instance).success


def test_a_failure_in_dagster_is_in_the_users_words(
    settings: Settings, sf: SalesforceOrg, dagster_environment: None
) -> None:
    environ = SALESFORCE | {"CALL_ATTRIBUTION_SALESFORCE_CLIENT_SECRET": "wrong-s3cret"}
    defs = live_definitions(settings, environ | {"CALL_ATTRIBUTION_LIVE_TABLES": "salesforce/Task"})
    with dg.DagsterInstance.ephemeral() as instance:
        result = defs.resolve_job_def("extract_live").execute_in_process(instance=instance, raise_on_error=False)
    failures = [event.step_failure_data for event in result.all_events if event.is_step_failure]
    words = str(failures)
    assert "CALL_ATTRIBUTION_SALESFORCE_CLIENT_SECRET" in words and "wrong-s3cret" not in words


def test_the_commands(
    settings: Settings,
    sf: SalesforceOrg,
    dagster_environment: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    said: list[str] = []
    commands.extract(settings, said.append)
    assert "No live source is configured" in said.pop()
    with pytest.raises(LiveSourceError, match="SALESFORCE_DOMAIN"):
        commands.check_salesforce(settings)
    for name, value in SALESFORCE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CALL_ATTRIBUTION_LIVE_TABLES", "salesforce/Task")
    sf.polls = 0
    sf.save("Task", "00T000000000000001")
    commands.extract(settings, said.append)
    assert said.pop() == "salesforce/Task: 1 row in 1 new file, api calls 4"
    commands.reconcile(settings, said.append)
    assert "salesforce/Task" in said.pop()
    commands.check_salesforce(settings)
    assert "Everything is ready for the first run." in capsys.readouterr().out


def test_a_landed_table_depends_on_its_live_table(settings: Settings) -> None:
    live = live_keys(settings, CALLRAIL)
    tables = {table.folder: table for table in read_sources(settings.project_dir)}
    spec = landed_table(tables["calls/callrail"], live)
    assert [dependency.asset_key for dependency in spec.deps] == [dg.AssetKey(["live", "calls", "callrail"])]
    assert not list(landed_table(tables["salesforce/Task"], live).deps)
