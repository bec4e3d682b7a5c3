"""The published reports, over the answers for any number of independent datasets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import product
from typing import Any

from . import Answer, work_out
from .channels import split_path
from .costs import MATCHED, SEPARATE, fct_costs, rpt_cost_per_call, rpt_roi, rpt_spend_problems
from .dataset import WIDE_MODELS, read_seed

ANCHORS = ("session_start", "last_activity")
__all__ = ["fct_costs", "rpt_cost_per_call", "rpt_roi", "rpt_spend_problems"]  # beside those below

Rows = list[dict[str, Any]]


def money(row: dict[str, Any], model: str, is_won: bool) -> Decimal:
    """R8.4: won amounts are revenue, open ones pipeline, lost ones neither."""
    counted = row["is_won"] if is_won else not row["is_closed"]
    return (row[f"{model}_revenue"] or Decimal(0)) if counted else Decimal(0)


def add_money(total: dict[str, Any], row: dict[str, Any]) -> None:
    for model in WIDE_MODELS:
        for name, is_won in ((f"{model}_revenue", True), (f"{model}_pipeline_revenue", False)):
            total[name] = total.get(name, Decimal(0)) + money(row, model, is_won)


def rpt_calls_by_channel(answers: list[Answer]) -> Rows:
    """One row per channel and path: the calls, and the money of the touches that a call made."""
    return calls_by(lambda touch, called_at: {}, answers)


def rpt_calls_by_campaign(answers: list[Answer]) -> Rows:
    """The same for each campaign."""
    return calls_by(lambda touch, called_at: {"campaign_name": touch["ad_campaign_name"] or "(none)"}, answers)


def rpt_calls_by_month(answers: list[Answer]) -> Rows:
    """The same for each month: of the call, and for the rest of the call that made the touch."""
    return calls_by(lambda touch, called_at: {"month": called_at.date().replace(day=1)}, answers)


def calls_by(more: Callable[[dict[str, Any], datetime], dict[str, Any]], answers: list[Answer]) -> Rows:
    totals: dict[tuple[object, ...], dict[str, Any]] = {}
    for answer in answers:
        core = answer.core()
        touches = {touch["touchpoint_id"]: touch for touch in core["fct_touchpoints"]}

        def total_of(touch: dict[str, Any], called_at: datetime) -> dict[str, Any]:
            key = {"channel_path": touch["channel_path"]} | more(touch, called_at)
            return totals.setdefault(tuple(key.values()), new_call_total(touch["channel_path"]) | key)

        for call in core["fct_calls"]:
            if call["verdict"] not in MATCHED | SEPARATE:
                continue
            total = total_of(touches[call["touchpoint_id"]], call["called_at"])
            total["calls"] += 1
            total["calls_merged"] += call["verdict"] == "merged"
            total["calls_merged_secondary"] += call["verdict"] == "merged_secondary"
            total["calls_separate"] += call["verdict"] in SEPARATE
        for row in core["fct_person_touchpoints"]:
            touch = touches[row["touchpoint_id"]]
            if touch["crm_task_id"]:
                total_of(touch, touch["called_at"])["people"].add(row["email"])
        for row in core["fct_attribution_touchpoints"]:
            touch = touches[row["touchpoint_id"]]
            if touch["crm_task_id"]:
                total = total_of(touch, touch["called_at"])
                total["opportunities"].add(row["opportunity_id"])
                if row["is_won"]:
                    total["won_opportunities"].add(row["opportunity_id"])
                add_money(total, row)
    return [with_counts(total) for total in totals.values()]


def rpt_daily(answers: list[Answer]) -> Rows:
    """What can be added up, by all by which touches are grouped. What a call made is on the day of the call."""
    totals: dict[tuple[object, ...], dict[str, Any]] = {}
    for answer in answers:
        core = answer.core()
        touches = {touch["touchpoint_id"]: touch for touch in core["fct_touchpoints"]}
        verdicts = {call["crm_task_id"]: call["verdict"] for call in core["fct_calls"]}

        def total_of(touch: dict[str, Any], moment: datetime, verdict: str) -> dict[str, Any]:
            key = {
                "day": moment.date(),
                "channel_path": touch["channel_path"],
                "campaign_name": touch["ad_campaign_name"] or "(none)",
                "keyword_text": touch["keyword_text"] or "(none)",
                "landing_page": touch["landing_page"] or "(none)",
                "marketing_touch_type": touch["marketing_touch_type"],
                "verdict": verdict,
            }
            channel, subchannel = split_path(touch["channel_path"])
            new = key | {"channel": channel, "subchannel": subchannel, "touches": 0, "calls": 0} | no_money()
            return totals.setdefault(tuple(key.values()), new)

        for touch in touches.values():
            total_of(touch, *made_by(touch, verdicts))["touches"] += 1
        for call in core["fct_calls"]:
            if call["verdict"] in MATCHED | SEPARATE:
                total_of(touches[call["touchpoint_id"]], call["called_at"], call["verdict"])["calls"] += 1
        for row in core["fct_attribution_touchpoints"]:
            touch = touches[row["touchpoint_id"]]
            add_money(total_of(touch, *made_by(touch, verdicts)), row)
    return list(totals.values())


def made_by(touch: dict[str, Any], verdicts: dict[str, str]) -> tuple[datetime, str]:
    """When a touch counts, and the verdict of the call that made it."""
    if touch["crm_task_id"]:
        return touch["called_at"], verdicts[touch["crm_task_id"]]
    return touch["touchpoint_date"], "(none)"


def new_call_total(path: str) -> dict[str, Any]:
    total: dict[str, Any] = {"channel": split_path(path)[0], "channel_path": path}
    total |= dict.fromkeys(("calls", "calls_merged", "calls_merged_secondary", "calls_separate"), 0)
    total |= {name: set() for name in ("people", "opportunities", "won_opportunities")}
    return total | no_money()


def no_money() -> dict[str, Any]:
    return {f"{model}_{kind}": Decimal(0) for model in WIDE_MODELS for kind in ("revenue", "pipeline_revenue")}


def with_counts(total: dict[str, Any]) -> dict[str, Any]:
    return {name: len(value) if isinstance(value, set) else value for name, value in total.items()}


def rpt_revenue_by_channel(answers: list[Answer]) -> Rows:
    """One row per channel, path, type and printed position of opportunity touches."""
    totals: dict[tuple[object, ...], dict[str, Any]] = {}
    for answer in answers:
        core = answer.core()
        touches = {touch["touchpoint_id"]: touch for touch in core["fct_touchpoints"]}
        for row in core["fct_attribution_touchpoints"]:
            touch = touches[row["touchpoint_id"]]
            names = ("channel", "channel_path", "marketing_touch_type")
            key = {name: touch[name] for name in names} | {"touchpoint_position": row["touchpoint_position"]}
            new = key | {"touchpoints": set(), "people": set(), "opportunities": set()}
            total = totals.setdefault(tuple(key.values()), new)
            total["touchpoints"].add(row["touchpoint_id"])
            total["people"].add(answer.people.records[row["contact_id"]].email)
            total["opportunities"].add(row["opportunity_id"])
            add_money(total, row)
    return [with_counts(total) for total in totals.values()]


def rpt_call_integration_impact(answers: list[Answer]) -> Rows:
    """R9: every opportunity's touches with and without call tracking; what moves adds up to zero."""
    return [row for answer in answers for row in impact_of(answer)]


