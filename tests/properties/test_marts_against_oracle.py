"""The marts say, row for row, what the plain implementation of the rules in tests/oracle says."""

from __future__ import annotations

import csv
import io
import tempfile
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.conftest import FULL
from tests.harness import Project
from tests.oracle import Answer, Dataset, Seeds, Variables, work_out
from tests.oracle.credit import corporate_currency, opportunities_are_tracked
from tests.oracle.people import leads_are_tracked
from tests.oracle.sessions import own_hosts
from tests.properties.compare import (
    BIZ,
    KEYS,
    REPORT_KEYS,
    Difference,
    compare_biz,
    compare_core,
    compare_reports,
    rows_of,
)
from tests.properties.datasets import CUSTOM_AMOUNT, OWN_HOSTS, draw_dataset, numbered, pack, show

DATASETS = 500 if FULL else 60
EXAMPLES = 5 if FULL else 1

MARTS = (*KEYS, *REPORT_KEYS, *BIZ, "biz_facts")
MODELS = [f"+{mart}" for mart in MARTS]

STAGES = [("MQL", "Lead", 1), ("SQL", "Lead", 2), ("SAL", "Lead", 3)]
STAGES += [("Demo", "Opportunity", 1), ("Deal", "Opportunity", 2), ("Negotiation", "Opportunity", 3)]
WEIGHTS = {"FT": 26, "LC": 22, "MQL": 7, "SQL": 0, "OC": 15, "Demo": 15, "Closed": 5, "middle": 10}


def seed_rows(name: str, columns: list[str], rows: list[tuple[Any, ...]]) -> dict[str, list[dict[str, str]]]:
    return {name: [dict(zip(columns, map(str, row), strict=True)) for row in rows]}


def custom_model() -> list[tuple[Any, ...]]:
    shipped = [tuple(row.values()) for row in Seeds.shipped().attribution_models if row["model"] != "custom"]
    custom = [("custom", *item, "Closed" if item[0] == "middle" else "", "") for item in WEIGHTS.items()]
    # A position that is often not held, and middle touches of each kind.
    own = [("late_stages", "Deal", 60, "", ""), ("late_stages", "middle", 40, "OC", "all")]
    own += [("conversions", "middle", 100, "Closed", "conversions"), ("conversions", "OC", 0, "", "")]
    return shipped + custom + own


STAGE_SEEDS = seed_rows("stages", ["stage", "object", "stage_order"], STAGES) | seed_rows(
    "attribution_models", ["model", "position", "weight", "until", "middle"], custom_model()
)


RULE_COLUMNS = ["Channel", "Subchannel", "Campaign", "Medium", "Source", "Landing Page", "Referring Website", "Note"]
RULES = [
    ("Mine", "Campaign", "spring sale; BRAND*;own", "", "", "", "", ""),
    ("Mine", "Two cells", "", "*", "*face*", "", "", ""),
    ("Mine", "Engine", "", "", "", "", "[Google Organic Search]", "Do Not Remove"),
    ("Mine", "Page", "", "", "", "own.com/demo*", "", ""),
    ("Mine", "Page with query", "", "", "", "*utm_id=7", "", ""),
    ("Mine", "Page and site", "", "", "", "https://own.com/*", "*.co/*", ""),
    ("Mine", "Site", "", "", "", "", "partner;linkedin", ""),
    ("Mine", "Site in full", "", "", "", "", "notown.com ; https://duckduckgo.com/lite/*;*google*/maps*", ""),
    ("Paid Search", "", "", "", "", "", "[AdWords Paid Search]", "Do Not Remove"),
    ("Paid Search", "", "", "CPC", "", "", "", ""),
    ("Typed", "In", "", "", "", "", "[Direct]", ""),
    ("Calls", "Message", "", "left*", "salesforce task", "", "", ""),
    ("Calls", "Call", "", "*call", "Salesforce*", "", "", ""),
    ("Calls", "Any", "", "", "Salesforce Task", "", "", ""),
    ("Rest", "Referred", "", "", "", "", "*", ""),
    ("Rest", "Named", "", "", "*", "", "", ""),
]
RULE_SEEDS = seed_rows("channel_rules", RULE_COLUMNS, RULES)


# A value is data, never a part of the SQL or of a template.
HOSTILE = """x'); drop table touches; -- {{ 1 / 0 }} {% raw %} \\ \"x\" """

