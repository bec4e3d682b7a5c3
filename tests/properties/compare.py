"""Compares the marts with the oracle, row by row, and reports the first dataset in which they differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.harness import Project
from tests.oracle import Answer, biz, costs, reports
from tests.properties.datasets import number_of

Row = dict[str, Any]

KEYS = {
    "fct_calls": ("crm_task_id",),
    "fct_touchpoints": ("touchpoint_id",),
    "fct_person_touchpoints": ("email", "touchpoint_id"),
    "fct_buyer_touchpoints": ("lead_id", "contact_id", "touchpoint_id"),
    "fct_attribution_touchpoints": ("opportunity_id", "touchpoint_id"),
    "fct_attribution_credit": ("opportunity_id", "touchpoint_id", "model"),
    "fct_opportunities": ("opportunity_id",),
    "fct_campaign_members": ("campaign_member_id",),
    "fct_activities": ("crm_activity_id",),
}


@dataclass(frozen=True)
class Difference:
    """One row that the mart and the oracle do not agree on."""

    mart: str
    dataset: int | None
    key: tuple[Any, ...]
    columns: dict[str, tuple[Any, Any]]  # column -> (expected, got); empty: the row itself is missing or too much
    is_missing: bool = False

    def __str__(self) -> str:
        if not self.columns:
            return f"{self.mart} {self.key}: {'no such row' if self.is_missing else 'a row too many'}"
        said = (f"{name} should be {plain(want)}, is {plain(got)}" for name, (want, got) in self.columns.items())
        return f"{self.mart} {self.key}: {'; '.join(said)}"


def plain(value: Any) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S.%f}" if isinstance(value, datetime) else repr(value)


def same(expected: Any, got: Any) -> bool:
    if isinstance(expected, bool) or isinstance(got, bool):
        return expected is got
    if isinstance(expected, int | Decimal) and isinstance(got, int | Decimal):
        return Decimal(expected) == Decimal(got)
    return type(expected) is type(got) and expected == got


def differences(mart: str, key: tuple[str, ...], expected: Iterable[Row], got: Iterable[Row]) -> list[Difference]:
    """Every row that is missing, too much or different; columns that the oracle does not know are not compared."""
    wanted = keyed(mart, key, expected)
    given = keyed(mart, key, got)
    found = []
    for identity in sorted(wanted.keys() | given.keys(), key=str):
        want, have = wanted.get(identity), given.get(identity)
        dataset = number_of(want or have or {})
        if want is None or have is None:
            found.append(Difference(mart, dataset, identity, {}, is_missing=have is None))
            continue
        columns = {name: (value, have.get(name)) for name, value in want.items() if not same(value, have.get(name))}
        if columns:
            found.append(Difference(mart, dataset, identity, columns))
    return found


def keyed(mart: str, key: tuple[str, ...], rows: Iterable[Row]) -> dict[tuple[Any, ...], Row]:
    by_key: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        identity = tuple(row[name] for name in key)
        assert identity not in by_key, f"{mart} has two rows {identity}"
        by_key[identity] = row
    return by_key


def compare_core(answers: list[Answer], marts: dict[str, list[Row]]) -> list[Difference]:
    """The fact tables."""
    found = []
    for mart, key in KEYS.items():
        if mart in marts:
            expected = [row for answer in answers for row in answer.core()[mart]]
            found += differences(mart, key, expected, marts[mart])
    return found


REPORT_KEYS = {
    "rpt_calls_by_channel": ("channel_path",),
    "rpt_calls_by_campaign": ("channel_path", "campaign_name"),
    "rpt_calls_by_month": ("month", "channel_path"),
    "rpt_daily": (
        "day",
        "channel_path",
        "campaign_name",
        "keyword_text",
        "landing_page",
        "marketing_touch_type",
        "verdict",
    ),
    "rpt_revenue_by_channel": ("channel_path", "marketing_touch_type", "touchpoint_position"),
    "rpt_call_integration_impact": ("opportunity_id", "touchpoint_id", "model"),
    "rpt_call_window_sensitivity": ("window_minutes", "anchor", "channel"),
    "rpt_blank_type_policy": ("policy",),
    "rpt_missing_rates": ("opportunity_id",),
    "rpt_match_quality_daily": ("call_date", "verdict"),
    "fct_costs": (*costs.NAMES, "currency_code"),
    "rpt_cost_per_call": ("month", "level", "channel", "subchannel", "campaign_name"),
    "rpt_roi": ("month", "channel_path", "campaign_name", "model"),
    "rpt_spend_problems": (
        "problem",
        "month",
        "channel",
        "subchannel",
        "campaign_id",
        "campaign_name",
        "currency_code",
    ),
}

BIZ = ("biz_sessions", "biz_user_touchpoints", "biz_touchpoints", "biz_attribution_touchpoints", "biz_crm_tasks")
BIZ += ("biz_crm_events", "biz_leads", "biz_contacts", "biz_accounts", "biz_opportunities", "biz_account_to_emails")
BIZ += ("biz_campaign_members", "biz_lead_stage_transitions", "biz_opp_stage_transitions")

# The key of a cost is not part of the rules: two leaves can have one name.
SELECT = {
    "biz_facts": "select TYPE, count(*) as facts from biz_facts group by TYPE",
    "fct_costs": f"""
        select {", ".join(REPORT_KEYS["fct_costs"])},
            count(*) as leaves, sum(cost_micro)::bigint as cost_micro, sum(cost) as cost
        from fct_costs group by all""",
}


def rows_of(project: Project, mart: str) -> list[Row]:
    return project.query(SELECT.get(mart, f"select * from {mart}"))


def compare_reports(answers: list[Answer], marts: dict[str, list[Row]]) -> list[Difference]:
    """The reports, which sum over all datasets."""
    found = []
    for report, key in REPORT_KEYS.items():
        if report in marts:
            found += differences(report, key, getattr(reports, report)(answers), marts[report])
    return found


def compare_biz(answers: list[Answer], marts: dict[str, list[Row]]) -> list[Difference]:
    """R19: the views with Marketo Measure's names."""
    found = []
    for view in BIZ:
        if view in marts:
            expected = [row for answer in answers for row in getattr(biz, view)(answer)]
            found += differences(view, ("ID",), expected, marts[view])
    if "biz_facts" in marts:
        found += differences("biz_facts", ("TYPE",), biz.biz_facts(answers), marts["biz_facts"])
    return found
