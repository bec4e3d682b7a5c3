"""R19: what the views with Marketo Measure's names show beside the facts."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from . import values
from .costs import days_of
from .credit import contact_of, read_amount
from .crm import SYNC_TYPE
from .dataset import Dataset, Row, version_time
from .people import Record, record_stages
from .touchpoints import Touch

if TYPE_CHECKING:
    from . import Answer

Rows = list[dict[str, Any]]

# Columns of the drawn datasets that the input contract does not name, in byte order.
OWN_COLUMNS = ("Tier__c", "zone__c")
REASONS = {
    "none_deleted": "Deleted",
    "none_campaign_deleted": "Deleted",
    "none_not_synced": "Not synced",
    "none_outside_dates": "Date outside sync dates",
    "none_without_date": "No touchpoint date",
    "none_without_person": "No email",
}


def keyed(identifier: str, columns: dict[str, Any]) -> dict[str, Any]:
    """R19.4: the first 15 hexadecimal digits of the digest, as a number."""
    return {"ID": identifier, "ROW_KEY": int(hashlib.md5(identifier.encode()).hexdigest()[:15], 16)} | columns


def latest(*times: datetime | None) -> datetime | None:
    return max((at for at in times if at is not None), default=None)


def source_id(touch: Touch) -> str:
    """The id of the session or record behind a touch."""
    return touch.id.split("-", 1)[1]


class Versions:
    """R19.1: when the rows behind a touch, a record or an opportunity last changed."""

    def __init__(self, answer: Answer) -> None:
        self.dataset = answer.dataset
        self.judged = {one.touch.id: one for one in answer.judged if one.touch}

    def of_touch(self, touch: Touch) -> datetime | None:
        times = [
            version_time("web/sessions", touch.session.row) if touch.session and touch.session.row else None,
            version_time("web/form_submits", touch.form.row) if touch.form else None,
            version_time(f"salesforce/{touch.call.object}", touch.call.row) if touch.call else None,
        ]
        if touch.id in self.judged:
            one = self.judged[touch.id]
            times.append(version_time(f"salesforce/{one.object}", one.row))
        return latest(*times)

    def of(self, table: str, identifier: str | None) -> datetime | None:
        row = next((row for row in self.dataset.newest(table) if row.key == identifier), None)
        return version_time(table, row) if row else None


def email_of(touch: Touch, record: Record, answer: Answer) -> str | None:
    """The record's own address if the touch is known by it, else the smallest of its addresses that know it."""
    known = [email for email in record.emails if touch in answer.people.touches.get(email, [])]
    return record.email if record.email in known else min(known)


def biz_sessions(answer: Answer) -> Rows:
    versions = Versions(answer)
    with_calls = {call.session.id for call in answer.touched.calls if call.session and "merged" in call.verdict}
    return [
        keyed(
            touch.session.id,
            {
                "COOKIE_ID": touch.session.cookie,
                "EVENT_DATE": touch.at,
                "MODIFIED_DATE": versions.of_touch(touch) or touch.at,
                # R19.2; a page view, which a derived session has instead, has no such flag.
                "HAS_CRM_ACTIVITY": touch.session.id in with_calls
                or (touch.session.row is not None and touch.session.row.flag("HAS_CRM_ACTIVITY")),
                "_DELETED_DATE": None,
            },
        )
        for touch in answer.touched.touches
        if touch.session
    ]


def biz_user_touchpoints(answer: Answer) -> Rows:
    versions = Versions(answer)
    rows = []
    for email, touches in answer.people.touches.items():
        for touch in touches:
            activity: dict[str, str | None] = {"Task": None, "Event": None}
            member = None
            if touch.call:
                activity[touch.call.object] = touch.call.id
            elif touch.crm and touch.crm.object:
                activity[touch.crm.object] = touch.crm.record_id
            elif touch.crm:
                member = touch.crm.record_id
            columns = {
                "EMAIL": email,
                "MODIFIED_DATE": versions.of_touch(touch) or touch.at,
                "SESSION_ID": touch.session.id if touch.session else None,
                "CAMPAIGN_MEMBER_ID": member,
                "CRM_TASK_ID": activity["Task"],
                "CRM_EVENT_ID": activity["Event"],
                "CRM_ACTIVITY_ID": None,
            }
            rows.append(keyed(f"{email}_{source_id(touch)}", columns))
    return rows