# Every operator, fields of files alone, and dates that are often missing.
CRM_SEEDS = (
    seed_rows(
        "campaign_rules",
        ["rule", "box", "field", "operator", "value", "touchpoint_date"],
        [
            (2, "", "Campaign.region__c", "Is Equal To", "NORTH", "CampaignMember.CreatedDate"),
            (2, "", "campaign_member.has_responded", "is equal to", "1", ""),
            (1, "a", "Campaign.Type", "matches any (contains)", "trade, web*, ", "CampaignMember.FirstRespondedDate"),
            (1, "b", "CampaignMember.Status", "is not equal to", "sent", ""),
            (1, "b", "Campaign.Region__c", "is greater or equal than", "7.5", ""),
            (3, "", "CampaignMember.CreatedDate", "is less or equal than", "3/31/2024", "Campaign.StartDate"),
            (3, "", "Campaign.Name", "is not equal to", "expo", ""),
            (3, "", "Campaign.Region__c", "is not equal to", HOSTILE, ""),
        ],
    )
    | seed_rows(
        "activity_rules",
        ["object", "rule", "box", "field", "operator", "value", "campaign_name", "touchpoint_date"],
        [
            ("Task", 1, "a", "CrmTask.TaskSubtype", "is equal to", "call", "Call of {AssignedTo}!", "Task.CreatedDate"),
            ("Task", 1, "a", "Task.CallDurationInSeconds", "greater than", "5", "", ""),
            ("Task", 1, "b", "Task.Subject", "contains", "INBOUND", "", ""),
            (
                "Task",
                2,
                "",
                "Task.Type",
                "matches any",
                "email*,left message , *book*",
                "{Type}: it's {Task.Subject}",
                "",
            ),
            ("CrmTask", 2, "", "Task.CallObject", "is equal to", "", "", "Task.ActivityDate"),
            ("Task", 2, "", "Task.Subject", "is not equal to", HOSTILE, "", ""),
            ("Task", 3, "", "Task.Subject", "starts with", "re:", "", "Task.bizible2__Bizible_Touchpoint_Date__c"),
            (
                "Event",
                1,
                "",
                "Event.StartDateTime",
                "less than",
                "2024-04-05 06:00",
                "{ Created By } {",
                "Event.StartDateTime",
            ),
            ("Event", 1, "x", "Event.Subject", "ends with", "sit", "", ""),
            ("Event", 2, "", "Event.Type", "is not equal to", "", "spring sale", "Event.CreatedDate"),
        ],
    )
    | seed_rows(
        "offline_channels",
        ["campaign_type", "channel", "subchannel"],
        [(" trade show", "Events", "Fairs"), ("WEBINAR", "NULL", "")],
    )
)


@dataclass(frozen=True)
class Case:
    """Variables and seeds of a build, and what its datasets hold."""

    variables: dict[str, Any] = field(default_factory=dict)
    holds: dict[str, bool] = field(default_factory=dict)
    seeds: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    def oracle_variables(self) -> Variables:
        return Variables(**{"own_hosts": OWN_HOSTS, "session_source": "sessions"} | self.variables)

    def oracle_seeds(self) -> Seeds:
        return Seeds.shipped(**self.seeds)

    def datasets(self, seed: int | str, count: int) -> list[Dataset]:
        return [numbered(draw_dataset(f"{seed}-{number}", **self.holds), number) for number in range(count)]

    def answers(self, datasets: list[Dataset]) -> list[Answer]:
        variables, seeds = self.oracle_variables(), self.oracle_seeds()
        if not variables.own_hosts:  # ours are the hosts of the pages seen, in whichever dataset
            variables = replace(variables, own_hosts=tuple(own_hosts(pack(datasets), variables)))
        shared: dict[str, Any] = {
            "tracks_lead_status": any(map(leads_are_tracked, datasets)),
            "tracks_opportunity_stage": any(map(opportunities_are_tracked, datasets)),
            "corporate_currency": min((code for d in datasets if (code := corporate_currency(d))), default=None),
        }
        datasets = [replace(dataset, **shared) for dataset in datasets]
        return [work_out(dataset, variables, seeds) for dataset in datasets]

    def build(self, datasets: list[Dataset], folder: Path, models: list[str]) -> Project:
        """All datasets in one landing folder, landed and built once."""
        project = Project(folder)
        self.write(datasets, project)
        project.land()
        project.build(select=models, variables=self.dbt_variables())
        return project

    def write(self, datasets: list[Dataset], project: Project) -> None:
        """The seeds, and the files of all datasets."""
        for name, rows in self.seeds.items():
            project.write_seed(name, as_csv(rows))
        for path, rows in pack(datasets).files.items():
            table, file = path.rsplit("/", 1)
            name, kind = file.split(".", 1)
            project.write(table, rows, kind, name)

    def dbt_variables(self) -> dict[str, Any]:
        variables = asdict(self.oracle_variables())
        variables.pop("call_tracking")
        return {name: list(value) if isinstance(value, tuple) else value for name, value in variables.items()}


