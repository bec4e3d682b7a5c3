"""Touches: R1.6, R1.7, R2 and the channels of R3.3 to R3.5; the rows of fct_calls and fct_touchpoints."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from . import values
from .calls import Call, judge_calls, provider_call_id
from .channels import call_channel, session_channel, split_path
from .dataset import BIZIBLE_ID, Dataset, Seeds, Variables
from .sessions import Form, Session, build_sessions, group_by_cookie

CARRYOVER = timedelta(days=7)


@dataclass
class Touch:
    """A live session, a separate call, a campaign member or an activity."""

    id: str
    at: datetime
    cookie: str | None
    session: Session | None
    call: Call | None  # the call that made the touchpoint
    form: Form | None  # the form that made it
    channel_path: str
    types: CallTypes | None = None
    crm: CrmTouch | None = None  # the CRM record that made it

    @property
    def order(self) -> tuple[datetime, str]:
        """Touch date, then touchpoint id."""
        return (self.at, self.id)

    @property
    def is_conversion(self) -> bool:
        return self.call is not None or self.form is not None or self.crm is not None


@dataclass
class CrmTouch:
    """R11.4, R12.5: what a campaign member or an activity says of its touch."""

    owner: str  # the Lead or Contact
    type: str
    source: str
    medium: str | None
    campaign_name: str | None
    record_id: str
    campaign_id: str | None = None  # of a member
    object: str | None = None  # of an activity
    subject: str | None = None


@dataclass
class CallTypes:
    """R2.1, R2.3, R2.6: how a call's Type reads."""

    touchpoint_type: str
    marketing_touch_type: str
    is_defaulted: bool
    read_type: str | None


@dataclass
class Touched:
    """The pipeline's state after R1 to R4."""

    sessions: list[Session]
    forms: list[Form]
    calls: list[Call]
    touches: list[Touch]


def build_touches(dataset: Dataset, variables: Variables, seeds: Seeds) -> Touched:
    sessions, forms = build_sessions(dataset, variables, seeds)
    calls = judge_calls(dataset, sessions, variables, seeds)
    assign_channels(sessions, variables, seeds)
    used = calls if variables.call_tracking else []
    touches = [session_touch(session, used) for session in sessions]
    for call in used:
        if call.is_counted and call.session is None:
            path = call_channel(call_types(call, variables, seeds).read_type, call_source(call), seeds)
            touches.append(Touch(f"task-{call.id}", call.at, call.cookie, None, call, None, path))
    for touch in touches:
        if touch.call is not None:
            touch.types = call_types(touch.call, variables, seeds)
    touches.sort(key=lambda touch: touch.order)
    return Touched(sessions, forms, calls, touches)


def call_source(call: Call) -> str:
    """R1.7, R12.9: the source of a separate call."""
    return f"Salesforce {call.object}"


def session_touch(session: Session, calls: list[Call]) -> Touch:
    """R1.6: the earliest conversion makes the touchpoint; ties go form, chat, call, then by id."""
    conversions: list[tuple[datetime, int, str, Form | Call]] = []
    for form in session.forms:
        if form.is_conversion:
            conversions.append((form.at, 1 if form.is_chat else 0, form.id, form))
    for call in calls:
        if call.is_counted and call.session is session:
            conversions.append((call.at, 2, call.id, call))
    touch = Touch(
        f"session-{session.id}", session.started_at, session.cookie, session, None, None, session.channel_path
    )
    if conversions:
        first = min(conversions, key=lambda conversion: conversion[:3])[3]
        if isinstance(first, Call):
            touch.call = first
        else:
            touch.form = first
        for *_, conversion in conversions:
            if isinstance(conversion, Call) and conversion is not first:
                conversion.verdict = "merged_secondary"
    return touch


def assign_channels(sessions: list[Session], variables: Variables, seeds: Seeds) -> None:
    """R3.3, R3.5 and the carry-over of R3.4."""
    for session in sessions:
        session.channel_path, session.is_direct = session_channel(session.web, seeds)
        if variables.session_channel == "source" and session.source_channel is not None:
            session.channel_path, session.is_direct = session.source_channel, False
    if not variables.session_channel_carryover:
        return
    for same_cookie in group_by_cookie(sessions).values():
        for previous, session in pairwise(same_cookie):
            if session.is_direct and session.started_at - previous.last_activity_at <= CARRYOVER:
                session.channel_path = previous.channel_path


def call_types(call: Call, variables: Variables, seeds: Seeds) -> CallTypes:
    """R2.1, R2.3, R2.6."""
    read_type = call.type
    if read_type is None and variables.blank_call_type_policy == "infer" and call.has_call_evidence:
        read_type = "Call"
    if read_type is None:
        return CallTypes("Web Visit", "Web Visit", True, None)
    for row in seeds.task_type_map:
        if row["task_type"].strip().lower() == read_type.lower():
            return CallTypes(read_type, row["marketing_touch_type"], False, read_type)
    return CallTypes(read_type, "Phone Call", False, read_type)


def touch_types(touch: Touch) -> tuple[str, str, bool]:
    """R2.1, R2.3: touchpoint type, normalised type, and whether a blank Type was defaulted."""
    if touch.types is not None:
        return touch.types.touchpoint_type, touch.types.marketing_touch_type, touch.types.is_defaulted
    if touch.crm is not None:
        return touch.crm.type, touch.crm.source, touch.crm.object is not None and touch.crm.medium is None
    if touch.form is not None:
        kind = "Web Chat" if touch.form.is_chat else "Web Form"
        return kind, kind, False
    return "Web Visit", "Web Visit", False