def impact_of(answer: Answer) -> Rows:
    without = work_out(answer.dataset, replace(answer.variables, call_tracking=False), answer.seeds)
    positions = [positions_of(answer), positions_of(without)]
    credits = [credit_of(answer), credit_of(without)]
    amounts = {opportunity.id: opportunity.amount for opportunity in answer.opportunities}
    models = [model for model, _ in answer.seeds.models()]
    keys = {(*key, model) for side in positions for key in side for model in models} | set(credits[0]) | set(credits[1])
    rows = []
    for opportunity_id, touchpoint_id, model in sorted(keys):
        held = [side.get((opportunity_id, touchpoint_id, model)) for side in credits]
        rows.append(
            impact_row(
                opportunity_id,
                touchpoint_id,
                model,
                [side.get((opportunity_id, touchpoint_id)) for side in positions],
                [row["percentage"] if row else Decimal(0) for row in held],
                [row["revenue"] if row else amounts[opportunity_id] and Decimal(0) for row in held],
            )
        )
    touched = [{opportunity_id for opportunity_id, _ in side} for side in positions]
    for opportunity_id in sorted(touched[0] ^ touched[1]):  # one side has no touches: all is unattributed there
        unattributed = [opportunity_id not in side for side in touched]
        amount = amounts[opportunity_id]
        for model in models:
            percentages = [Decimal(100) if is_it else Decimal(0) for is_it in unattributed]
            revenues = [amount if is_it else amount and Decimal(0) for is_it in unattributed]
            rows.append(impact_row(opportunity_id, "(unattributed)", model, [None, None], percentages, revenues))
    return rows


def positions_of(answer: Answer) -> dict[tuple[str, str], str]:
    rows = answer.core()["fct_attribution_touchpoints"]
    return {(row["opportunity_id"], row["touchpoint_id"]): row["touchpoint_position"] for row in rows}


