"""People and the positions of their touches: R5, R6 and the Lead stages of R7.4."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from .dataset import BIZIBLE_ID, Dataset, Row, Seeds
from .touchpoints import Touch, Touched

KINDS = ["form", "chat", "call", "mapping", "crm"]


@dataclass
class Record:
    """A live Lead or Contact that has rows of its own (R5.2)."""

    id: str
    object: str
    account: str | None
    created_at: datetime | None
    own_email: str | None
    emails: set[str]
    cookies: set[str]
    lead_ids: list[str] = field(default_factory=list)
    touches: list[Touch] = field(default_factory=list)

    @property
    def email(self) -> str | None:
        """The record's own address, else the smallest of its Leads'."""
        return self.own_email or min(self.emails, default=None)


@dataclass
class Evidence:
    """Why a cookie is known to belong to an address (R5.1)."""

    kind: str
    at: datetime | None

    @property
    def order(self) -> tuple[bool, datetime, int]:
        return (self.at is None, self.at or datetime.min, KINDS.index(self.kind))


@dataclass
class People:
    records: dict[str, Record]
    record_of: dict[str, str]  # Lead or Contact id -> id of the record that represents it
    evidence: dict[tuple[str, str], list[Evidence]]  # (address, cookie)
    touches: dict[str, list[Touch]]  # address -> its touches in order


def read_records(dataset: Dataset) -> tuple[dict[str, Record], dict[str, str]]:
    """R5.2: every live Lead and Contact; a converted Lead becomes part of its Contact."""
    records: dict[str, Record] = {}
    record_of: dict[str, str] = {}
    for row in dataset.live("salesforce/Contact"):
        record = new_record(row, "Contact")
        records[record.id] = record
        record_of[record.id] = record.id
    for row in dataset.live("salesforce/Lead"):
        lead = new_record(row, "Lead")
        contact = records.get(row.id("ConvertedContactId") or "")
        if contact is None or contact.object != "Contact":
            records[lead.id] = lead
            record_of[lead.id] = lead.id
            lead.lead_ids.append(lead.id)
            continue
        record_of[lead.id] = contact.id
        contact.lead_ids.append(lead.id)
        contact.emails |= lead.emails
        contact.cookies |= lead.cookies
        created = [at for at in (contact.created_at, lead.created_at) if at is not None]
        contact.created_at = min(created, default=None)
    return records, record_of


def new_record(row: Row, name: str) -> Record:
    own_email = row.email("Email")
    cookie = row.cookie(BIZIBLE_ID)
    return Record(
        id=row.key,
        object=name,
        account=row.id("AccountId") if name == "Contact" else None,
        created_at=row.time("CreatedDate"),
        own_email=own_email,
        emails={own_email} if own_email else set(),
        cookies={cookie} if cookie else set(),
    )


def build_people(dataset: Dataset, touched: Touched, call_tracking: bool) -> People:
    records, record_of = read_records(dataset)
    people = People(records, record_of, {}, {})

    def know(email: str | None, cookie: str | None, kind: str, at: datetime | None) -> None:
        if email is not None and cookie is not None:
            people.evidence.setdefault((email, cookie), []).append(Evidence(kind, at))

    # R5.1: forms and chats, the mapping table, the BizibleId on a Lead or Contact, tracked calls.
    for form in touched.forms:
        know(form.email, form.known_cookie, "chat" if form.is_chat else "form", form.at)
    for row in dataset.live("web/email_to_visitor_ids"):
        visitor = row.cookie("VISITOR_ID")
        if visitor is None:
            continue
        cookies = {visitor} | {s.cookie for s in touched.sessions if s.visitor == visitor and s.cookie}
        for cookie in cookies:
            know(row.email("EMAIL"), cookie, "mapping", row.time("CREATED_DATE"))
    for record in records.values():
        for cookie in record.cookies:
            for email in record.emails:
                know(email, cookie, "crm", record.created_at)
    if call_tracking:
        for call in touched.calls:
            if call.stands:
                for email in named_emails(people, call.who):
                    know(email, call.cookie, "call", call.called_at)

    assign_touches(people, touched)
    return people


def named_emails(people: People, who: str | None) -> set[str]:
    """The addresses of the live Lead or Contact that a Task names; a converted Lead names its Contact (R5.2)."""
    record = people.records.get(people.record_of.get(who or "", ""))
    return record.emails if record else set()


def assign_touches(people: People, touched: Touched) -> None:
    """R5.3: all sessions of all cookies of a person; a separate call goes to whom it names, else to its cookie's."""
    emails_of_cookie: dict[str, set[str]] = {}
    for email, cookie in people.evidence:
        emails_of_cookie.setdefault(cookie, set()).add(email)
    for touch in touched.touches:
        emails = emails_of_cookie.get(touch.cookie or "", set())
        if touch.session is None and touch.call is not None:
            emails = named_emails(people, touch.call.who) or emails
        for email in emails:
            people.touches.setdefault(email, []).append(touch)
    for record in people.records.values():
        by_id = {touch.id: touch for email in record.emails for touch in people.touches.get(email, [])}
        record.touches = sorted(by_id.values(), key=lambda touch: touch.order)


def known_by(people: People, email: str, touch: Touch) -> str:
    """The earliest evidence that the touch's cookie is the person's."""
    return min(people.evidence[email, touch.cookie or ""], key=lambda evidence: evidence.order).kind


