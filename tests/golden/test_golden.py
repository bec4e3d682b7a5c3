"""The worked cases of the documentation, from files in a landing folder to the published file.

A scenario (scenarios/*.yml) says

case       the documented case that it restates; cases.md lists them all
title      what it shows
files      rows of files, by table of the landing folder
year       for costs: the year of all its dates, in which no other scenario has any
variables  the rules' variables, where they differ from the defaults
sheet      `organisation`: the rule sheet of that name here instead of the default one
seeds      other seeds' text, by name, where it differs from what is shipped
expect     rows by table: all that come of the scenario's own ids, in order, with the columns that matter

Scenarios with the same variables, sheet and source of sessions share one landing folder and one build: their ids and
cookies differ, so what one expects cannot depend on another. GOLDEN_CASE=CALL-04 runs that case alone.
"""

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestration.lib.seeds import SeedError
from tests.conftest import FULL
from tests.harness import Project

HERE = Path(__file__).parent
ONLY = os.environ.get("GOLDEN_CASE")

Scenario = dict[str, Any]

# A scenario's own rows of a table: by the ids of its web files' rows and of its Salesforce rows (15 characters).
WANTED = """
with own as (select ?::varchar[] as ids, ?::varchar[] as records),
touches as (
    select touchpoint_id, touchpoint_date, touchpoint_type, channel, channel_path from fct_touchpoints
)
"""
QUERIES = {
    "fct_touchpoints": WANTED
    + """
        select fct_touchpoints.* from fct_touchpoints, own
        where list_contains(own.ids, session_id)
            or list_contains(own.records, left(coalesce(crm_task_id, campaign_member_id, crm_activity_id), 15))
        order by touchpoint_date, touchpoint_id""",
    "int_sessions__assigned_forms": WANTED
    + """
        select forms.* from warehouse.intermediate.int_sessions__assigned_forms as forms, own
        where list_contains(own.ids, form_id)
        order by submitted_at, form_id""",
    "fct_person_touchpoints": WANTED
    + """
        select people.* from fct_person_touchpoints as people, own
        where list_contains(own.ids, replace(touchpoint_id, 'session-', ''))
            or list_contains(own.records, left(split_part(touchpoint_id, '-', 2), 15))
        order by email, touchpoint_date, touchpoint_id""",
    "fct_buyer_touchpoints": WANTED
    + """
        select touches.*, buyers.* exclude (touchpoint_id)
        from fct_buyer_touchpoints as buyers join touches using (touchpoint_id), own
        where list_contains(own.records, left(coalesce(lead_id, contact_id), 15))
        order by touchpoint_date, touchpoint_id, coalesce(lead_id, contact_id)""",
    "fct_attribution_touchpoints": WANTED
    + """
        select touches.*, shares.* exclude (touchpoint_id)
        from fct_attribution_touchpoints as shares join touches using (touchpoint_id), own
        where list_contains(own.records, left(opportunity_id, 15))
        order by opportunity_id, touchpoint_date, touchpoint_id""",
    "biz_user_touchpoints": WANTED
    + """
        select touches.* from biz_user_touchpoints as touches, own
        where list_contains(own.records, left(coalesce(CAMPAIGN_MEMBER_ID, CRM_TASK_ID, CRM_EVENT_ID), 15))
        order by ID""",
    "fct_attribution_credit": WANTED
    + """
        select touches.*, credit.* exclude (touchpoint_id)
        from fct_attribution_credit as credit join touches using (touchpoint_id), own
        where list_contains(own.records, left(opportunity_id, 15)) and model in ('last_touch', 'linear')
        order by opportunity_id, model, touchpoint_date, touchpoint_id""",
    "rpt_call_integration_impact": WANTED
    + """
        select touches.*, impact.* exclude (touchpoint_id, channel, channel_path)
        from rpt_call_integration_impact as impact join touches using (touchpoint_id), own
        where list_contains(own.records, left(opportunity_id, 15)) and model in ('lead_creation', 'w_shaped')
        order by opportunity_id, touchpoint_date, touchpoint_id, model""",
    # Marts whose rows are records.
    **{
        mart: WANTED
        + f"""
        select marts.* from {mart} as marts, own
        where list_contains(own.records, left({record}, 15))
        order by {record}"""
        for mart, record in (
            ("fct_calls", "crm_task_id"),
            ("fct_campaign_members", "campaign_member_id"),
            ("fct_activities", "crm_activity_id"),
            ("fct_opportunities", "opportunity_id"),
            ("biz_campaign_members", "ID"),
        )
    },
    # Days with one cost per day, and reports, of the scenario's year.
    "fct_costs": WANTED
    + """
        select
            cost_source, channel_path, campaign_id, campaign_name, cost, min(cost_date) as first_day, count(*) as days
        from fct_costs, own where list_contains(own.ids, year(cost_date)::varchar)
        group by all
        order by cost_source, channel_path, campaign_id, campaign_name, first_day""",
    **{
        report: WANTED
        + f"""
        select reports.* from {report} as reports, own
        where list_contains(own.ids, year(month)::varchar) and {condition}
        order by {order}"""
        for report, condition, order in (
            ("rpt_cost_per_call", "true", "month, level, channel, subchannel, campaign_name"),
            ("rpt_roi", "model = 'full_path'", "month, channel_path, campaign_name"),
            ("rpt_spend_problems", "true", "month, channel, subchannel, campaign_name"),
        )
    },
    "attribution_models": """
        select model, position, weight::decimal(5, 2) as weight from warehouse.seeds.attribution_models
        where len(?::varchar[]) + len(?::varchar[]) > 0
        order by model, position""",
}

