"""The seeds of touches from CRM records: what cannot be used stops the run, with file, line and reason (R10 to R12)."""

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from orchestration.lib import crm_rules, landing, own_settings
from orchestration.lib.build import seed_files
from orchestration.lib.seeds import SeedError
from orchestration.lib.settings import PROJECT_DIR, Settings
from tests.harness import settings_in

CAMPAIGNS = "rule,box,field,operator,value,touchpoint_date\n"
ACTIVITIES = "object,rule,box,field,operator,value,campaign_name,touchpoint_date\n"
CHANNELS = "campaign_type,channel,subchannel\n"
SALESFORCE = [table for table in landing.read_sources(PROJECT_DIR) if table.source == "salesforce"]


def settings_with(folder: Path, **seeds: str) -> Settings:
    """The shipped seeds with others in the folder of own settings."""
    for name, text in seeds.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return settings_in(folder, config_dir=folder)


def test_rules_that_can_be_used(tmp_path: Path) -> None:
    campaigns = (
        CAMPAIGNS + "1,,Campaign.Type,is equal to,Fair,CampaignMember.CreatedDate\n1,,Campaign.Type,contains,a,\n"
    )
    activities = ACTIVITIES + (
        "Task,1,,CrmTask.Subject,IS EQUAL TO,,Call {AssignedTo} {Task.Subject} {,Task.ActivityDate\n"
        ",1.0,b,Task.CallDurationInSeconds,greater than,60,,\n"
        # Every object has its own rule 1.
        "CrmEvent,1,,event.start_date_time,is less or equal than,12/31/2016,,Event.StartDateTime\n"
        ",1,,Event.StartDateTime,greater than,2016-12-31 18:00,,\n"
    )
    channels = CHANNELS + "Fair,NULL,\nfair trade,Fairs,Trade\n"
    settings = settings_with(tmp_path, campaign_rules=campaigns, activity_rules=activities, offline_channels=channels)
    assert crm_rules.problems(settings) == []
    assert crm_rules.fields(settings) == {
        "Campaign": ["Type"],
        "CampaignMember": ["CreatedDate"],
        "Task": ["Subject", "ActivityDate", "OwnerId", "CallDurationInSeconds"],
        "Event": ["start_date_time"],
    }
    assert not crm_rules.reads_creators(settings)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            "1,,Campaign.Type,includes,x,Campaign.StartDate",
            r"line 2: operator includes is unknown. Allowed: is equal to, ",
        ),
        ("1,,Campaign.Type,,x,Campaign.StartDate", r"line 2: operator .blank. is unknown"),
        (
            "1,,Task.Subject,contains,x,Campaign.StartDate",
            "line 2: Task.Subject in column field is not a field of Campaign or",
        ),
        (
            "1,,Account.Name,contains,x,Campaign.StartDate",
            "line 2: Account.Name in column field is not a field of Campaign",
        ),
        (
            "1,,Type,contains,x,Campaign.StartDate",
            "line 2: Type in column field is not a field of Campaign or CampaignMember",
        ),
        ("1,,Campaign.,contains,x,Campaign.StartDate", "line 2: Campaign. in column field is not a field of"),
        (
            "1,,Campaign.Type,contains,x,StartDate",
            "line 2: StartDate in column touchpoint_date is not a field of Campaign",
        ),
        ("1,,Campaign.Type,contains,x,", "line 2: rule 1 needs a field in column touchpoint_date"),
        ("one,,Campaign.Type,contains,x,Campaign.StartDate", "line 2: rule one is not a whole number"),
        ("1.5,,Campaign.Type,contains,x,Campaign.StartDate", "line 2: rule 1.5 is not a whole number"),
        ("1e30,,Campaign.Type,contains,x,Campaign.StartDate", "line 2: rule 1e30 is not a whole number"),
        ("\uff13,,Campaign.Type,contains,x,Campaign.StartDate", "line 2: rule \uff13 is not a whole number"),
        (",,Campaign.Type,contains,x,Campaign.StartDate", "line 2: rule .blank. is not a whole number"),
        ("1,,Campaign.Type,contains,,Campaign.StartDate", "line 2: `contains` needs a value"),
        ('1,,Campaign.Type,matches any," , ",Campaign.StartDate', "line 2: `matches any` needs a value"),
        (
            "1,,Campaign.Type,less than,soon,Campaign.StartDate",
            "line 2: soon cannot be read. `less than` compares with a",
        ),
        ("1,,Campaign.Type,less than,13/31/2016,Campaign.StartDate", "line 2: 13/31/2016 cannot be read"),
        ("1,,Campaign.Type,less than,2016-12-31 25:00,Campaign.StartDate", "line 2: 2016-12-31 25:00 cannot be read"),
        (
            "1,,Campaign.Type,contains,x,Campaign.StartDate\n1,b,Campaign.Type,contains,y,Campaign.EndDate",
            "line 3: rule 1 has two values in column touchpoint_date: Campaign.EndDate and Campaign.StartDate",
        ),
        ("1,,Campaign.Type,contains,x", "line 2: 5 cells under 6 columns"),
    ],
)
def test_r10_1_campaign_rules_that_cannot_be_used(tmp_path: Path, rows: str, said: str) -> None:
    with pytest.raises(SeedError, match=f"campaign_rules.csv, {said}"):
        seed_files.check(settings_with(tmp_path, campaign_rules=CAMPAIGNS + rows + "\n"))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("Lead,1,,Task.Type,contains,x,,Task.CreatedDate", "line 2: object Lead is unknown. Allowed: Task, Event"),
        (",1,,Task.Type,contains,x,,Task.CreatedDate", "line 2: rule 1 names no object. Allowed: Task, Event"),
        (
            "Task,1,,Event.Type,contains,x,,Task.CreatedDate",
            "line 2: Event.Type in column field is not a field of Task",
        ),
        (
            "Task,1,,Task.Type,contains,x,,Event.CreatedDate",
            "line 2: Event.CreatedDate in column touchpoint_date is no",
        ),
        (
            "Task,1,,Task.Type,contains,x,Call {},Task.CreatedDate",
            "line 2: {} in column campaign_name names no field of",
        ),
        (
            "Task,1,,Task.Type,contains,x,A,Task.CreatedDate\nTask,1,,Task.Type,contains,y,B,",
            "line 3: rule 1 has two values in column campaign_name: A and B",
        ),
    ],
)
def test_r12_1_activity_rules_that_cannot_be_used(tmp_path: Path, rows: str, said: str) -> None:
    with pytest.raises(SeedError, match=f"activity_rules.csv, {said}"):
        seed_files.check(settings_with(tmp_path, activity_rules=ACTIVITIES + rows + "\n"))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("Fair,Events,\n FAIR ,Other,", "line 3: campaign_type FAIR occurs twice"),
        ("Fair, ,Trade", "line 2: the channel is blank"),
        (",Events,", "line 2: the campaign_type is blank"),
    ],
)
def test_r11_5_channels_that_cannot_be_used(tmp_path: Path, rows: str, said: str) -> None:
    with pytest.raises(SeedError, match=f"offline_channels.csv, {said}"):
        seed_files.check(settings_with(tmp_path, offline_channels=CHANNELS + rows + "\n"))