# Every variable off its default somewhere; settings that have nothing to do with each other share a build.
CASES = {
    "as shipped": Case(),
    "page views alone, carried over, window after the last activity": Case(
        {
            "session_source": "auto",
            "session_channel_carryover": True,
            "session_timeout_minutes": 1,
            "repeated_referrer_starts_session": False,
            "call_session_window_anchor": "last_activity",
        },
        {"with_sessions": False},
    ),
    "stages, contact roles, carry-over": Case(
        {
            "attribution_mapping": "contact_role",
            "session_timeout_minutes": 60,
            "session_channel_carryover": True,
            "skipped_stages": "stages",
        },
        {"with_stages": True},
        STAGE_SEEDS | CRM_SEEDS,
    ),
    "currencies, stages, no window, no duplicates, another rule sheet, hosts seen": Case(
        {
            "call_session_window_minutes": 0,
            "call_medium_source": "session",
            "dedupe_calls": False,
            "own_hosts": (),
        },
        {"with_page_views": False, "with_currencies": True, "with_stages": True, "with_costs": True},
        RULE_SEEDS | STAGE_SEEDS,
    ),
    "blank types read, the source's channels, primary roles, custom amounts at flat rates": Case(
        {
            "opportunity_amount_fields": (CUSTOM_AMOUNT, "Amount"),
            "conversion_rates": "flat",
            "blank_call_type_policy": "infer",
            "call_tracking_objects": ("Task", "Event"),
            "bizible_id_pattern": "[0-9a-z]+-odd[0-9]",
            "session_channel": "source",
            "call_time_subtracts_duration": True,
            "call_time_ladder": ("CreatedDate",),
            "attribution_mapping": "primary_contact_role",
        },
        {"with_currencies": True, "with_costs": True},
        CRM_SEEDS,
    ),
}

# More of the same, one thing at a time, when there is time.
MORE_CASES = {
    "page views, hosts seen": Case({"session_source": "page_views", "own_hosts": ()}, {"with_sessions": False}),
    "another rule sheet": Case({"call_session_window_minutes": 1440}, {}, RULE_SEEDS),
    "stages": Case({}, {"with_stages": True}, STAGE_SEEDS),
    "carry-over": Case({"session_channel_carryover": True}),
    "window after the last activity": Case(
        {"call_session_window_anchor": "last_activity", "call_session_window_minutes": 45}
    ),
    "currencies": Case({}, {"with_currencies": True}),
}


def as_csv(rows: list[dict[str, str]]) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def all_differences(case: Case, datasets: list[Dataset], folder: Path) -> list[Difference]:
    project = case.build(datasets, folder, MODELS)
    marts = {mart: rows_of(project, mart) for mart in MARTS}
    answers = case.answers(datasets)
    return compare_core(answers, marts) + compare_reports(answers, marts) + compare_biz(answers, marts)


def description(found: list[Difference], datasets: list[Dataset], name: str, seed: object) -> str:
    """The first dataset that differs: its differences and its rows."""
    first = min((difference.dataset for difference in found if difference.dataset is not None), default=None)
    lines = [str(difference) for difference in found if difference.dataset in (first, None)][:20]
    lines.insert(0, f"{len(found)} differences. The first ones:")
    if first is not None:
        lines += ["", f"Dataset {first}:", show(datasets[first]), ""]
        lines.append(f"To reduce it: python -m tests.properties.reduce '{name}' {seed} {first}")
    return "\n".join(lines)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name == "as shipped" else pytest.mark.slow)
        for name in (CASES | MORE_CASES if FULL else CASES)
    ],
)
def test_marts_are_what_the_oracle_says(name: str) -> None:
    @settings(max_examples=EXAMPLES, phases=[Phase.generate])  # an example is a build: no shrinking
    @given(seed=st.integers(0, 2**31))
    def hold(seed: int) -> None:
        case = (CASES | MORE_CASES)[name]
        datasets = case.datasets(seed, DATASETS)
        with tempfile.TemporaryDirectory() as folder:
            found = all_differences(case, datasets, Path(folder))
        assert not found, description(found, datasets, name, seed)

    hold()
