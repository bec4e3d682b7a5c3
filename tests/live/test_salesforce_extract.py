"""Extraction from Salesforce: requests, files in the landing folder, and faults."""

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from orchestration.lib.landing.contract import Column, SourceTable
from orchestration.lib.sources.errors import LiveSourceError, QuotaExceeded, Refused, SignInRefused, Unreachable
from orchestration.lib.sources.salesforce import bulk
from orchestration.lib.sources.salesforce import extract as extraction
from orchestration.lib.sources.salesforce.check import check
from orchestration.lib.sources.salesforce.credentials import Credentials
from orchestration.lib.sources.salesforce.extract import extract
from orchestration.lib.sources.salesforce.org import Org
from orchestration.lib.sources.salesforce.reconcile import reconcile
from tests.live.conftest import CREDENTIALS, Killed, Waits, salesforce_tables
from tests.live.landed import Warehouse
from tests.live.salesforce_org import CLIENT_SECRET, HOST, SalesforceOrg
from tests.live.standin import Answer, StandIn, breaking_off, http_error

Connect = Callable[..., Org]


def ids(landing_dir: Path, table: str = "Task") -> list[str]:
    found = []
    for path in sorted((landing_dir / "salesforce" / table).glob("*.csv")):
        with open(path, newline="", encoding="utf-8") as file:
            found += [row["Id"] for row in csv.DictReader(file)]
    return found


def names(landing_dir: Path, table: str = "Task") -> list[str]:
    return sorted(path.name for path in (landing_dir / "salesforce" / table).iterdir())


def fill(sf: SalesforceOrg, count: int) -> None:
    for number in range(count):
        sf.save("Task", f"00T{number:015d}", Description=f'He said "call me",\nline two of {number}')


def test_deleted_and_archived_rows_come_too(
    sf: SalesforceOrg, connect: Connect, task: SourceTable, landing_dir: Path
) -> None:
    fill(sf, 3)
    sf.save("Task", "00T000000000000001", IsArchived=True)
    sf.delete("Task", "00T000000000000002")
    result = extract(connect(), task, landing_dir, [])
    assert result.rows == 3 and len(ids(landing_dir)) == 3


def test_pages_have_names_that_sort_by_time_and_only_the_last_says_so(
    sf: SalesforceOrg, connect: Connect, task: SourceTable, landing_dir: Path
) -> None:
    fill(sf, 5)
    sf.max_page = 2
    result = extract(connect(), task, landing_dir, [])
    assert len(result.files) == 3 and list(result.files) == names(landing_dir)
    assert [name.endswith("_last.csv") for name in result.files] == [False, False, True]
    assert result.files[0].startswith("20260101T000000Z_start_")


def test_nothing_new_leaves_no_file(sf: SalesforceOrg, connect: Connect, task: SourceTable, landing_dir: Path) -> None:
    assert extract(connect(), task, landing_dir, []).files == ()
    assert names(landing_dir) == []


def test_an_incremental_extraction_begins_before_the_watermark_and_keeps_equal_times(
    sf: SalesforceOrg, connect: Connect, task: SourceTable, landing_dir: Path
) -> None:
    fill(sf, 2)
    first = extract(connect(), task, landing_dir, [])
    sf.save("Task", "00T000000000000009")  # in the second in which the first extraction ran
    sf.now += timedelta(hours=1)
    second = extract(connect(), task, landing_dir, first.files)
    assert second.since == sf.now - timedelta(hours=1, minutes=15)
    assert "00T000000000000009" in ids(landing_dir)


def test_the_watermark_waits_for_the_load(
    sf: SalesforceOrg, connect: Connect, task: SourceTable, landing_dir: Path
) -> None:
    fill(sf, 5)
    sf.max_page = 2
    first = extract(connect(), task, landing_dir, [])
    sf.now += timedelta(hours=1)
    # All pages but one are in the warehouse: that is not enough.
    assert extract(connect(), task, landing_dir, first.files[:-1]).since is None
    assert extract(connect(), task, landing_dir, first.files[1:]).since is None
    assert extract(connect(), task, landing_dir, first.files).since is not None