def medium(touch: Touch, variables: Variables) -> str | None:
    """R2.2: a call's medium is its Type, if blank the session's; or, by variable, the session's."""
    session_medium = touch.session.web.medium if touch.session else None
    if touch.crm is not None:
        return touch.crm.medium
    if touch.types is None:
        return session_medium
    if variables.call_medium_source == "session" and touch.session is not None:
        return session_medium
    return touch.types.read_type or session_medium


def fct_touchpoints(touched: Touched, variables: Variables) -> list[dict[str, Any]]:
    return [touchpoint_row(touch, variables) for touch in touched.touches]


def touchpoint_row(touch: Touch, variables: Variables) -> dict[str, Any]:
    channel, subchannel = split_path(touch.channel_path)
    touchpoint_type, marketing_touch_type, is_type_defaulted = touch_types(touch)
    session, form = touch.session, touch.form
    row: dict[str, Any] = {
        "touchpoint_id": touch.id,
        "session_id": session.id if session else None,
        "crm_task_id": touch.call.id if touch.call else None,
        "activity_object": touch.call.object if touch.call else None,
        "cookie_id": touch.cookie,
        "touchpoint_date": touch.at,
        "touchpoint_type": touchpoint_type,
        "marketing_touch_type": marketing_touch_type,
        "is_type_defaulted": is_type_defaulted,
        "is_conversion": touch.is_conversion,
        "medium": medium(touch, variables),
        "session_medium": session.web.medium if session else None,
        "touchpoint_source": session.web.source if session else call_source(touch.call) if touch.call else None,
        "channel": channel,
        "subchannel": subchannel,
        "channel_path": touch.channel_path,
        "source_channel": session.source_channel if session else None,
        "crm_campaign": f"{touch.channel_path} [Bizible]",
        "landing_page": session.web.landing_page if session else None,
        "landing_page_raw": session.web.landing_page_raw if session else None,
        "referrer_page": session.web.referrer_page if session else None,
        "form_page": form_page(form),
        "form_submitted_at": form.at if form else None,
        "called_at": touch.call.called_at if touch.call else None,
    }
    row |= session.web.ad() if session else dict.fromkeys(AD_COLUMNS)
    for name in ("city", "region", "country", "device"):
        row[name] = session.web.own[name.upper()] if session else None
    return row | crm_columns(touch)


def crm_columns(touch: Touch) -> dict[str, Any]:
    """R11.4, R12.5: what differs from a web touch without a session."""
    crm = touch.crm
    if crm is None:
        return {"campaign_member_id": None, "crm_activity_id": None}
    columns: dict[str, Any] = {
        "touchpoint_source": crm.source,
        "ad_campaign_name": crm.campaign_name,
        "ad_campaign_id": crm.campaign_id,
        "campaign_member_id": crm.record_id if crm.object is None else None,
        "crm_activity_id": crm.record_id if crm.object else None,
    }
    if crm.object is None:
        return columns | {"crm_campaign": crm.campaign_name}
    return columns | {"activity_object": crm.object, "ad_content": crm.subject, "ad_id": crm.record_id}


AD_COLUMNS = (
    *("ad_campaign_name", "ad_campaign_id", "ad_group_name", "ad_group_id", "ad_content", "ad_id"),
    *("keyword_text", "keyword_id", "search_phrase"),
)


def form_page(form: Form | None) -> str | None:
    if form is None:
        return None
    return form.row.text("CURRENT_PAGE") or values.page(form.row.text("CURRENT_PAGE_RAW"))


def seconds(later: datetime, earlier: datetime) -> Decimal:
    """Elapsed seconds to the microsecond."""
    return Decimal((later - earlier) // timedelta(microseconds=1)) / 1_000_000


def fct_calls(touched: Touched, dataset: Dataset, variables: Variables, seeds: Seeds) -> list[dict[str, Any]]:
    touch_of_call = {touch.call.id: touch for touch in touched.touches if touch.call}
    users = {row.key: row.text("Name") for row in dataset.newest("salesforce/User")}
    rows = []
    for call in touched.calls:
        owner = call.row.id("OwnerId")
        nearest = call.nearest
        touchpoint_id = path = None
        if call.session is not None:
            touchpoint_id, path = f"session-{call.session.id}", call.session.channel_path
        elif call.id in touch_of_call:
            touchpoint_id, path = touch_of_call[call.id].id, touch_of_call[call.id].channel_path
        rows.append(
            {
                "crm_task_id": call.id,
                "activity_object": call.object,
                "is_counted": call.is_counted,
                "owner_id": owner,
                "owner_name": users.get(owner) if owner else None,
                "subject": call.row.text("Subject"),
                "call_disposition": call.row.text("CallDisposition"),
                "provider_call_id": provider_call_id(call, seeds),
                "bizible_id": call.cookie,
                "is_bizible_id_wellformed": values.is_wellformed_cookie_id(
                    call.row.raw(BIZIBLE_ID), variables.bizible_id_pattern
                ),
                "verdict": call.verdict,
                "called_at": call.called_at,
                "called_at_source": call.called_at_source,
                "task_type": call.type,
                "call_type": call.row.text("CallType"),
                "call_duration_seconds": values.number(call.row.raw("CallDurationInSeconds")),
                "who_id": call.who,
                "session_id": call.session.id if call.session else None,
                "session_started_at": call.session.started_at if call.session else None,
                "seconds_after_session_start": (seconds(call.at, call.session.started_at) if call.session else None),
                "nearest_session_id": nearest.id if nearest else None,
                "seconds_to_nearest_session": seconds(call.at, nearest.started_at) if nearest else None,
                "candidate_session_count": len(call.candidates),
                "duplicate_of_task_id": call.duplicate_of,
                "touchpoint_id": touchpoint_id,
                "channel": split_path(path)[0] if path else None,
                "channel_path": path,
                "is_deleted": call.is_deleted,
            }
        )
    return rows