def biz_touchpoints(answer: Answer) -> Rows:
    versions = Versions(answer)
    touches = {touch.id: touch for touch in answer.touched.touches}
    rows = []
    for fact in answer.core()["fct_buyer_touchpoints"]:
        touch, record = touches[fact["touchpoint_id"]], answer.people.records[fact["contact_id"] or fact["lead_id"]]
        email = email_of(touch, record, answer)
        modified = latest(versions.of_touch(touch), versions.of(f"salesforce/{record.object}", record.id))
        columns = {
            "CONTACT_ID": fact["contact_id"],
            "LEAD_ID": fact["lead_id"],
            "EMAIL": email,
            "USER_TOUCHPOINT_ID": f"{email}_{source_id(touch)}",
            "MODIFIED_DATE": modified or touch.at,
            "FIRST_CLICK_PERCENTAGE": 100 * fact["first_touch_count"],
            "LAST_ANON_CLICK_PERCENTAGE": 100 * fact["lead_creation_count"],
            "U_SHAPE_PERCENTAGE": 100 * fact["u_shaped_count"],
        }
        rows.append(keyed(f"TP2_Person_{record.id}_{source_id(touch)}", columns))
    return rows


def biz_attribution_touchpoints(answer: Answer) -> Rows:
    versions = Versions(answer)
    touches = {touch.id: touch for touch in answer.touched.touches}
    rows = []
    for fact in answer.core()["fct_attribution_touchpoints"]:
        touch, record = touches[fact["touchpoint_id"]], answer.people.records[fact["contact_id"]]
        email = email_of(touch, record, answer)
        modified = latest(
            versions.of_touch(touch),
            versions.of("salesforce/Contact", record.id),
            versions.of("salesforce/Opportunity", fact["opportunity_id"]),
        )
        columns = {
            "OPPORTUNITY_ID": fact["opportunity_id"],
            "CONTACT_ID": record.id,
            "EMAIL": email,
            "USER_TOUCHPOINT_ID": f"{email}_{source_id(touch)}",
            "MODIFIED_DATE": modified or touch.at,
            "FIRST_CLICK_PERCENTAGE": fact["first_touch_percentage"],
            "LAST_ANON_CLICK_PERCENTAGE": fact["lead_creation_percentage"],
            "U_SHAPE_PERCENTAGE": fact["u_shaped_percentage"],
            "W_SHAPE_PERCENTAGE": fact["w_shaped_percentage"],
            "FULL_PATH_PERCENTAGE": fact["full_path_percentage"],
            "CUSTOM_MODEL_PERCENTAGE": fact["custom_percentage"],
        }
        rows.append(keyed(f"BAT2_{fact['opportunity_id']}_{record.id}_{source_id(touch)}", columns))
    return rows


# Records of the CRM --------------------------------------------------------------------------------------------------


def custom_properties(row: Row) -> str | None:
    """R19.3"""
    filled = {name: value for name in OWN_COLUMNS if (value := row.text(name)) is not None}
    return json.dumps(filled, separators=(",", ":"), ensure_ascii=False) if filled else None


def records(dataset: Dataset, name: str) -> list[tuple[Row, dict[str, Any]]]:
    """Every landed record, deleted ones too, with what all views of records have."""
    table = f"salesforce/{name}"
    found = []
    for row in dataset.newest(table):
        modified = (
            values.moment(row.raw("LastModifiedDate"))
            or version_time(table, row)
            or values.moment(row.raw("CreatedDate"))
        )
        columns = {"ID": row.key, "MODIFIED_DATE": modified, "IS_DELETED": not row.is_live()}
        found.append((row, columns | {"CUSTOM_PROPERTIES": custom_properties(row)}))
    return found


def biz_crm_tasks(answer: Answer) -> Rows:
    return [columns for _, columns in records(answer.dataset, "Task")]


def biz_crm_events(answer: Answer) -> Rows:
    return [columns for _, columns in records(answer.dataset, "Event")]


def biz_leads(answer: Answer) -> Rows:
    return [keyed(row.key, columns | {"EMAIL": row.email("Email")}) for row, columns in records(answer.dataset, "Lead")]


def biz_contacts(answer: Answer) -> Rows:
    rows = records(answer.dataset, "Contact")
    return [keyed(row.key, columns | {"EMAIL": row.email("Email")}) for row, columns in rows]


def biz_accounts(answer: Answer) -> Rows:
    return [columns for _, columns in records(answer.dataset, "Account")]


def biz_opportunities(answer: Answer) -> Rows:
    """R19.7: the amount in the opportunity's own currency."""
    return [
        keyed(row.key, columns | {"AMOUNT": read_amount(row, answer.variables)[0]})
        for row, columns in records(answer.dataset, "Opportunity")
    ]


def biz_account_to_emails(answer: Answer) -> Rows:
    pairs = {(row.id("AccountId"), row.email("Email")) for row in answer.dataset.live("salesforce/Contact")}
    return [
        {"ID": f"{account}_{email}", "ACCOUNT_ID": account, "EMAIL": email}
        for account, email in pairs
        if account and email
    ]


