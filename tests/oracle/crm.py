"""Touches of campaign members and activities (R10 to R12), and the rows of fct_campaign_members and fct_activities."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from . import values
from .channels import activity_channel
from .dataset import BUYER_TOUCHPOINT_DATE, Dataset, Row, Seeds, canonical
from .people import Record, read_records
from .touchpoints import CrmTouch, Touch, Touched

SYNC_TYPE = "bizible2__Bizible_Attribution_SyncType__c"
OBJECTS = {"campaign": "Campaign", "campaignmember": "CampaignMember", "task": "Task", "event": "Event"}
OBJECTS |= {"crmtask": "Task", "crmevent": "Event"}
TRUE, FALSE = {"true", "t", "yes", "y", "1", "1.0"}, {"false", "f", "no", "n", "0", "0.0"}

# Reads a field, written as `Task.Subject`, of the record in question.
Reader = Callable[[str], str | None]


@dataclass
class Judged:
    """A member or activity with its verdict; `touch` if it has one."""

    row: Row
    object: str
    verdict: str
    rule: int | None
    campaign: Row | None = None
    campaign_name: str | None = None
    touch: Touch | None = None


@dataclass
class Rule:
    """A rule of a seed: its boxes of rows, and what the whole rule says."""

    number: int
    boxes: list[list[dict[str, str]]]
    touchpoint_date: str
    campaign_name: str | None


# R10: conditions -----------------------------------------------------------------------------------------------------


def read_rules(rows: list[dict[str, str]]) -> list[Rule]:
    """R10.1: rules in ascending order; the same or no box is one box."""
    rules = []
    for number in sorted({int(row["rule"]) for row in rows}):
        own = [row for row in rows if int(row["rule"]) == number]
        boxes = dict.fromkeys(values.text(row["box"]) for row in own)
        rules.append(
            Rule(
                number,
                [[row for row in own if values.text(row["box"]) == box] for box in boxes],
                next(row["touchpoint_date"] for row in own if row["touchpoint_date"]),
                next((row["campaign_name"] for row in own if row.get("campaign_name")), None),
            )
        )
    return rules


def object_of(field: str) -> str:
    return OBJECTS[canonical(field.split(".")[0])]


def first_match(rules: list[Rule], read: Reader) -> Rule | None:
    for rule in rules:
        if any(all(holds(row, read(row["field"])) for row in box) for box in rule.boxes):
            return rule
    return None


def holds(row: dict[str, str], found: str | None) -> bool:
    """R10.3, R10.4: one condition on the text of a field."""
    operator, wanted = row["operator"].strip().lower(), values.text(row["value"])
    is_id = canonical(row["field"]).endswith("id")
    if operator == "is equal to":
        return found is None if wanted is None else equals(found, wanted, is_id)
    if operator == "is not equal to":
        return found is not None if wanted is None else not equals(found, wanted, is_id)
    if found is None or wanted is None:
        return False
    text, part = found.lower(), wanted.lower()
    if operator in ("contains", "starts with", "ends with"):
        return {"contains": part in text, "starts with": text.startswith(part), "ends with": text.endswith(part)}[
            operator
        ]
    if operator.startswith("matches any"):
        return any(
            part_matches(found, one, is_id, operator.endswith("(contains)"))
            for piece in wanted.split(",")
            if (one := values.text(piece)) is not None
        )
    order = compare(found, wanted)
    return (
        order is not None
        and {
            "greater than": order > 0,
            "less than": order < 0,
            "is greater or equal than": order >= 0,
            "is less or equal than": order <= 0,
        }[operator]
    )


def part_matches(found: str, part: str, is_id: bool, is_contained: bool) -> bool:
    text, bare = found.lower(), part.strip("*").lower()
    if part == "*" or (part.startswith("*") and part.endswith("*")):
        return bare in text
    if part.startswith("*"):
        return text.endswith(bare)
    if part.endswith("*"):
        return text.startswith(bare)
    return bare in text if is_contained else equals(found, part, is_id)


def equals(found: str | None, wanted: str, is_id: bool) -> bool:
    if found is None:
        return False
    if is_id:
        found, wanted = values.salesforce_id(found) or "", values.salesforce_id(wanted) or ""
    one, other = found.lower(), wanted.lower()
    if one == other:
        return True
    if one in TRUE | FALSE and other in TRUE | FALSE:
        return (one in TRUE) == (other in TRUE)
    return compare(found, wanted) == 0


def compare(found: str, wanted: str) -> int | None:
    """The order of a field and a number, a day or a time; None if the field is nothing of that kind."""
    one: Any = None
    other: Any
    if (other := finite(wanted)) is not None:
        one = finite(found)
    elif (other := written_day(wanted)) is not None:
        moment = values.moment(found)
        one = moment.date() if moment else None
    elif (other := written_time(wanted)) is not None:
        one = values.moment(found)
    return None if one is None or other is None else (one > other) - (one < other)


def finite(text: str) -> Decimal | None:
    number = values.number(text)
    return number if number is not None and number.is_finite() else None


def written_day(text: str) -> date | None:
    american = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text)
    if american:
        month, day, year = map(int, american.groups())
        return date(year, month, day)
    return None if ":" in text else values.day(text)


def written_time(text: str) -> datetime | None:
    return values.timestamp(text + ":00" if re.fullmatch(r"[-\d]{10} \d{2}:\d{2}", text) else text)


# R11: campaign members ----------------------------------------------------------------------------------------------


def judge_members(dataset: Dataset, owners: Owners, seeds: Seeds) -> list[Judged]:
    campaigns = {row.key: row for row in dataset.live("salesforce/Campaign")}
    names = {row.key: row for row in dataset.newest("salesforce/Campaign")}
    rules = read_rules(seeds.campaign_rules)
    judged = []
    for row in dataset.newest("salesforce/CampaignMember"):
        campaign = campaigns.get(row.id("CampaignId") or "")
        verdict, rule, at = member_verdict(row, campaign, rules)
        owner = owners.of(row.id("ContactId")) or owners.of(row.id("LeadId"))
        if verdict == "touch" and owner is None:
            verdict = "none_without_person"
        found = Judged(row, "CampaignMember", verdict, rule, names.get(row.id("CampaignId") or ""))
        if verdict == "touch" and campaign is not None and at is not None and owner is not None:
            touch = CrmTouch(owner, "CRM", "CRM Campaign", campaign.text("Type"), campaign.text("Name"), row.key)
            touch.campaign_id = campaign.key
            path = offline_channel(campaign.text("Type"), seeds)
            found.touch = Touch(f"member-{row.key}", at, None, None, None, None, path, crm=touch)
        judged.append(found)
    return judged


def member_verdict(row: Row, campaign: Row | None, rules: list[Rule]) -> tuple[str, int | None, datetime | None]:
    """R11.7 as far as the owner: the verdict, the rule that matched, and the date."""
    if not row.is_live():
        return "none_deleted", None, None
    if campaign is None:
        return "none_campaign_deleted", None, None
    created = row.time("CreatedDate") or values.moment(row.text("CreatedDate"))
    if rules:

        def read(field: str) -> str | None:
            of = campaign if object_of(field) == "Campaign" else row
            return of.text(field.split(".", 1)[1])

        rule = first_match(rules, read)
        if rule is None:
            return "none_not_synced", None, None
        at = values.moment(read(rule.touchpoint_date))
        return ("touch" if at else "none_without_date"), rule.number, at
    picked = (campaign.text(SYNC_TYPE) or "").lower()
    only_responded = "responded" in picked
    if not picked.startswith("include") or (only_responded and not row.flag("HasResponded")):
        return "none_not_synced", None, None
    first = campaign.text("bizible2__Touchpoint_Start_Date__c")
    end = campaign.text("bizible2__Touchpoint_End_Date__c")
    day = created.date() if created else None
    if values.day(first) and (day is None or day < values.day(first)):  # type: ignore[operator]
        return "none_outside_dates", None, None
    if values.day(end) and (day is None or day >= values.day(end)):  # type: ignore[operator]
        return "none_outside_dates", None, None
    dates = [values.moment(row.text(BUYER_TOUCHPOINT_DATE))]
    if only_responded:
        responded = values.day(row.text("FirstRespondedDate"))
        dates.append(datetime.combine(responded, time()) if responded else None)
    at = next((moment for moment in [*dates, created] if moment), None)
    return ("touch" if at else "none_without_date"), None, at


def offline_channel(campaign_type: str | None, seeds: Seeds) -> str:
    """R11.5"""
    for row in seeds.offline_channels:
        if campaign_type is not None and row["campaign_type"].strip().lower() == campaign_type.lower():
            return ".".join(part for part in (row["channel"], row["subchannel"]) if part)
    return "Other"


# R12: activities ----------------------------------------------------------------------------------------------------


def judge_activities(dataset: Dataset, owners: Owners, touched: Touched, seeds: Seeds) -> list[Judged]:
    tracked = {call.id for call in touched.calls if call.is_tracked}
    users = {row.key: row.text("Name") or "" for row in dataset.live("salesforce/User")}
    judged = []
    for name in ("Task", "Event"):
        rules = read_rules([row for row in seeds.activity_rules if OBJECTS[canonical(row["object"])] == name])
        for row in dataset.live(f"salesforce/{name}"):

            def read(field: str, row: Row = row) -> str | None:
                return row.text(field.split(".", 1)[1])

            rule = first_match(rules, read)
            if rule is None:
                continue
            campaign_name = replaced(rule.campaign_name or "", name, row, users)
            at, owner = values.moment(read(rule.touchpoint_date)), owners.of(row.id("WhoId"))
            found = Judged(row, name, "touch", rule.number, campaign_name=campaign_name)
            if row.key in tracked:
                found.verdict = "none_tracked_call"
            elif at is None:
                found.verdict = "none_without_date"
            elif owner is None:
                found.verdict = "none_without_person"
            else:
                kind = row.text("Type")
                touch = CrmTouch(owner, kind or "CRM Activity", "CRM Activity", kind, campaign_name, row.key)
                touch.object, touch.subject = name, row.text("Subject")
                path = activity_channel(campaign_name, kind, seeds)
                found.touch = Touch(f"activity-{row.key}", at, None, None, None, None, path, crm=touch)
            judged.append(found)
    return judged


def replaced(template: str, name_of_object: str, row: Row, users: dict[str, str]) -> str | None:
    """R12.6: a field with or without its object, or a User's name."""

    def value(match: re.Match[str]) -> str:
        prefix, _, field = match.group(1).partition(".")
        field = field if field and OBJECTS.get(canonical(prefix)) == name_of_object else match.group(1)
        name = canonical(field)
        if name in ("assignedto", "createdby"):
            user = row.id("OwnerId" if name == "assignedto" else "CreatedById")
            return users.get(user, user) if user else ""
        return row.text(field) or ""

    return values.text(re.sub(r"\{([^{}]*)\}", value, template))