def fct_person_touchpoints(people: People) -> list[dict[str, Any]]:
    return [
        {
            "email": email,
            "touchpoint_id": touch.id,
            "touchpoint_date": touch.at,
            "is_conversion": touch.is_conversion,
            "known_by": known_by(people, email, touch),
        }
        for email, touches in people.touches.items()
        for touch in touches
    ]


# Positions of a record's touches ------------------------------------------------------------------------------------


def first_touch(touches: list[Touch]) -> Touch | None:
    return touches[0] if touches else None


def last_touch_by(touches: list[Touch], moment: datetime | None) -> Touch | None:
    """The last touch at or before a moment."""
    if moment is None:
        return None
    earlier = [touch for touch in touches if touch.at <= moment]
    return earlier[-1] if earlier else None


def lead_creation_touch(record: Record) -> Touch | None:
    """R6.1: the earliest conversion; without any, the last touch at or before the record's creation."""
    for touch in record.touches:
        if touch.is_conversion:
            return touch
    return last_touch_by(record.touches, record.created_at)


@dataclass(frozen=True)
class Transition:
    """A stage and the moment that decides its touch."""

    stage: str
    at: datetime


def stage_names(seeds: Seeds, name: str) -> list[str]:
    """R7.4: the stages of an object that take part, in their order."""
    rows = sorted((row for row in seeds.stages if row["object"] == name), key=lambda row: int(row["stage_order"]))
    return [row["stage"] for row in rows]


def with_jumped_stages(stages: list[str], entered: dict[str, datetime]) -> list[Transition]:
    """R7.4: a stage that was jumped over goes to the touch of the next stage that was entered."""
    transitions = []
    for position, stage in enumerate(stages):
        for candidate in stages[position:]:
            if candidate in entered:
                transitions.append(Transition(stage, entered[candidate]))
                break
    return transitions


def lead_transitions(dataset: Dataset, seeds: Seeds) -> dict[str, list[Transition]]:
    """R7.4: for each Lead, the last row of LeadHistory that enters each stage."""
    stages = stage_names(seeds, "Lead")
    entered: dict[str, dict[str, datetime]] = {}
    rows = [row for row in dataset.live("salesforce/LeadHistory") if row.text("Field") == "Status"]
    for row in sorted(rows, key=lambda row: (row.time("CreatedDate") or datetime.min, row.key)):
        stage, at, lead = row.text("NewValue"), row.time("CreatedDate"), row.id("LeadId")
        if stage in stages and at is not None and lead is not None:
            entered.setdefault(lead, {})[stage] = at
    return {lead: with_jumped_stages(stages, times) for lead, times in entered.items()}


def record_transitions(record: Record, transitions: dict[str, list[Transition]]) -> list[Transition]:
    """The Lead stages of a record: its own, or those of the Leads that became it; the last one of each stage."""
    last: dict[str, Transition] = {}
    for lead in record.lead_ids:
        for transition in transitions.get(lead, []):
            if transition.stage not in last or transition.at > last[transition.stage].at:
                last[transition.stage] = transition
    return list(last.values())


def fct_buyer_touchpoints(people: People, dataset: Dataset, seeds: Seeds) -> list[dict[str, Any]]:
    stages = stage_names(seeds, "Lead")
    transitions = lead_transitions(dataset, seeds)
    rows = []
    for record in people.records.values():
        first = first_touch(record.touches)
        creation = lead_creation_touch(record)
        stages_of_touch: dict[str, list[str]] = {}
        for transition in record_transitions(record, transitions):
            touch = last_touch_by(record.touches, transition.at)
            if touch is not None:
                stages_of_touch.setdefault(touch.id, []).append(transition.stage)
        for touch in record.touches:
            is_first = touch is first
            is_creation = touch is creation
            is_post = touch.is_conversion and creation is not None and touch.order > creation.order
            held = [stage for stage in stages if stage in stages_of_touch.get(touch.id, [])]
            if not (is_first or is_creation or is_post or held):
                continue
            printed = (
                ["FT"] * is_first + ["LC"] * is_creation + held + ["PostLC"] * is_post + ["Form"] * touch.is_conversion
            )
            rows.append(
                {
                    "touchpoint_id": touch.id,
                    "email": record.email,
                    "lead_id": record.id if record.object == "Lead" else None,
                    "contact_id": record.id if record.object == "Contact" else None,
                    "account_id": record.account,
                    "touchpoint_position": ", ".join(printed),
                    "is_first_touch": is_first,
                    "is_lead_creation_touch": is_creation,
                    "is_post_lead_creation_touch": is_post,
                    "is_form_touch": touch.is_conversion,
                    "first_touch_count": Decimal(int(is_first)),
                    "lead_creation_count": Decimal(int(is_creation)),
                    "u_shaped_count": u_shaped_count(is_first, is_creation, creation is not None),
                }
            )
    return rows


def u_shaped_count(is_first: bool, is_creation: bool, has_creation: bool) -> Decimal:
    """R6.3: a half on FT and on LC, one on a touch that holds both and on FT where there is no LC."""
    if is_first and (is_creation or not has_creation):
        return Decimal(1)
    return Decimal("0.5") if is_first or is_creation else Decimal(0)