# What is looked at in the warehouse, for it is not published.
UNPUBLISHED = {"int_sessions__assigned_forms", "attribution_models"}


@dataclass(frozen=True)
class Setup:
    """What scenarios that share a build have in common."""

    variables: tuple[tuple[str, Any], ...]
    sheet: str | None
    seeds: tuple[tuple[str, str], ...]
    has_source_sessions: bool

    @property
    def is_default(self) -> bool:
        return not (self.variables or self.sheet or self.seeds)

    def __hash__(self) -> int:
        return hash(str(self))  # a variable can be a list

    def __str__(self) -> str:
        parts = ["source sessions" if self.has_source_sessions else "page views", *([self.sheet] if self.sheet else [])]
        parts += [text.splitlines()[-1] for _, text in self.seeds]
        return ", ".join(parts + [f"{name}={value}" for name, value in self.variables])


def hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def setup_of(scenario: Scenario) -> Setup:
    return Setup(
        variables=tuple(sorted((name, hashable(value)) for name, value in scenario.get("variables", {}).items())),
        sheet=scenario.get("sheet"),
        seeds=tuple(sorted(scenario.get("seeds", {}).items())),
        has_source_sessions="web/sessions" in scenario["files"],
    )


@cache
def scenarios() -> tuple[Scenario, ...]:
    paths = sorted(HERE.glob("scenarios/*.yml"))
    return tuple(scenario for path in paths for scenario in yaml.safe_load(path.read_text(encoding="utf-8")))


def chosen_scenarios() -> list[Scenario]:
    chosen = [scenario for scenario in scenarios() if scenario["case"] == (ONLY or scenario["case"])]
    if not chosen:
        raise pytest.UsageError(f"GOLDEN_CASE: {ONLY} has no scenario; cases.md lists those that have one.")
    return chosen


def scenarios_of(setup: Setup) -> list[Scenario]:
    return [scenario for scenario in chosen_scenarios() if setup_of(scenario) == setup]


def marts_of(setup: Setup) -> list[str]:
    """The marts that a setup's scenarios look at."""
    wanted = {table for scenario in scenarios_of(setup) for table in scenario["expect"]} - UNPUBLISHED
    return sorted(wanted | {"fct_touchpoints", "fct_calls"})


def seeds_of(setup: Setup) -> dict[str, str]:
    """The text of every seed that differs from what is shipped."""
    sheet = {"channel_rules": (HERE / f"{setup.sheet}.csv").read_text(encoding="utf-8")} if setup.sheet else {}
    return sheet | dict(setup.seeds)