# Both ---------------------------------------------------------------------------------------------------------


@dataclass
class Owners:
    """R5.2: the records with an address, by the ids of the Leads and Contacts that they represent."""

    records: dict[str, Record]
    record_of: dict[str, str]

    def of(self, identifier: str | None) -> str | None:
        record = self.records.get(self.record_of.get(identifier or "", ""))
        return record.id if record and record.emails else None


def add_crm_touches(touched: Touched, dataset: Dataset, seeds: Seeds) -> list[Judged]:
    """Adds the touches of R11 and R12 to those of sessions and calls; returns every record that was judged."""
    owners = Owners(*read_records(dataset))
    judged = judge_members(dataset, owners, seeds) + judge_activities(dataset, owners, touched, seeds)
    touched.touches += [one.touch for one in judged if one.touch]
    touched.touches.sort(key=lambda touch: touch.order)
    return judged


def fct_campaign_members(judged: list[Judged]) -> list[dict[str, Any]]:
    return [
        {
            "campaign_member_id": one.row.key,
            "campaign_id": one.row.id("CampaignId"),
            "campaign_name": one.campaign.text("Name") if one.campaign else None,
            "lead_id": one.row.id("LeadId"),
            "contact_id": one.row.id("ContactId"),
            "is_deleted": not one.row.is_live(),
        }
        | of_both(one)
        for one in judged
        if one.object == "CampaignMember"
    ]


def fct_activities(judged: list[Judged]) -> list[dict[str, Any]]:
    return [
        {"crm_activity_id": one.row.key, "activity_object": one.object, "campaign_name": one.campaign_name}
        | of_both(one)
        for one in judged
        if one.object != "CampaignMember"
    ]


def of_both(one: Judged) -> dict[str, Any]:
    return {
        "verdict": one.verdict,
        "rule": one.rule,
        "touchpoint_id": one.touch.id if one.touch else None,
        "channel_path": one.touch.channel_path if one.touch else None,
        "touchpoint_date": one.touch.at if one.touch else None,
    }