def test_a_field_that_was_added_is_extracted_for_all_rows(
    sf: SalesforceOrg, connect: Connect, task: SourceTable, landing_dir: Path
) -> None:
    sf.fields["Task"].remove("CallObject")
    fill(sf, 1)
    first = extract(connect(), task, landing_dir, [])
    assert first.missing == ("CallObject",)
    sf.fields["Task"].append("CallObject")
    sf.now += timedelta(hours=1)
    assert extract(connect(), task, landing_dir, first.files).since is None


def test_a_field_that_a_variable_names_is_extracted_in_any_spelling(
    sf: SalesforceOrg, connect: Connect, task: SourceTable, landing_dir: Path
) -> None:
    sf.fields["Task"] += ["Call_Start__c", "Other__c"]
    fill(sf, 1)
    names = ("call_start_c", "CreatedDate", "Missing__c")
    task = replace(task, named_fields=tuple(Column(name, "timestamp") for name in names))
    extracted = extract(connect(), task, landing_dir, [])
    header = (landing_dir / task.folder / extracted.files[0]).read_text(encoding="utf-8").splitlines()[0]
    columns = [name.strip('"') for name in header.split(",")]
    assert "Call_Start__c" in columns
    assert "Other__c" not in columns
    assert columns.count("CreatedDate") == 1
    assert extracted.missing == ("Missing__c",)


