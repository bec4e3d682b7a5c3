"""Opportunities, their touches and the credit: R7 and R8."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from . import values
from .dataset import WIDE_MODELS, Dataset, Row, Seeds, Variables
from .people import (
    People,
    Record,
    current_entries,
    last_touch_by,
    lead_creation_touch,
    lead_entries,
    leads_are_tracked,
    nearest_later,
    stage_names,
)
from .touchpoints import Touch

MILESTONES = ("FT", "LC", "OC", "Closed")
PERCENT_UNITS = 10**12


@dataclass
class Opportunity:
    id: str
    account: str | None
    created_at: datetime | None
    close_date: date | None
    is_closed: bool
    is_won: bool
    amount: Decimal | None
    contacts: list[Record]
    row: Row
    stage: str | None = None
    currency: str | None = None
    amount_source: str | None = None
    misses_rate: bool = False
    touches: list[Touch] = field(default_factory=list)
    positions: dict[str, list[str]] = field(default_factory=dict)  # touchpoint id -> what the touch holds
    opportunity_stages: list[str] = field(default_factory=list)
    lead_stages: list[str] = field(default_factory=list)


def read_opportunities(dataset: Dataset, people: People, variables: Variables) -> list[Opportunity]:
    opportunities = []
    for row in dataset.live("salesforce/Opportunity"):
        source_amount, amount_source = read_amount(row, variables)
        amount, misses_rate = corporate_amount(dataset, row, source_amount, variables)
        opportunities.append(
            Opportunity(
                id=row.key,
                account=row.id("AccountId"),
                created_at=row.time("CreatedDate"),
                close_date=values.day(row.raw("CloseDate")),
                is_closed=row.flag("IsClosed") or row.flag("IsWon"),
                is_won=row.flag("IsWon"),
                amount=amount,
                contacts=contacts_of(dataset, row, people, variables),
                row=row,
                stage=row.text("StageName"),
                currency=row.text("CurrencyIsoCode") or corporate_currency(dataset),
                amount_source=amount_source,
                misses_rate=misses_rate,
            )
        )
    return opportunities


def contacts_of(dataset: Dataset, opportunity: Row, people: People, variables: Variables) -> list[Record]:
    """R7.1: the contacts whose touches count."""
    contacts = [record for record in people.records.values() if record.object == "Contact"]
    if variables.attribution_mapping == "account":
        account = opportunity.id("AccountId")
        return [contact for contact in contacts if account is not None and contact.account == account]
    named = set()
    for role in dataset.live("salesforce/OpportunityContactRole"):
        is_meant = variables.attribution_mapping == "contact_role" or role.flag("IsPrimary")
        if role.id("OpportunityId") == opportunity.id("Id") and is_meant:
            named.add(role.id("ContactId"))
    return [contact for contact in contacts if contact.id in named]


def read_amount(row: Row, variables: Variables) -> tuple[Decimal | None, str | None]:
    """R17.1: the first field that is a number, and its name."""
    for field_name in variables.opportunity_amount_fields:
        amount = values.number(row.raw(field_name))
        if amount is not None:
            return amount, field_name
    return None, None


def corporate_currency(dataset: Dataset) -> str | None:
    """R17.3; a landing folder of several datasets has one corporate currency."""
    found = [row.text("IsoCode") for row in dataset.live("salesforce/CurrencyType") if row.flag("IsCorporate")]
    return dataset.corporate_currency or min((code for code in found if code), default=None)


def corporate_amount(
    dataset: Dataset, row: Row, amount: Decimal | None, variables: Variables
) -> tuple[Decimal | None, bool]:
    """R8.5, R8.3: the amount in the corporate currency, rounded half up to cents; and whether a rate is missing."""
    dated = dataset.live("salesforce/DatedConversionRate")
    currencies = dataset.live("salesforce/CurrencyType")
    if amount is None:
        return None, False
    if not dated and not currencies and dataset.corporate_currency is None:
        return cents(Fraction(amount)), False
    corporate = corporate_currency(dataset)
    currency = row.text("CurrencyIsoCode") or corporate
    if currency is not None and currency == corporate:
        return cents(Fraction(amount)), False
    if variables.conversion_rates == "flat":
        dated = []
    rate = conversion_rate(currency, values.day(row.raw("CloseDate")), dated, currencies)
    if not rate:
        return None, True
    return cents(Fraction(amount) / Fraction(rate)), False


def conversion_rate(currency: str | None, on: date | None, dated: list[Row], currencies: list[Row]) -> Decimal | None:
    """R8.5: start inclusive, next start exclusive; without dated rates, CurrencyType's."""
    of_currency = [row for row in dated if row.text("IsoCode") == currency]
    if of_currency:
        for row in of_currency:
            start, end = values.day(row.raw("StartDate")), values.day(row.raw("NextStartDate"))
            if on is not None and start is not None and start <= on and (end is None or on < end):
                return values.number(row.raw("ConversionRate"))
        return None
    for row in currencies:
        if row.text("IsoCode") == currency:
            return values.number(row.raw("ConversionRate"))
    return None