def credit_of(answer: Answer) -> dict[tuple[str, str, str], dict[str, Any]]:
    rows = answer.core()["fct_attribution_credit"]
    return {(row["opportunity_id"], row["touchpoint_id"], row["model"]): row for row in rows}


def impact_row(
    opportunity_id: str, touchpoint_id: str, model: str, positions: list, percentages: list, revenues: list
) -> dict[str, Any]:
    return {
        "opportunity_id": opportunity_id,
        "touchpoint_id": touchpoint_id,
        "model": model,
        "position_with": positions[0],
        "position_without": positions[1],
        "percentage_with": percentages[0],
        "percentage_without": percentages[1],
        "revenue_with": revenues[0],
        "revenue_without": revenues[1],
    }


def rpt_call_window_sensitivity(answers: list[Answer]) -> Rows:
    """Matched calls and the full path revenue of won opportunities on call touches, for every window and anchor.

    A channel that has either for one of them has a row for all. A touch without a share, or with one of an unknown
    amount, has no revenue.
    """
    matched: dict[tuple[int, str, str], int] = {}
    revenue: dict[tuple[int, str, str], Decimal] = {}
    windows = [int(row["minutes"]) for row in read_seed("windows_minutes")]
    for answer in answers:
        for minutes, anchor in product(windows, ANCHORS):
            variables = replace(
                answer.variables, call_session_window_minutes=minutes, call_session_window_anchor=anchor
            )
            core = work_out(answer.dataset, variables, answer.seeds).core()
            for call in core["fct_calls"]:
                if call["verdict"] in MATCHED:
                    key = (minutes, anchor, call["channel"])
                    matched[key] = matched.get(key, 0) + 1
            channel_of = {t["touchpoint_id"]: t["channel"] for t in core["fct_touchpoints"] if t["crm_task_id"]}
            for row in core["fct_attribution_touchpoints"]:
                is_known = row["full_path_percentage"] and row["full_path_revenue"] is not None
                if row["touchpoint_id"] in channel_of and row["is_won"] and is_known:
                    key = (minutes, anchor, channel_of[row["touchpoint_id"]])
                    revenue[key] = revenue.get(key, Decimal(0)) + (row["full_path_revenue"] or Decimal(0))
    channels = {key[2] for key in (*matched, *revenue)}
    return [
        {
            "window_minutes": minutes,
            "anchor": anchor,
            "channel": channel,
            "tied_calls": matched.get((minutes, anchor, channel), 0),
            "full_path_revenue": revenue.get((minutes, anchor, channel), Decimal(0)),
        }
        for minutes, anchor, channel in product(windows, ANCHORS, sorted(channels))
    ]


def rpt_blank_type_policy(answers: list[Answer]) -> Rows:
    """R2.6: one row per policy: calls that count, touches of type Phone Call, and their won full path revenue."""
    rows = []
    for policy in ("web_visit", "infer"):
        row = {"policy": policy, "calls": 0, "phone_calls": 0, "won_revenue": Decimal(0)}
        for answer in answers:
            variables = replace(answer.variables, blank_call_type_policy=policy)
            core = work_out(answer.dataset, variables, answer.seeds).core()
            row["calls"] += sum(call["verdict"] in MATCHED | SEPARATE for call in core["fct_calls"])
            phone = {t["touchpoint_id"] for t in core["fct_touchpoints"] if t["marketing_touch_type"] == "Phone Call"}
            row["phone_calls"] += len(phone)
            for credit in core["fct_attribution_touchpoints"]:
                if credit["touchpoint_id"] in phone and credit["is_won"]:
                    row["won_revenue"] += credit["full_path_revenue"] or Decimal(0)
        rows.append(row)
    return rows


def rpt_missing_rates(answers: list[Answer]) -> Rows:
    """R8.5: opportunities with an amount and no rate."""
    return [
        {"opportunity_id": opportunity.id, "currency": opportunity.currency, "close_date": opportunity.close_date}
        for answer in answers
        for opportunity in answer.opportunities
        if opportunity.misses_rate
    ]


def rpt_match_quality_daily(answers: list[Answer]) -> Rows:
    """Calls by verdict and day of the call; Tasks that are not calls are excluded."""
    counted: dict[tuple[object, ...], int] = {}
    for answer in answers:
        for call in answer.core()["fct_calls"]:
            if call["verdict"] == "none_not_a_call":
                continue
            key = (call["called_at"].date() if call["called_at"] else None, call["verdict"])
            counted[key] = counted.get(key, 0) + 1
    return [{"call_date": day, "verdict": verdict, "calls": calls} for (day, verdict), calls in counted.items()]