def biz_campaign_members(answer: Answer) -> Rows:
    """R19.6"""
    dataset, people = answer.dataset, answer.people
    judged = {one.row.key: one for one in answer.judged if one.object == "CampaignMember"}
    campaigns = {row.key: row.text(SYNC_TYPE) for row in dataset.newest("salesforce/Campaign")}
    landed = {row.key: row for name in ("Lead", "Contact") for row in dataset.newest(f"salesforce/{name}")}
    buyers = {
        (row["lead_id"] or row["contact_id"], row["touchpoint_id"]) for row in answer.core()["fct_buyer_touchpoints"]
    }
    credited = {row["touchpoint_id"] for row in answer.core()["fct_attribution_touchpoints"]}
    of_opportunities = {t.id for o in answer.opportunities for contact in o.contacts for t in contact.touches}

    def status(is_created: bool, verdict: str, otherwise: str) -> str:
        return "Touchpoint Created" if is_created else f"No Touchpoint: {REASONS.get(verdict, otherwise)}"

    def why_no_record(identifier: str) -> str:
        row = landed.get(identifier)
        if row is not None and not row.is_live():
            return "Deleted"
        if people.record_of.get(identifier, identifier) != identifier:
            return "Lead converted"
        return "Not synced" if row is not None and row.email("Email") else "No email"

    rows = []
    for row, columns in records(dataset, "CampaignMember"):
        one = judged[row.key]
        touch_id = one.touch.id if one.touch else None
        picked = campaigns.get(row.id("CampaignId") or "")
        kind = (picked or "").lower()
        included = "Include_Responded" if "responded" in kind else "Include_All"
        columns |= {
            "CAMPAIGN_SYNC_TYPE": (included if kind.startswith("include") else "Exclude_All") if picked else None
        }
        for name in ("Lead", "Contact"):
            identifier = row.id(f"{name}Id")
            columns[f"{name.upper()}_SYNC_STATUS"] = identifier and status(
                (identifier, touch_id) in buyers, one.verdict, why_no_record(identifier)
            )
        otherwise = "Date outside model" if touch_id in of_opportunities else "No opportunity"
        columns["OPP_SYNC_STATUS"] = status(touch_id in credited, one.verdict, otherwise)
        rows.append(columns)
    return rows


# Stages and facts ----------------------------------------------------------------------------------------------------


def biz_lead_stage_transitions(answer: Answer) -> Rows:
    """One row per Lead or Contact, touch and stage; a touch without a stage has one row."""
    touches = {touch.id: touch for touch in answer.touched.touches}
    rows = []
    for fact in answer.core()["fct_buyer_touchpoints"]:
        touch, record = touches[fact["touchpoint_id"]], answer.people.records[fact["contact_id"] or fact["lead_id"]]
        stages = record_stages(record, answer.dataset, answer.seeds)
        held = ["FT"] * fact["is_first_touch"] + ["LC"] * fact["is_lead_creation_touch"]
        held += [stage for stage, holder in stages.items() if holder is touch]
        touchpoint = f"TP2_Person_{record.id}_{source_id(touch)}"
        for stage in held or [None]:
            columns = {
                "ID": f"ST_{record.id}__{stage or ''}-1_{touchpoint}",
                "TOUCHPOINT_ID": touchpoint,
                "STAGE": stage,
                "EMAIL": email_of(touch, record, answer),
                "IS_NON_TRANSITIONAL": stage is None,
            }
            rows.append(columns)
    return rows


def biz_opp_stage_transitions(answer: Answer) -> Rows:
    """One row per opportunity, touch and stage; a touch without a stage has one row."""
    rows = []
    for opportunity in answer.opportunities:
        for touch in opportunity.touches:
            if not (touch.is_conversion or touch.id in opportunity.positions):
                continue
            record = answer.people.records[contact_of(touch, opportunity, answer.people)]
            touchpoint = f"BAT2_{opportunity.id}_{record.id}_{source_id(touch)}"
            for stage in opportunity.positions.get(touch.id) or [None]:
                columns = {
                    "ID": f"ST_{opportunity.id}_{record.id}_{stage or ''}-1_{touchpoint}",
                    "TOUCHPOINT_ID": touchpoint,
                    "STAGE": stage,
                    "EMAIL": email_of(touch, record, answer),
                    "IS_PENDING": stage == "Closed" and not opportunity.is_closed,
                    "IS_NON_TRANSITIONAL": stage is None,
                }
                rows.append(columns)
    return rows


def biz_facts(answers: list[Answer]) -> Rows:
    """R19.5: how many facts of each type there are."""
    counts = dict.fromkeys(range(1, 8), 0)
    for answer in answers:
        core, dataset = answer.core(), answer.dataset
        counts[1] += len(core["fct_attribution_touchpoints"])
        counts[2] += len(dataset.newest("spend/ad_costs"))
        counts[2] += sum(row["cost_source"] != "ads" for row in days_of(answer))
        counts[3] += len(core["fct_buyer_touchpoints"])
        counts[4] += len(core["fct_person_touchpoints"])
        counts[5] += len(dataset.newest("web/page_views"))
        counts[6] += len(answer.touched.sessions)
        counts[7] += len(dataset.newest("web/form_submits"))
    return [{"TYPE": type, "facts": count} for type, count in counts.items() if count]