def cents(amount: Fraction) -> Decimal:
    """R8.3: rounded half up to cents, a negative amount by its absolute value."""
    return rounded(amount, 2)


def rounded(number: Fraction, decimals: int) -> Decimal:
    """Rounded half up by absolute value."""
    whole = abs(number) * 10**decimals + Fraction(1, 2)
    value = Decimal(whole.numerator // whole.denominator) / 10**decimals
    return -value if number < 0 else value


# Positions ----------------------------------------------------------------------------------------------------------


def counts(touch: Touch, opportunity: Opportunity) -> bool:
    """R7.1, R7.2: not after the close; a touch on the day of the close counts."""
    if not opportunity.is_closed or opportunity.close_date is None:
        return True
    return touch.at.date() <= opportunity.close_date


def place(opportunity: Opportunity, dataset: Dataset, variables: Variables, seeds: Seeds) -> None:
    """R7.2 and R7.4: what every counted touch of the opportunity holds."""
    by_id = {t.id: t for contact in opportunity.contacts for t in contact.touches if counts(t, opportunity)}
    opportunity.touches = touches = sorted(by_id.values(), key=lambda touch: touch.order)
    opportunity.lead_stages = stage_names(seeds, "Lead")
    opportunity.opportunity_stages = stage_names(seeds, "Opportunity")
    if not touches:
        return

    def give(position: str, touch: Touch | None) -> None:
        if touch is not None:
            opportunity.positions.setdefault(touch.id, []).append(position)

    give("FT", touches[0])
    creations = [lead_creation_touch(contact) for contact in opportunity.contacts]
    counted = [touch for touch in creations if touch is not None and touch.id in by_id]
    give("LC", min(counted, key=lambda touch: touch.order, default=None))
    creation = last_touch_by(touches, opportunity.created_at)
    give("OC", creation)
    give("Closed", touches[-1])

    may_skip = variables.skipped_stages == "milestones"
    if leads_are_tracked(dataset):
        entered = entered_lead_stages(opportunity, dataset)
        for stage in opportunity.lead_stages:
            goes_with = nearest_later(opportunity.lead_stages, stage, entered)
            give(stage, entered[goes_with] if goes_with else creation if may_skip else None)
    if opportunities_are_tracked(dataset):
        entered = entered_opportunity_stages(opportunity, dataset)
        closed = touches[-1] if opportunity.is_closed and opportunity.is_won and may_skip else None
        for stage in opportunity.opportunity_stages:
            goes_with = nearest_later(opportunity.opportunity_stages, stage, entered)
            give(stage, entered[goes_with] if goes_with else closed)


def opportunities_are_tracked(dataset: Dataset) -> bool:
    return dataset.tracks_opportunity_stage or bool(dataset.live("salesforce/OpportunityHistory"))


def entered_lead_stages(opportunity: Opportunity, dataset: Dataset) -> dict[str, Touch | None]:
    """R7.4 (3): the Lead stages that were current at the opportunity's creation, each with its touch if it has one.

    Of several Leads, the latest entry that has a touch counts, then the smallest record id.
    """
    if opportunity.created_at is None:
        return {}
    found: dict[str, list[tuple[datetime, Touch | None]]] = {}
    for contact in sorted(opportunity.contacts, key=lambda contact: contact.id):
        touches = [touch for touch in contact.touches if counts(touch, opportunity)]
        for entry in lead_entries(contact, opportunity.lead_stages, dataset, opportunity.created_at):
            found.setdefault(entry.stage, []).append((entry.at, last_touch_by(touches, entry.at)))
    entered: dict[str, Touch | None] = {}
    for stage, entries in found.items():
        with_touch = [entry for entry in entries if entry[1] is not None]
        # The first of equal entries: contacts come in order of their ids.
        entered[stage] = max(with_touch, key=lambda entry: entry[0])[1] if with_touch else None
    return entered


def entered_opportunity_stages(opportunity: Opportunity, dataset: Dataset) -> dict[str, Touch | None]:
    """R7.4 (1) to (3): the current entries of an opportunity, each with the last counted touch by then."""
    rows = [r for r in dataset.live("salesforce/OpportunityHistory") if r.id("OpportunityId") == opportunity.id]
    timed = [(at, row.key, row.text("StageName")) for row in rows if (at := row.time("CreatedDate")) is not None]
    values: list[tuple[datetime | None, str | None]] = [
        (at, stage) for at, _, stage in sorted(timed, key=lambda t: t[:2])
    ]
    entries = current_entries(opportunity.opportunity_stages, values or [(opportunity.created_at, opportunity.stage)])
    return {stage: last_touch_by(opportunity.touches, entry.at) for stage, entry in entries.items()}


def contact_of(touch: Touch, opportunity: Opportunity, people: People) -> str:
    """R7.2: whom Task, Event or member names, else the one whose address the form gave, else the smallest id."""
    sharing = sorted(contact.id for contact in opportunity.contacts if touch in contact.touches)
    if touch.call is not None:
        named = people.record_of.get(touch.call.who or "")
        if named in sharing:
            return named
    if touch.crm is not None and touch.crm.owner in sharing:
        return touch.crm.owner
    if touch.form is not None:
        for contact in sharing:
            if touch.form.email in people.records[contact].emails:
                return contact
    return sharing[0]


# Credit -------------------------------------------------------------------------------------------------------------


def middle_range(until: str, touches: list[Touch], position_holders: dict[str, list[int]]) -> list[int]:
    """R8.1: which touches can be middle ones: between FT and LC, between FT and OC, or all up to the close."""
    if until == "Closed":
        return list(range(len(touches)))
    if until not in position_holders:
        return []
    return list(range(position_holders["FT"][0] + 1, position_holders[until][0]))


def shares(
    weights: dict[str, Decimal],
    until: str,
    touches: list[Touch],
    positions: dict[str, list[str]],
    takes_all: bool = False,
) -> list[Fraction]:
    """R8.2: the exact percentage of every touch, in touch order."""
    position_holders: dict[str, list[int]] = {}
    for index, touch in enumerate(touches):
        for position in positions.get(touch.id, []):
            position_holders.setdefault(position, []).append(index)

    credit = [Fraction(0)] * len(touches)
    weighted = {name: Fraction(weight) for name, weight in weights.items() if name != "middle" and weight > 0}
    assigned = [name for name in weighted if name in position_holders]  # (1)
    middle = Fraction(weights.get("middle", Decimal(0)))
    middle_touches = [
        index
        for index in middle_range(until, touches, position_holders)
        if middle > 0
        and (takes_all or touches[index].is_conversion)
        and not any(name in weighted for name in positions.get(touches[index].id, []))
    ]
    if not assigned:  # (2)
        for index in middle_touches or [position_holders["FT"][0]]:
            credit[index] = Fraction(100) / max(len(middle_touches), 1)
        return credit

    nominal = sum(weighted[name] for name in assigned)
    for name in assigned:  # (3)
        for index in position_holders[name]:
            credit[index] += weighted[name] * (100 - middle) / nominal
    if middle_touches:  # (4)
        for index in middle_touches:
            credit[index] += middle / len(middle_touches)
    else:
        for name in assigned:
            for index in position_holders[name]:
                credit[index] += middle / len(assigned)
    return credit


def split(total: int, parts: list[Fraction]) -> list[int]:
    """R8.3: `total` units by exact parts that add up to 100; largest remainder, ties in touch order."""
    exact = [part * total / 100 for part in parts]
    units = [value.numerator // value.denominator for value in exact]
    left = total - sum(units)
    by_remainder = sorted(range(len(parts)), key=lambda index: (units[index] - exact[index], index))
    for index in by_remainder[:left]:
        units[index] += 1
    return units


def fct_attribution_touchpoints(opportunities: list[Opportunity], people: People, seeds: Seeds) -> list[dict[str, Any]]:
    return [row for opportunity in opportunities for row in attribution_rows(opportunity, people, seeds)]


def fct_attribution_credit(opportunities: list[Opportunity], seeds: Seeds) -> list[dict[str, Any]]:
    """R8.6: a row per opportunity, touch and model with a share above zero."""
    return [row for opportunity in opportunities for row in credit_rows(opportunity, seeds)]


def credit_rows(opportunity: Opportunity, seeds: Seeds) -> list[dict[str, Any]]:
    rows = []
    touches = opportunity.touches
    for model, weights in seeds.models() if touches else ():
        exact = shares(
            weights, seeds.middle_until(model), touches, opportunity.positions, takes_all=seeds.takes_all(model)
        )
        percents = split(100 * PERCENT_UNITS, exact)
        amount = opportunity.amount
        cents_of_touch = split(int(abs(amount or 0) * 100), exact)
        for touch, share, units, whole_cents in zip(touches, exact, percents, cents_of_touch, strict=True):
            if share > 0:
                revenue = None if amount is None else Decimal(whole_cents * (-1 if amount < 0 else 1)) / 100
                rows.append(
                    {
                        "opportunity_id": opportunity.id,
                        "touchpoint_id": touch.id,
                        "model": model,
                        "percentage": Decimal(units) / PERCENT_UNITS,
                        "revenue": revenue,
                    }
                )
    return rows


COUNTED = {"merged", "merged_secondary", "separate_unknown_bizible_id", "separate_outside_window"}


def fct_opportunities(
    opportunities: list[Opportunity], dataset: Dataset, calls: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """A row per live opportunity, with the touches that count and the calls that made or joined them."""
    accounts = {row.key: row.text("Name") for row in dataset.newest("salesforce/Account")}
    users = {row.key: row.text("Name") for row in dataset.newest("salesforce/User")}
    rows = []
    for opportunity in opportunities:
        ids = {touch.id for touch in opportunity.touches}
        own = [call["called_at"] for call in calls if call["verdict"] in COUNTED and call["touchpoint_id"] in ids]
        first_call, created = min(own, default=None), opportunity.created_at
        days = None
        if first_call is not None and created is not None:
            gap = created - first_call
            days = rounded(Fraction((gap.days * 86400 + gap.seconds) * 10**6 + gap.microseconds, 86400 * 10**6), 6)
        rows.append(
            {
                "opportunity_id": opportunity.id,
                "opportunity_name": opportunity.row.text("Name"),
                "account_id": opportunity.account,
                "account_name": accounts.get(opportunity.account or ""),
                "owner_id": opportunity.row.id("OwnerId"),
                "owner_name": users.get(opportunity.row.id("OwnerId") or ""),
                "stage": opportunity.stage,
                "created_at": created,
                "close_date": opportunity.close_date,
                "is_closed": opportunity.is_closed,
                "is_won": opportunity.is_won,
                "amount": opportunity.amount,
                "amount_source": opportunity.amount_source,
                "touches": len(opportunity.touches),
                "calls": len(own),
                "first_call_at": first_call,
                "days_from_first_call_to_creation": days,
                "is_attributed": bool(opportunity.touches),
            }
        )
    return rows


def attribution_rows(opportunity: Opportunity, people: People, seeds: Seeds) -> list[dict[str, Any]]:
    touches = [t for t in opportunity.touches if t.is_conversion or t.id in opportunity.positions]
    credit = {(row["touchpoint_id"], row["model"]): row for row in credit_rows(opportunity, seeds)}
    nothing = {"percentage": Decimal(0), "revenue": None if opportunity.amount is None else Decimal(0)}
    rows = [attribution_row(touch, opportunity, people) for touch in touches]
    for touch, row in zip(touches, rows, strict=True):
        for model in WIDE_MODELS:
            share = credit.get((touch.id, model), nothing)
            row |= {f"{model}_percentage": share["percentage"], f"{model}_revenue": share["revenue"]}
    return rows


def attribution_row(touch: Touch, opportunity: Opportunity, people: People) -> dict[str, Any]:
    held = opportunity.positions.get(touch.id, [])
    last = "Closed" if opportunity.is_closed else "Pending"
    printed = (
        [name for name in ("FT", "LC") if name in held]
        + [stage for stage in opportunity.lead_stages if stage in held]
        + ["OC"] * ("OC" in held)
        + [stage for stage in opportunity.opportunity_stages if stage in held]
        + ["Form"] * touch.is_conversion
        + [last] * ("Closed" in held)
    )
    return {
        "opportunity_id": opportunity.id,
        "account_id": opportunity.account,
        "contact_id": contact_of(touch, opportunity, people),
        "touchpoint_id": touch.id,
        "touchpoint_position": ", ".join(printed),
        "is_first_touch": "FT" in held,
        "is_lead_creation_touch": "LC" in held,
        "is_opportunity_creation_touch": "OC" in held,
        "is_closed_touch": "Closed" in held and opportunity.is_closed,
        "is_pending": "Closed" in held and not opportunity.is_closed,
        "is_middle_touch": touch.is_conversion and not any(name in held for name in MILESTONES),
        "is_won": opportunity.is_won,
        "is_closed": opportunity.is_closed,
        "close_date": opportunity.close_date,
        "amount_source": opportunity.amount_source,
    }