def test_r10_2_a_field_of_the_record_that_a_field_refers_to(
    sf: SalesforceOrg, connect: Connect, landing_dir: Path
) -> None:
    sf.parents["Campaign"] = {"RecordType": "RecordType", "Parent": "NotVisible"}
    sf.add_object("RecordType", ["Id", "Name"])
    values: dict[str, Any] = {"RecordType.Name": "Fair"}
    sf.save("Campaign", "701000000000000001", **values)
    names = ("recordtype.name", "RecordType.Nothing", "Parent.Name")
    named = tuple(Column(name, "varchar") for name in names)
    extracted = extract(connect(), replace(salesforce_tables()["Campaign"], named_fields=named), landing_dir, [])
    with open(landing_dir / "salesforce" / "Campaign" / extracted.files[0], newline="", encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert row["RecordType.Name"] == "Fair"
    assert extracted.missing == ("RecordType.Nothing", "Parent.Name")


def test_without_the_bizible_id_field_the_run_stops_and_names_the_package(
    sf: SalesforceOrg, connect: Connect, task: SourceTable, landing_dir: Path
) -> None:
    sf.fields["Task"].remove("bizible2__BizibleId__c")
    with pytest.raises(LiveSourceError, match=r"bizible2__BizibleId__c.*6\.7.*field-level security"):
        extract(connect(), task, landing_dir, [])


def test_an_object_that_the_org_does_not_have_is_left_out(
    sf: SalesforceOrg, connect: Connect, landing_dir: Path
) -> None:
    del sf.fields["LeadHistory"], sf.fields["Task"]
    assert not extract(connect(), salesforce_tables()["LeadHistory"], landing_dir, []).in_org
    with pytest.raises(LiveSourceError, match="Task"):
        extract(connect(), salesforce_tables()["Task"], landing_dir, [])


def test_lead_history_goes_by_created_date(sf: SalesforceOrg, connect: Connect, landing_dir: Path) -> None:
    table = salesforce_tables()["LeadHistory"]
    sf.save("LeadHistory", "017000000000000001", Field="Status")
    sf.now += timedelta(hours=1)
    first = extract(connect(), table, landing_dir, [])
    sf.now += timedelta(hours=1)
    sf.save("LeadHistory", "017000000000000002", Field="Status")
    second = extract(connect(), table, landing_dir, first.files)
    assert second.rows == 1 and second.since is not None


def test_rates_are_read_whole_and_written_when_they_change(
    sf: SalesforceOrg, connect: Connect, landing_dir: Path
) -> None:
    table = salesforce_tables()["DatedConversionRate"]
    sf.save("DatedConversionRate", "04w000000000000001", ConversionRate=1.2345678, NextStartDate="9999-12-31")
    assert extract(connect(), table, landing_dir, []).rows == 1
    assert extract(connect(), table, landing_dir, []).files == ()
    # The day on which a rate ends moves without a new SystemModstamp.
    sf.records["DatedConversionRate"]["04w000000000000001"]["NextStartDate"] = "2026-02-01"
    org = connect()
    object.__setattr__(org.session.clock, "now", lambda: sf.now + timedelta(hours=1))
    assert extract(org, table, landing_dir, []).rows == 1
    text = (landing_dir / "salesforce/DatedConversionRate" / names(landing_dir, "DatedConversionRate")[-1]).read_text()
    assert "1.2345678" in text and "2026-02-01" in text


# Faults.


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_passing_failure_is_waited_out(
    status: int,
    sf: SalesforceOrg,
    standin: StandIn,
    connect: Connect,
    task: SourceTable,
    landing_dir: Path,
    waits: Waits,
) -> None:
    fill(sf, 3)
    for number in (1, 2, 4, 6):
        standin.faults[number] = http_error(status)
    assert extract(connect(), task, landing_dir, []).rows == 3
    assert 2.0 in waits and 4.0 in waits  # back-off grows with every failure in a row


def test_retry_after_is_respected(
    sf: SalesforceOrg, standin: StandIn, connect: Connect, task: SourceTable, landing_dir: Path, waits: Waits
) -> None:
    standin.faults[1] = http_error(429, Retry_After="77")
    extract(connect(), task, landing_dir, [])
    assert 77.0 in waits


def test_a_server_that_stays_down_ends_the_run_in_plain_words(
    sf: SalesforceOrg, standin: StandIn, connect: Connect, task: SourceTable, landing_dir: Path
) -> None:
    org = connect()
    for number in range(1, 20):
        standin.faults[number] = http_error(500)
    with pytest.raises(Unreachable, match="7 times in a row"):
        extract(org, task, landing_dir, [])


def test_a_page_that_breaks_off_is_fetched_again(
    sf: SalesforceOrg, standin: StandIn, connect: Connect, task: SourceTable, landing_dir: Path
) -> None:
    fill(sf, 6)
    sf.max_page = 2
    for number in (5, 7):
        standin.faults[number] = breaking_off(sf)
    assert extract(connect(), task, landing_dir, []).rows == 6
    assert len(ids(landing_dir)) == 6
    assert not list((landing_dir / "salesforce" / "Task").glob("*.part"))


def test_a_page_with_fewer_records_than_announced_is_fetched_again(
    sf: SalesforceOrg, standin: StandIn, connect: Connect, task: SourceTable, landing_dir: Path
) -> None:
    fill(sf, 3)

    def short(request: object) -> Answer:
        answer = sf.answer(request)  # pyright: ignore[reportArgumentType]
        return Answer(answer.status, answer.body[: answer.body.rindex(b'"00T')], answer.headers)

    standin.faults[5] = short
    extract(connect(), task, landing_dir, [])
    assert len(ids(landing_dir)) == 3


def test_a_token_that_expires_in_the_middle_is_renewed(
    sf: SalesforceOrg, connect: Connect, task: SourceTable, landing_dir: Path
) -> None:
    fill(sf, 6)
    sf.max_page = 2
    sf.on_page = sf.expire_tokens
    assert extract(connect(), task, landing_dir, []).rows == 6
    assert sf.sign_ins > 1 and len(ids(landing_dir)) == 6


def test_a_job_that_fails_is_made_again(
    sf: SalesforceOrg, connect: Connect, task: SourceTable, landing_dir: Path
) -> None:
    fill(sf, 2)
    sf.next_job_fails = True
    assert extract(connect(), task, landing_dir, []).rows == 2


def test_jobs_that_keep_failing_end_the_run_with_their_reason(
    sf: SalesforceOrg, connect: Connect, task: SourceTable, landing_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SalesforceOrg, "next_job_fails", property(lambda self: True, lambda self, value: None))
    with pytest.raises(LiveSourceError, match="QUERY_TIMEOUT"):
        extract(connect(), task, landing_dir, [])


def test_a_broken_extraction_goes_on_at_the_last_page(
    sf: SalesforceOrg, connect: Connect, task: SourceTable, landing_dir: Path
) -> None:
    fill(sf, 10)
    sf.now += timedelta(hours=1)
    sf.max_page = 2
    org = connect()
    org.session.kill_at = org.calls + 7  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(Killed):
        extract(org, task, landing_dir, [])
    saved = names(landing_dir)
    assert any(name.endswith(".csv") for name in saved)
    sf.now += timedelta(hours=1)
    result = extract(connect(), task, landing_dir, [])
    # The interrupted run's job is read to its end; a second job returns later changes.
    assert result.is_resumed and len(sf.jobs) == 2 and result.until == sf.now
    assert sorted(ids(landing_dir)) == sorted(sf.records["Task"])


def test_a_page_that_was_saved_but_not_noted_comes_again_under_its_name(
    sf: SalesforceOrg, connect: Connect, task: SourceTable, landing_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(sf, 6)
    sf.now += timedelta(hours=1)
    sf.max_page = 2
    write = extraction.write_json
    calls: list[Path] = []

    def die_later(path: Path, value: dict) -> None:
        calls.append(path)
        if len(calls) == 3:
            raise Killed
        write(path, value)

    monkeypatch.setattr(extraction, "write_json", die_later)
    with pytest.raises(Killed):
        extract(connect(), task, landing_dir, [])
    before = {
        name: (landing_dir / "salesforce/Task" / name).read_bytes() for name in names(landing_dir) if "csv" in name
    }
    monkeypatch.setattr(extraction, "write_json", write)
    sf.now += timedelta(hours=1)
    extract(connect(), task, landing_dir, list(before))
    assert len(ids(landing_dir)) == 6
    for name, content in before.items():
        assert (landing_dir / "salesforce/Task" / name).read_bytes() == content


def test_results_that_have_expired_start_a_new_job(
    sf: SalesforceOrg, connect: Connect, task: SourceTable, landing_dir: Path
) -> None:
    fill(sf, 6)
    sf.max_page = 2
    org = connect()
    org.session.kill_at = org.calls + 6  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(Killed):
        extract(org, task, landing_dir, [])
    for job in sf.jobs.values():
        job.is_gone = True
    result = extract(connect(), task, landing_dir, [])
    assert not result.is_resumed and set(ids(landing_dir)) == set(sf.records["Task"])


def test_the_budget_ends_a_run_and_the_next_one_goes_on(
    sf: SalesforceOrg, connect: Connect, task: SourceTable, landing_dir: Path
) -> None:
    fill(sf, 10)
    sf.now += timedelta(hours=1)
    sf.max_page = 2
    with pytest.raises(QuotaExceeded, match=r"7 allowed API calls.*CALL_ATTRIBUTION_SALESFORCE_API_BUDGET"):
        extract(connect(budget=7), task, landing_dir, [])
    sf.now += timedelta(hours=1)
    assert extract(connect(), task, landing_dir, []).is_resumed
    assert sorted(ids(landing_dir)) == sorted(sf.records["Task"])


def test_the_orgs_own_limit_is_not_hammered(
    sf: SalesforceOrg, standin: StandIn, connect: Connect, task: SourceTable, landing_dir: Path, waits: Waits
) -> None:
    org = connect()
    body = b'[{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]'
    standin.faults[1] = lambda request: Answer(403, body)
    with pytest.raises(Refused, match="used up"):
        extract(org, task, landing_dir, [])
    assert waits == []


def test_records_that_change_between_pages_come_with_the_next_extraction(
    sf: SalesforceOrg, connect: Connect, task: SourceTable, landing_dir: Path, tmp_path: Path
) -> None:
    fill(sf, 6)
    sf.max_page = 2
    org = connect()

    def change() -> None:
        sf.now += timedelta(seconds=1)
        sf.save("Task", "00T000000000000000", Type="Call")
        sf.save("Task", f"00T1{len(sf.records['Task']):014d}")

    sf.on_page = change
    extract(org, task, landing_dir, [])
    warehouse = Warehouse(tmp_path, task)
    warehouse.land()
    sf.on_page = None
    sf.now += timedelta(minutes=1)
    extract(org, task, landing_dir, warehouse.landed())
    warehouse.land()
    assert set(warehouse.live()) == set(sf.records["Task"])
    assert warehouse.rows()["00T000000000000000"]["Type"] == "Call"


@pytest.mark.slow
def test_two_hundred_thousand_tasks(sf: SalesforceOrg, connect: Connect, task: SourceTable, landing_dir: Path) -> None:
    fill(sf, 200_000)
    sf.max_page = 50_000
    result = extract(connect(), task, landing_dir, [])
    assert result.rows == 200_000 and len(result.files) == 4
    found = ids(landing_dir)
    assert len(found) == len(set(found)) == 200_000


# Deleted for good.


@pytest.fixture
def warehouse(tmp_path: Path, task: SourceTable) -> Warehouse:
    return Warehouse(tmp_path, task)


def sync(org: Org, task: SourceTable, warehouse: Warehouse) -> None:
    extract(org, task, warehouse.landing_dir, warehouse.landed())
    warehouse.land()


def test_rows_deleted_for_good_are_found_and_hold_nothing_but_the_id(
    sf: SalesforceOrg, connect: Connect, task: SourceTable, warehouse: Warehouse
) -> None:
    fill(sf, 4)
    sync(connect(), task, warehouse)
    sf.now += timedelta(hours=1)
    sf.erase("Task", "00T000000000000002")
    result = reconcile(connect(), task, warehouse.settings)
    assert (result.deleted, result.live_rows, result.unseen) == (1, 4, 0)
    assert result.file and "call me" not in (warehouse.folder / result.file).read_text()
    warehouse.land()
    assert set(warehouse.live()) == set(sf.records["Task"])
    assert reconcile(connect(), task, warehouse.settings).deleted == 0


@pytest.mark.parametrize("has_flag", [True, False])
def test_a_rate_that_was_deleted_gets_a_tombstone(
    sf: SalesforceOrg, connect: Connect, tmp_path: Path, has_flag: bool
) -> None:
    table = salesforce_tables()["DatedConversionRate"]
    if not has_flag:
        sf.fields["DatedConversionRate"].remove("IsDeleted")
    warehouse = Warehouse(tmp_path, table)
    rates = [f"04w{number:015d}" for number in range(3)]
    for rate in rates:
        sf.save("DatedConversionRate", rate, ConversionRate=0.8, IsoCode="EUR")
    sync(connect(), table, warehouse)
    assert ("IsDeleted" in (warehouse.folder / next(iter(warehouse.landed()))).read_text()) == has_flag
    sf.now += timedelta(hours=1)
    sf.erase("DatedConversionRate", rates[0])
    result = reconcile(connect(), table, warehouse.settings)
    assert (result.deleted, result.live_rows, result.unseen) == (1, 3, 0)
    warehouse.land()
    assert set(warehouse.live()) == set(rates[1:])
    # The last ones too: then the list that every extraction reads is empty.
    for rate in rates[1:]:
        sf.erase("DatedConversionRate", rate)
    sf.now += timedelta(hours=1)
    sync(connect(), table, warehouse)
    assert reconcile(connect(), table, warehouse.settings).deleted == 2
    warehouse.land()
    assert not warehouse.live()
    assert reconcile(connect(), table, warehouse.settings).deleted == 0


def test_a_row_that_comes_back_wins_over_its_deletion(
    sf: SalesforceOrg, connect: Connect, task: SourceTable, warehouse: Warehouse
) -> None:
    fill(sf, 2)
    sync(connect(), task, warehouse)
    kept = sf.records["Task"]["00T000000000000001"]
    sf.now += timedelta(hours=1)
    sf.erase("Task", "00T000000000000001")
    reconcile(connect(), task, warehouse.settings)
    warehouse.land()
    assert "00T000000000000001" not in warehouse.live()
    sf.now += timedelta(seconds=1)
    sf.records["Task"]["00T000000000000001"] = kept
    sf.save("Task", "00T000000000000001", Subject="back")
    sync(connect(), task, warehouse)
    assert warehouse.live()["00T000000000000001"]["Subject"] == "back"


def test_rows_that_the_user_could_not_see_before_are_extracted(
    sf: SalesforceOrg, connect: Connect, task: SourceTable, warehouse: Warehouse
) -> None:
    fill(sf, 2)
    hidden = sf.records["Task"].pop("00T000000000000001")
    sync(connect(), task, warehouse)
    sf.now += timedelta(days=1)
    sf.save("Task", "00T000000000000005")
    sync(connect(), task, warehouse)
    sf.records["Task"]["00T000000000000001"] = hidden
    sync(connect(), task, warehouse)
    assert "00T000000000000001" not in warehouse.live()
    assert reconcile(connect(), task, warehouse.settings).unseen == 1
    warehouse.land()
    assert set(warehouse.live()) == set(sf.records["Task"])


def test_a_user_who_lost_his_rights_deletes_nothing(
    sf: SalesforceOrg, connect: Connect, task: SourceTable, warehouse: Warehouse
) -> None:
    fill(sf, 300)
    sync(connect(), task, warehouse)
    for number in range(200):
        sf.erase("Task", f"00T{number:015d}")
    with pytest.raises(LiveSourceError, match=r"200 of 300.*View All Data"):
        reconcile(connect(), task, warehouse.settings)
    result = reconcile(connect(), task, warehouse.settings, accept_mass_deletion=True)
    assert result.deleted == 200


# Signing in.


def test_a_jwt_signs_in_too(sf: SalesforceOrg, standin: StandIn, connect: Connect, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key_file = tmp_path / "key.pem"
    key_file.write_bytes(
        rsa.generate_private_key(65537, 2048).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    org = connect(Credentials("acme.my", "client", username="sync@acme.example", private_key_file=key_file))
    assert org.host == HOST and standin.requests[0].host == HOST


def test_a_refused_sign_in_names_the_settings_and_no_secret(sf: SalesforceOrg, connect: Connect) -> None:
    with pytest.raises(SignInRefused) as failure:
        connect(Credentials("acme.my", "client", client_secret="wrong-s3cret"))
    assert "CALL_ATTRIBUTION_SALESFORCE_CLIENT_SECRET" in str(failure.value)
    assert "wrong-s3cret" not in str(failure.value)
    assert failure.value.__cause__ is None


def test_the_settings() -> None:
    prefix = "CALL_ATTRIBUTION_SALESFORCE_"
    given = {prefix + "DOMAIN": "https://acme--dev.sandbox.my.salesforce.com/", prefix + "CLIENT_ID": "id"}
    assert Credentials.from_environment({}) is None
    with pytest.raises(LiveSourceError, match=prefix + "CLIENT_SECRET"):
        Credentials.from_environment(given)
    credentials = Credentials.from_environment({**given, prefix + "CLIENT_SECRET": CLIENT_SECRET})
    assert (
        credentials
        and credentials.domain == "acme--dev.sandbox.my"
        and credentials.audience == "https://test.salesforce.com"
    )
    assert CLIENT_SECRET not in repr(credentials)
    with pytest.raises(LiveSourceError, match="own address"):
        Credentials.from_environment({**given, prefix + "DOMAIN": "login", prefix + "CLIENT_SECRET": "x"})
    with pytest.raises(LiveSourceError, match="API_BUDGET"):
        Credentials.from_environment({**given, prefix + "CLIENT_SECRET": "x", prefix + "API_BUDGET": "0"})


def test_no_secret_in_any_log(
    sf: SalesforceOrg,
    standin: StandIn,
    connect: Connect,
    task: SourceTable,
    landing_dir: Path,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fill(sf, 3)
    with caplog.at_level("DEBUG"):
        standin.faults[2] = http_error(500)
        extract(connect(), task, landing_dir, [])
    written = caplog.text + "".join(capsys.readouterr())
    written += "".join(path.read_text() for path in landing_dir.rglob("*") if path.is_file())
    assert CLIENT_SECRET not in written and "00D-token" not in written


# Looking before the first run.


def test_the_check_shows_rows_gaps_and_cost(sf: SalesforceOrg, connect: Connect) -> None:
    fill(sf, 3)
    sf.fields["Lead"].remove("Website")
    del sf.fields["CampaignMember"]
    org = connect()
    found = check(org, list(salesforce_tables().values()))
    text = "\n".join(found.lines())
    assert found.ok and "Connected to acme.my.salesforce.com" in text
    assert "without Website" in text and "skipped" in text and "99,000 of 100,000" in text
    assert not sf.jobs and found.spent == org.calls
    sf.fields["Task"].remove("bizible2__BizibleId__c")
    assert "6.7" in "\n".join(check(connect(), list(salesforce_tables().values())).lines())


def test_the_estimate_of_calls_holds(sf: SalesforceOrg, connect: Connect, landing_dir: Path) -> None:
    fill(sf, 10)
    sf.polls = 1
    found = check(connect(), list(salesforce_tables().values()))
    org = connect()
    before = org.calls
    for table in salesforce_tables().values():
        extract(org, table, landing_dir, [])
    assert found.first_calls * 0.7 <= org.calls - before <= found.first_calls
    assert bulk.PAGE_ROWS == 100_000


def test_credentials_of_the_tests_are_complete() -> None:
    assert CREDENTIALS.client_secret == CLIENT_SECRET