@pytest.mark.parametrize(
    ("sheet", "offline", "seed", "line"),
    [
        ("Paid.Search,,,,x,,\nPaid,Search,,,y,,\n", "", "channel_rules", 3),
        ("Paid,Search,,,y,,\n", "Fair,Events,Trade\nShow,Paid.Search,\n", "offline_channels", 3),
    ],
)
def test_r16_5_two_channels_cannot_share_a_path(tmp_path: Path, sheet: str, offline: str, seed: str, line: int) -> None:
    """They doubled each other's credit in rpt_daily, whose tests then stopped every build."""
    header = "Channel,Subchannel,Campaign,Medium,Source,Landing Page,Referring Website\n"
    settings = settings_with(tmp_path, channel_rules=header + sheet, offline_channels=CHANNELS + offline)
    said = (
        rf"{seed}.csv, line {line}: the channel path Paid.Search is already that of another .*channel_rules.csv, line 2"
    )
    with pytest.raises(SeedError, match=said):
        seed_files.check(settings)


def test_every_finding_is_in_one_message(tmp_path: Path) -> None:
    settings = settings_with(
        tmp_path,
        campaign_rules=CAMPAIGNS + "x,,Type,is,,\n",
        activity_rules=ACTIVITIES + "Task,1,,Task.Type,is,x,,Task.CreatedDate\n",
    )
    with pytest.raises(SeedError) as error:
        seed_files.check(settings)
    assert len(str(error.value).splitlines()) == 5