def write(setup: Setup, project: Project) -> None:
    """The seeds, and the files of all scenarios of a setup."""
    for name, text in seeds_of(setup).items():
        project.write_seed(name, text)
    # The one table that a run cannot do without.
    project.write("salesforce/Task", [{"Id": "00T000000000999", "bizible2__BizibleId__c": ""}], name="000")
    for number, scenario in enumerate(scenarios_of(setup), start=1):
        for table, rows in scenario["files"].items():
            project.write(table, rows, name=f"{number:03}-{scenario['case']}")


def publish(setup: Setup, project: Project) -> None:
    """Lands the files of all scenarios of a setup, builds and publishes."""
    write(setup, project)
    project.land()
    project.build(select=[f"+{mart}" for mart in marts_of(setup)], variables=dict(setup.variables))
    project.publish()


def comparable(value: Any) -> Any:
    """Numbers as exact decimals, so that 300 in a scenario is 300.000000 in a mart."""
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value


def differences(scenario: Scenario, project: Project) -> Iterator[str]:
    """What a scenario expects and does not find, row by row."""
    files = scenario["files"]
    ids = [row["ID"] for table, rows in files.items() if table.startswith("web/") for row in rows]
    ids += [str(scenario["year"])] if "year" in scenario else []
    # A session that a form opened is named after it.
    ids += [f"form-{row['ID']}" for row in files.get("web/form_submits", [])]
    records = [row["Id"][:15] for table, rows in files.items() if table.startswith("salesforce/") for row in rows]
    for table, rows in scenario["expect"].items():
        query = project.query if table in UNPUBLISHED else project.query_published
        for wanted, found in zip_longest(rows, query(QUERIES[table], [ids, records])):
            shown = {name: found[name] for name in wanted or found} if found else None
            if shown != {name: comparable(value) for name, value in (wanted or {}).items()}:
                yield f"{scenario['case']}, {scenario['title']}: {table}\n  wanted {wanted}\n  found  {shown}"


def setups() -> list[Setup]:
    return list(dict.fromkeys(map(setup_of, chosen_scenarios())))


# Each setup is a build of its own. Setups with few scenarios are slow: together they hold a quarter of the scenarios
# and take three quarters of the time.
FEW_SCENARIOS = 0 if ONLY else 5


@pytest.mark.parametrize(
    "setup",
    [
        pytest.param(setup, marks=pytest.mark.slow if len(scenarios_of(setup)) < FEW_SCENARIOS else [])
        for setup in setups()
    ],
    ids=str,
)
def test_scenarios(setup: Setup, project: Project) -> None:
    publish(setup, project)
    found = [line for scenario in scenarios_of(setup) for line in differences(scenario, project)]
    assert not found, "\n".join(found)


@pytest.mark.slow
@pytest.mark.parametrize(
    "setup",
    [setup for setup in setups() if FULL or (setup.is_default and not ONLY)],
    ids=str,
)
def test_scenarios_in_four_landings(setup: Setup, project: Project) -> None:
    """The files arrive in a random order, with an incremental build after each quarter."""
    write(setup, project)
    landing_dir, later = project.settings.landing_dir, project.folder / "later"
    landing_dir.rename(later)
    files = sorted(path.relative_to(later) for path in later.rglob("*") if path.is_file())
    random.Random(len(files)).shuffle(files)
    files.sort(key=lambda file: file.stem != "000")  # the Task without which no run starts
    kinds = []
    for first in range(4):
        for file in files[first::4]:
            (landing_dir / file).parent.mkdir(parents=True, exist_ok=True)
            (later / file).rename(landing_dir / file)
        project.land()
        project.build(variables=dict(setup.variables), incremental=True)
        kinds.append(project.plan.kind)
    project.publish()
    assert "incremental" in kinds
    found = [line for scenario in scenarios_of(setup) for line in differences(scenario, project)]
    assert not found, "\n".join(found)


