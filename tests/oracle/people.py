"""People and the positions of their touches: R5, R6 and the Lead stages of R7.4."""

from __future__ import annotations

from collections.abc import Iterable
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
            if call.is_counted:
                for email in named_emails(people, call.who):
                    know(email, call.cookie, "call", call.called_at)

    assign_touches(people, touched)
    return people


def named_emails(people: People, who: str | None) -> set[str]:
    """The addresses of the live Lead or Contact that a Task names; a converted Lead names its Contact (R5.2)."""
    record = people.records.get(people.record_of.get(who or "", ""))
    return record.emails if record else set()


def assign_touches(people: People, touched: Touched) -> None:
    """R5.3: all sessions of all cookies of a person. A separate call belongs to the person that it names, else to those
    of its cookie."""
    emails_of_cookie: dict[str, set[str]] = {}
    for email, cookie in people.evidence:
        emails_of_cookie.setdefault(cookie, set()).add(email)
    for touch in touched.touches:
        emails = emails_of_cookie.get(touch.cookie or "", set())
        if touch.session is None and touch.call is not None:
            emails = named_emails(people, touch.call.who) or emails
        if touch.crm is not None:
            emails = people.records[touch.crm.owner].emails
        for email in emails:
            people.touches.setdefault(email, []).append(touch)
    for record in people.records.values():
        by_id = {touch.id: touch for email in record.emails for touch in people.touches.get(email, [])}
        record.touches = sorted(by_id.values(), key=lambda touch: touch.order)


def known_by(people: People, email: str, touch: Touch) -> str:
    """The earliest evidence that the touch's cookie is the person's."""
    if touch.crm is not None:
        return "crm"
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
class Entry:
    """A Lead or opportunity enters a stage (R7.4)."""

    stage: str
    at: datetime


def stage_names(seeds: Seeds, name: str) -> list[str]:
    """R7.4: the stages of an object that take part, in their order."""
    rows = [row for row in seeds.stages if row["object"] == name]
    return [row["stage"] for row in sorted(rows, key=lambda row: (int(row["stage_order"]), row["stage"]))]


def current_entries(
    stages: list[str], values: list[tuple[datetime | None, str | None]], until: datetime | None = None
) -> dict[str, Entry]:
    """R7.4 (2): the current entries after a series of values; falling back re-opens every later stage."""
    current: dict[str, Entry] = {}
    previous = None
    for at, value in values:
        is_entry = value != previous and value in stages and at is not None
        previous = value
        if is_entry and value is not None and at is not None and (until is None or at <= until):
            for later in stages[stages.index(value) :]:
                current.pop(later, None)
            current[value] = Entry(value, at)
    return current


def leads_are_tracked(dataset: Dataset) -> bool:
    """R7.4 (1): without any row about Lead.Status, no Lead stage has a position."""
    rows = dataset.live("salesforce/LeadHistory")
    return dataset.tracks_lead_status or any(row.text("Field") == "Status" for row in rows)


def lead_values(dataset: Dataset) -> dict[str, list[tuple[datetime | None, str | None]]]:
    """R7.4 (1): every Lead's status over time; nothing if the field is not tracked."""
    if not leads_are_tracked(dataset):
        return {}
    changes: dict[str, list[tuple[datetime, str, Row]]] = {}
    for row in dataset.live("salesforce/LeadHistory"):
        if row.text("Field") != "Status":
            continue
        lead, at = row.id("LeadId"), row.time("CreatedDate")
        if lead is not None and at is not None:
            changes.setdefault(lead, []).append((at, row.key, row))
    values: dict[str, list[tuple[datetime | None, str | None]]] = {}
    for lead in dataset.live("salesforce/Lead"):
        ordered = sorted(changes.get(lead.key, []), key=lambda change: change[:2])
        first = ordered[0][2].text("OldValue") if ordered else lead.text("Status")
        values[lead.key] = [(lead.time("CreatedDate"), first)]
        values[lead.key] += [(at, row.text("NewValue")) for at, _, row in ordered]
    return values


def lead_entries(record: Record, stages: list[str], dataset: Dataset, until: datetime | None = None) -> list[Entry]:
    """The current entries of a record's Leads, at the end of their history or at a moment."""
    entries = []
    for lead, values in lead_values(dataset).items():
        if lead in record.lead_ids:
            entries += current_entries(stages, values, until).values()
    return entries


def nearest_later(stages: list[str], stage: str, entered: Iterable[str]) -> str | None:
    """R7.4 (4): the stage itself if it was entered, else the nearest later one that was."""
    return next((later for later in stages[stages.index(stage) :] if later in entered), None)


def record_stages(record: Record, dataset: Dataset, seeds: Seeds) -> dict[str, Touch]:
    """R7.4 on a record's own rows: the touch of every Lead stage that has one."""
    stages = stage_names(seeds, "Lead")
    entered: dict[str, datetime] = {}
    for entry in lead_entries(record, stages, dataset):
        entered[entry.stage] = max(entry.at, entered.get(entry.stage, entry.at))
    touches = {}
    for stage in stages:
        goes_with = nearest_later(stages, stage, entered)
        touch = last_touch_by(record.touches, entered[goes_with]) if goes_with else None
        if touch is not None:
            touches[stage] = touch
    return touches


def fct_buyer_touchpoints(people: People, dataset: Dataset, seeds: Seeds) -> list[dict[str, Any]]:
    stages = stage_names(seeds, "Lead")
    rows = []
    for record in people.records.values():
        first = first_touch(record.touches)
        creation = lead_creation_touch(record)
        stages_of_touch: dict[str, list[str]] = {}
        for stage, touch in record_stages(record, dataset, seeds).items():
            stages_of_touch.setdefault(touch.id, []).append(stage)
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
    """R6.3: 0.5 on FT and on LC; 1 on a touch that holds both, and on FT if there is no LC."""
    if is_first and (is_creation or not has_creation):
        return Decimal(1)
    return Decimal("0.5") if is_first or is_creation else Decimal(0)