def landed(con: duckdb.DuckDBPyConnection, table: str, *columns: str) -> None:
    con.execute(f"CREATE SCHEMA raw_salesforce; CREATE TABLE raw_salesforce.{table} ({', '.join(columns)})")


def test_r10_2_a_field_is_known_by_the_contract_or_by_a_landed_file(tmp_path: Path) -> None:
    rules = ACTIVITIES + "Task,1,,Task.favourite_c,is equal to,x,{Call Type},Task.ActivityDate\n"
    settings = settings_with(tmp_path, activity_rules=rules)
    with duckdb.connect() as con:
        with pytest.raises(
            SeedError, match=r"activity_rules.csv, line 2: Task has no field favourite_c. .*Known fields: Id"
        ):
            crm_rules.check_fields(settings, SALESFORCE, con)
        landed(con, "Task", '"Id" VARCHAR', '"Favourite__c" VARCHAR', "_load_id BIGINT")
        crm_rules.check_fields(settings, SALESFORCE, con)


@pytest.mark.parametrize("field", ["Task._load_id", "Task.Nobody__c"])
def test_r10_2_what_landing_adds_is_no_field(tmp_path: Path, field: str) -> None:
    rules = ACTIVITIES + f"Task,1,,{field},is equal to,x,,Task.ActivityDate\n"
    with duckdb.connect() as con:
        landed(con, "Task", '"Id" VARCHAR', "_load_id BIGINT")
        with pytest.raises(SeedError, match="has no field"):
            crm_rules.check_fields(settings_with(tmp_path, activity_rules=rules), SALESFORCE, con)


def test_the_dates_that_rules_name_are_parsed(tmp_path: Path) -> None:
    """So landing lists a value that cannot be read, as it does for the fields of the input contract."""
    settings = settings_with(
        tmp_path, campaign_rules=CAMPAIGNS + "1,,Campaign.Type,is equal to,Fair,CampaignMember.When__c\n"
    )
    assert crm_rules.parsed_fields(settings) == own_settings.named_fields(settings) | {
        "salesforce/CampaignMember": {"When__c": "timestamp"}
    }


def test_r12_6_an_unknown_parameter_is_an_unknown_field(tmp_path: Path) -> None:
    rules = ACTIVITIES + "Task,1,,Task.Type,contains,x,Call {Assigned},Task.CreatedDate\n"
    with duckdb.connect() as con, pytest.raises(SeedError, match="line 2: Task has no field Assigned"):
        crm_rules.check_fields(settings_with(tmp_path, activity_rules=rules), SALESFORCE, con)


@pytest.mark.parametrize("name", ["{ created by }", "{Task.CreatedBy}", "{CrmTask.Created By}", "{Created.By}"])
def test_r12_6_who_created_a_record_matters_if_a_name_shows_it(tmp_path: Path, name: str) -> None:
    rules = ACTIVITIES + f"Task,1,,Task.Type,contains,x,by {name},Task.CreatedDate\n"
    settings = settings_with(tmp_path, activity_rules=rules)
    assert crm_rules.reads_creators(settings)
    assert crm_rules.fields(settings)["Task"] == ["Type", "CreatedDate", "CreatedById"]
    assert not crm_rules.reads_creators(replace(settings, config_dir=None))