def write_tiny_middle_shares(project: Project) -> None:
    """One opportunity with 703 touches."""
    start = datetime(2020, 1, 1)
    visits = {0, 654, 702}  # FT, OC and Closed are plain visits; 1 is LC, the rest are middle touches.
    sessions, forms = [], []
    for number in range(703):
        started_at = str(start + timedelta(hours=number))
        sessions.append({"ID": f"s{number:03}", "COOKIE_ID": "cookie", "EVENT_DATE": started_at})
        if number not in visits:
            forms.append(
                {"ID": f"f{number:03}", "SESSION_ID": f"s{number:03}", "EVENT_DATE": started_at, "EMAIL": "a@b"}
            )
    project.write("web/sessions", sessions)
    project.write("web/form_submits", forms)
    project.write("salesforce/Task", [{"Id": "00T000000000999", "bizible2__BizibleId__c": ""}])
    project.write("salesforce/Contact", [{"Id": "003000000000001", "Email": "a@b", "AccountId": "001000000000001"}])
    project.write(
        "salesforce/Opportunity",
        [
            {
                "Id": "006000000000001",
                "AccountId": "001000000000001",
                "CreatedDate": str(start + timedelta(hours=654, minutes=1)),
                "CloseDate": "2020-02-01",
                "IsClosed": "true",
                "IsWon": "true",
            }
        ],
    )


def test_mod_13_tiny_middle_shares(project: Project) -> None:
    """Ten percent over 652 and over 699 middle touches, to the sixth decimal as the documentation's samples."""
    write_tiny_middle_shares(project)
    project.land()
    project.build(select=["+fct_attribution_touchpoints"])
    shares = project.query(
        """
        select
            count(*) filter (where w_shaped_percentage between 0.0000001 and 1) as w_middle_touches,
            max(w_shaped_percentage) filter (where w_shaped_percentage < 1) as w_share,
            count(*) filter (where full_path_percentage between 0.0000001 and 1) as full_path_middle_touches,
            max(full_path_percentage) filter (where full_path_percentage < 1) as full_path_share,
            sum(w_shaped_percentage) as w_sum,
            sum(full_path_percentage) as full_path_sum
        from fct_attribution_touchpoints
        """
    )[0]
    assert (shares["w_middle_touches"], shares["full_path_middle_touches"]) == (652, 699)
    assert shares["w_share"] == pytest.approx(Decimal("0.0153374234214425"), abs=Decimal("0.000001"))
    assert shares["full_path_share"] == pytest.approx(Decimal("0.0143061513081193"), abs=Decimal("0.000001"))
    assert shares["w_sum"] == shares["full_path_sum"] == 100


def test_r10_5_an_unknown_field(project: Project) -> None:
    """Stops the run, until a file with a column of this name has landed."""
    call = {"Id": "00T000000001051AAA", "CreatedDate": "2024-05-01T12:00:00Z", "bizible2__BizibleId__c": ""}
    project.write("web/sessions", [{"ID": "s", "COOKIE_ID": "c" * 32, "EVENT_DATE": "2024-05-01 11:50:00"}])
    project.write("salesforce/Task", [call])
    header = "object,rule,box,field,operator,value,campaign_name,touchpoint_date\n"
    project.write_seed("activity_rules", f"{header}Task,1,,Task.Favourite__c,is equal to,x,Mine,Task.CreatedDate\n")
    project.land()
    with pytest.raises(SeedError, match=r"activity_rules\.csv, line 2: Task has no field Favourite__c"):
        project.build(select=["+fct_activities"])
    later = {"Favourite__c": "x", "SystemModstamp": "2024-05-02T00:00:00Z"}
    project.write("salesforce/Task", [call | later])
    project.land()
    project.build(select=["+fct_activities"])
    assert project.query("select crm_activity_id, campaign_name from fct_activities") == [
        {"crm_activity_id": call["Id"], "campaign_name": "Mine"}
    ]


def test_every_documented_case_is_listed_as_it_is() -> None:
    """cases.md says `here` for the cases that have a scenario, and a reason for every other one."""
    listed = {}
    for line in (HERE / "cases.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("| ") and not line.startswith(("| Case", "| ---")):
            case, title, where = (cell.strip() for cell in line.strip("|").split("|"))
            assert case not in listed and title and where, line
            listed[case] = where
    assert {case for case, where in listed.items() if where == "here"} == {
        "MOD-13",
        "R10-5",
        *(scenario["case"] for scenario in scenarios()),
    }
