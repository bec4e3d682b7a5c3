"""R16: what campaigns and channels cost, and what a call costs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from . import values
from .channels import split_path
from .credit import conversion_rate, corporate_currency, rounded
from .crm import SYNC_TYPE, Rule, holds, object_of, offline_channel, read_rules
from .dataset import Dataset, Row, Seeds, Variables, version_time

if TYPE_CHECKING:
    from . import Answer

MATCHED = {"merged", "merged_secondary"}
SEPARATE = {"separate_unknown_bizible_id", "separate_outside_window"}
MICRO = 1_000_000
LONGEST_CAMPAIGN = 36525  # days

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Part:
    """A channel, subchannel or campaign of the spend sheet, in a month and currency."""

    month: date
    currency: str | None
    channel: str
    subchannel: str | None
    campaign: str | None  # its id, else its name

    @property
    def parent(self) -> Part | None:
        if self.campaign is not None:
            return Part(self.month, self.currency, self.channel, self.subchannel, None)
        if self.subchannel is not None:
            return Part(self.month, self.currency, self.channel, None, None)
        return None


@dataclass(frozen=True)
class Leaf:
    """A cost and the days over which it is spread."""

    source: str
    channel: str
    subchannel: str | None
    campaign_id: str | None
    campaign_name: str | None
    currency: str | None
    first_day: date
    days: int
    micro: int

    def by_day(self) -> Iterator[tuple[date, int]]:
        """R16.3: equal shares; the earliest days get the remainder."""
        for number in range(self.days):
            yield self.first_day + timedelta(days=number), self.micro // self.days + (number < self.micro % self.days)


# The spend sheet -----------------------------------------------------------------------------------------------------


def month_of(text: str | None) -> date | None:
    for pattern in ("%b-%y", "%b %Y", "%Y-%m"):
        with suppress(ValueError):
            return datetime.strptime(text or "", pattern).date()
    return None


def next_month(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def cost_of(text: str | None) -> int | None:
    """R16.1, in micros; null if it cannot be read."""
    plain = (text or "").strip().lstrip("$€").removesuffix("USD").strip()
    if not re.fullmatch(r"\d+(\.\d+)?|\d{1,3}(,\d{3})+(\.\d+)?", plain):
        return None
    return int(rounded(Fraction(plain.replace(",", "")) * MICRO, 0))


def cells_of(row: Row, cells: dict[str, Any]) -> Iterator[tuple[date, str | None]]:
    """The months of a row with their cost as written: a column each, or one row per month."""
    months = {name: month for name in cells if (month := month_of(name))}
    if not months:
        month = month_of(row.text("Month"))
        if month:
            yield month, row.text("Cost")
    for name, month in months.items():
        yield month, values.text(cells[name])


def live_cells(dataset: Dataset) -> list[tuple[Row, date, str | None]]:
    """The months of all rows that are live, oldest version first: by version time, then by place."""
    newest: dict[tuple[object, ...], tuple[tuple[datetime, bool, int], tuple[Row, date, str | None]]] = {}
    place = 0
    for path in sorted(path for path in dataset.files if path.startswith("spend/marketing_spend/")):
        for cells in dataset.files[path]:
            row = Row(cells, path)
            if row.text("Channel") is None:
                continue
            campaign = row.text("Campaign Id") or row.text("Campaign Name")
            written_at = version_time("spend/marketing_spend", row) or datetime.min
            for month, cost in cells_of(row, cells):
                place += 1
                rank = (written_at, not row.is_live(), place)
                key = (row.text("Channel"), row.text("SubChannel"), campaign, row.text("Currency"), month)
                if key not in newest or newest[key][0] < rank:
                    newest[key] = (rank, (row, month, cost))
    return [cell for _, cell in sorted(newest.values(), key=lambda found: found[0]) if cell[0].is_live()]


def entries(dataset: Dataset) -> tuple[dict[Part, int], dict[Part, tuple[str | None, str | None]]]:
    """R16.1: the newest cost of each part, and the id and name of its campaign."""
    campaigns = {row.key: row.text("Name") for row in dataset.newest("salesforce/Campaign")}
    costs: dict[Part, int] = {}
    names: dict[Part, tuple[str | None, str | None]] = {}
    for row, month, written in live_cells(dataset):
        channel, subchannel = row.text("Channel") or "", row.text("SubChannel")
        if subchannel is None and channel.find(".") > 0:
            channel, subchannel = split_path(channel)
        identifier, name = row.text("Campaign Id"), row.text("Campaign Name")
        if row.id("Campaign Id") in campaigns or (identifier or "").startswith("701"):
            identifier = row.id("Campaign Id")
            name = name or campaigns.get(identifier or "")
        currency = (row.text("Currency") or "").upper() or corporate_currency(dataset)
        part = Part(month, currency, channel, subchannel, identifier or name)
        costs[part] = cost_of(written) or 0
        names[part] = (identifier, name)
    return {part: cost for part, cost in costs.items() if cost}, names


def levels(costs: dict[Part, int]) -> Iterator[tuple[Part, int | None, int | None]]:
    """R16.2: every part with its own entry and the sum of its children's totals, each null without any."""
    children: dict[Part, list[Part]] = {}
    for part in costs:
        while part.parent and part not in children.setdefault(part.parent, []):
            children[part.parent].append(part)
            part = part.parent

    def total(part: Part) -> int:
        return max(costs.get(part, 0), sum(map(total, children.get(part, ()))))

    for part in costs.keys() | children.keys():
        below = children.get(part)
        yield part, costs.get(part), sum(map(total, below)) if below else None


def spend_leaves(dataset: Dataset) -> Iterator[Leaf]:
    costs, names = entries(dataset)
    for part, own, below in levels(costs):
        subchannel, (identifier, name) = part.subchannel, names.get(part, (None, None))
        if part.campaign is None:
            identifier = name = None
        if below is not None:
            if own is None or own <= below:
                continue
            own -= below
            if part.subchannel is None:
                subchannel = "Other"
            else:
                name = "Other"
        days = (next_month(part.month) - part.month).days
        yield Leaf("spend", part.channel, subchannel, identifier, name, part.currency, part.month, days, own or 0)


# Campaigns of the CRM and ad platforms --------------------------------------------------------------------------------


def is_synced(row: Row, rules: list[Rule]) -> bool:
    """A rule matches when conditions on members count as true; without rules, the picklist includes members."""
    if not rules:
        return (row.text(SYNC_TYPE) or "").lower().startswith("include")

    def may_hold(condition: dict[str, str]) -> bool:
        field = condition["field"]
        return object_of(field) != "Campaign" or holds(condition, row.text(field.split(".", 1)[1]))

    return any(all(map(may_hold, box)) for rule in rules for box in rule.boxes)


def campaign_leaves(dataset: Dataset, seeds: Seeds) -> Iterator[Leaf]:
    """R16.4"""
    rules = read_rules(seeds.campaign_rules)
    for row in dataset.live("salesforce/Campaign"):
        cost = values.number(row.raw("ActualCost"))
        first, last = values.day(row.raw("StartDate")), values.day(row.raw("EndDate"))
        if is_synced(row, rules) and cost and cost > 0 and first and last and first <= last:
            channel, subchannel = split_path(offline_channel(row.text("Type"), seeds))
            currency = (row.text("CurrencyIsoCode") or "").upper() or corporate_currency(dataset)
            micro, days = int(rounded(Fraction(cost) * MICRO, 0)), (last - first).days + 1
            yield Leaf("crm_campaign", channel, subchannel, row.key, row.text("Name"), currency, first, days, micro)


def ad_leaves(dataset: Dataset) -> Iterator[Leaf]:
    """R16.5"""
    for row in dataset.live("spend/ad_costs"):
        is_own = (row.text("AD_PROVIDER") or "").lower() == "selfreported"
        day, micro = values.day(row.raw("COST_DATE")), values.number(row.raw("COST_IN_MICRO"))
        if micro is None or day is None or not row.flag(f"{'CHANNEL' if is_own else 'CAMPAIGN'}_IS_AGGREGATABLE_COST"):
            continue
        channel, subchannel = split_path(row.text("CHANNEL_NAME") or "Other")
        currency = (row.text("ISO_CURRENCY_CODE") or "").upper() or corporate_currency(dataset)
        campaign = row.text("CAMPAIGN_UNIQUE_ID"), row.text("CAMPAIGN_NAME")
        yield Leaf("ads", channel, subchannel, *campaign, currency, day, 1, int(rounded(Fraction(micro), 0)))


# Marts ---------------------------------------------------------------------------------------------------------------


def rate_on(dataset: Dataset, currency: str | None, day: date, variables: Variables) -> Decimal | None:
    """R16.6, as for amounts."""
    dated, currencies = dataset.live("salesforce/DatedConversionRate"), dataset.live("salesforce/CurrencyType")
    corporate = corporate_currency(dataset)
    if (not dated and not currencies and corporate is None) or (corporate is not None and currency == corporate):
        return Decimal(1)
    rate = conversion_rate(currency, day, [] if variables.conversion_rates == "flat" else dated, currencies)
    return rate if rate and rate > 0 else None


def days_of(answer: Answer) -> Rows:
    """R16.7: one row per leaf and day."""
    dataset = answer.dataset
    months = {(names[0], part.month) for part, names in entries_with_campaigns(dataset)}
    rows = []
    campaigns = (leaf for leaf in campaign_leaves(dataset, answer.seeds) if leaf.days <= LONGEST_CAMPAIGN)
    for leaf in (*spend_leaves(dataset), *campaigns, *ad_leaves(dataset)):
        for day, micro in leaf.by_day():
            if leaf.source == "crm_campaign" and (leaf.campaign_id, day.replace(day=1)) in months:
                continue
            rate = rate_on(dataset, leaf.currency, day, answer.variables)
            rows.append(
                {
                    "cost_source": leaf.source,
                    "cost_date": day,
                    "channel": leaf.channel,
                    "subchannel": leaf.subchannel,
                    "channel_path": leaf.channel + (f".{leaf.subchannel}" if leaf.subchannel else ""),
                    "campaign_id": leaf.campaign_id,
                    "campaign_name": leaf.campaign_name,
                    "currency_code": leaf.currency,
                    "cost_micro": micro,
                    "cost": rounded(Fraction(micro) / Fraction(rate) / MICRO, 6) if rate else None,
                }
            )
    return rows


def entries_with_campaigns(dataset: Dataset) -> Iterator[tuple[Part, tuple[str | None, str | None]]]:
    costs, names = entries(dataset)
    for part in costs:
        if names[part][0]:
            yield part, names[part]


NAMES = ("cost_source", "cost_date", "channel", "subchannel", "channel_path", "campaign_id", "campaign_name")


def fct_costs(answers: list[Answer]) -> Rows:
    """The leaves of one name and day together, because the key of a leaf is not part of the rules."""
    totals: dict[tuple[Any, ...], dict[str, Any]] = {}
    for answer in answers:
        for row in days_of(answer):
            key = {name: row[name] for name in (*NAMES, "currency_code")}
            total = totals.setdefault(tuple(key.values()), key | {"leaves": 0, "cost_micro": 0, "cost": None})
            total["leaves"] += 1
            total["cost_micro"] += row["cost_micro"]
            if row["cost"] is not None:
                total["cost"] = (total["cost"] or Decimal(0)) + row["cost"]
    return list(totals.values())


def rpt_spend_problems(answers: list[Answer]) -> Rows:
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}

    def add(problem: str, month: date, part: dict[str, Any], amount: int, children: int | None) -> None:
        key = {"problem": problem, "month": month} | part
        row = rows.setdefault(tuple(key.values()), key | {"amount": Decimal(0), "children_amount": None})
        row["amount"] += Decimal(amount) / MICRO
        if children is not None:
            row["children_amount"] = Decimal(children) / MICRO

    for answer in answers:
        for part, own, below in levels(entries(answer.dataset)[0]):
            if own is not None and below is not None and own < below:
                names = {"channel": part.channel, "subchannel": part.subchannel, "campaign_id": None}
                names |= {"campaign_name": None, "currency_code": part.currency}
                add("below_children", part.month, names, own, below)
        for leaf in campaign_leaves(answer.dataset, answer.seeds):
            if leaf.days > LONGEST_CAMPAIGN:
                names = {"channel": leaf.channel, "subchannel": leaf.subchannel, "campaign_id": leaf.campaign_id}
                names |= {"campaign_name": leaf.campaign_name, "currency_code": leaf.currency}
                add("too_many_days", leaf.first_day.replace(day=1), names, leaf.micro, None)
        for row in days_of(answer):
            if row["cost"] is None:
                wanted = ("channel", "subchannel", "campaign_id", "campaign_name", "currency_code")
                names = {name: row[name] for name in wanted}
                add("no_rate", row["cost_date"].replace(day=1), names, row["cost_micro"], None)
    return list(rows.values())


def ratio(a: Fraction, b: Fraction, decimals: int) -> Decimal | None:
    return rounded(a / b, decimals) if b else None


def rpt_cost_per_call(answers: list[Answer]) -> Rows:
    """R16.9"""
    totals: dict[tuple[Any, ...], dict[str, Any]] = {}

    def of_levels(month: date, channel: str, subchannel: str | None, campaign: str) -> Iterator[dict[str, Any]]:
        for level in ("channel", "subchannel", "campaign"):
            key = {"month": month, "level": level, "channel": channel}
            key["subchannel"] = None if level == "channel" else subchannel
            key["campaign_name"] = campaign if level == "campaign" else None
            counts = dict.fromkeys(("calls", "calls_merged", "calls_merged_secondary", "calls_separate"), 0)
            yield totals.setdefault(tuple(key.values()), key | counts | {"cost": Fraction(0)})

    for answer in answers:
        touches = {touch["touchpoint_id"]: touch for touch in answer.core()["fct_touchpoints"]}
        for call in answer.core()["fct_calls"]:
            if call["verdict"] in MATCHED | SEPARATE:
                touch = touches[call["touchpoint_id"]]
                channel, subchannel = split_path(touch["channel_path"])
                month = call["called_at"].date().replace(day=1)
                for total in of_levels(month, channel, subchannel, touch["ad_campaign_name"] or "(none)"):
                    total["calls"] += 1
                    total["calls_merged"] += call["verdict"] == "merged"
                    total["calls_merged_secondary"] += call["verdict"] == "merged_secondary"
                    total["calls_separate"] += call["verdict"] in SEPARATE
        for row in days_of(answer):
            if row["cost"] is not None:
                month, name = row["cost_date"].replace(day=1), row["campaign_name"] or "(none)"
                for total in of_levels(month, row["channel"], row["subchannel"], name):
                    total["cost"] += Fraction(row["cost"])
    for total in totals.values():
        cost = total["cost"]
        total["cost"] = rounded(cost, 2)
        total["cost_per_call"] = ratio(cost, Fraction(total["calls"]), 2)
        total["cost_per_merged_call"] = ratio(cost, Fraction(total["calls_merged"]), 2)
    return list(totals.values())


SUMS = ("cost", "new_leads", "new_opportunities", "deals", "attributed_revenue")
SUMS += ("realized_attributed_revenue", "unrealized_pipeline_revenue")


def rpt_roi(answers: list[Answer]) -> Rows:
    """R16.8"""
    totals: dict[tuple[Any, ...], dict[str, Any]] = {}

    def add(measure: str, at: date | None, path: str, campaign: str | None, model: str, value: Fraction) -> None:
        if at is None or not value:
            return
        key = {"month": date(at.year, at.month, 1), "channel_path": path, "campaign_name": campaign or "(none)"}
        key |= {"model": model}
        channel, subchannel = split_path(path)
        new = key | {"channel": channel, "subchannel": subchannel} | dict.fromkeys(SUMS, Fraction(0))
        totals.setdefault(tuple(key.values()), new)[measure] += value

    for answer in answers:
        models = {row["model"] for row in answer.seeds.attribution_models}
        core = answer.core()
        touches = {touch["touchpoint_id"]: touch for touch in core["fct_touchpoints"]}
        for row in days_of(answer):
            cost = Fraction(row["cost"] or 0)
            for model in models:
                add("cost", row["cost_date"], row["channel_path"], row["campaign_name"], model, cost)
        for row in core["fct_buyer_touchpoints"]:
            touch, at = (
                touches[row["touchpoint_id"]],
                answer.people.records[row["contact_id"] or row["lead_id"]].created_at,
            )
            for model in models:
                count = row[f"{model}_count" if model in ("first_touch", "lead_creation") else "u_shaped_count"]
                add("new_leads", at, touch["channel_path"], touch["ad_campaign_name"], model, Fraction(count))
        opportunities = {row["opportunity_id"]: row for row in core["fct_opportunities"]}
        for row in core["fct_attribution_credit"]:
            touch, deal = touches[row["touchpoint_id"]], opportunities[row["opportunity_id"]]
            place = touch["channel_path"], touch["ad_campaign_name"], row["model"]
            share, revenue = Fraction(row["percentage"]) / 100, Fraction(row["revenue"] or 0)
            add("new_opportunities", deal["created_at"], *place, share)
            if deal["is_won"]:
                add("deals", deal["close_date"], *place, share)
                add("attributed_revenue", deal["close_date"], *place, revenue)
                add("realized_attributed_revenue", touch["touchpoint_date"], *place, revenue)
            if not deal["is_closed"]:
                add("unrealized_pipeline_revenue", touch["touchpoint_date"], *place, revenue)
    return [with_ratios(total) for total in totals.values() if any(total[name] for name in SUMS)]


def with_ratios(total: dict[str, Any]) -> dict[str, Any]:
    cost = total["cost"]
    ratios = {
        "simple_roi": ratio(total["attributed_revenue"], cost, 6),
        "realized_roi": ratio(total["realized_attributed_revenue"], cost, 6),
        "cost_per_new_lead": ratio(cost, total["new_leads"], 2),
        "cost_per_new_opportunity": ratio(cost, total["new_opportunities"], 2),
        "cost_per_deal": ratio(cost, total["deals"], 2),
    }
    counts = ("new_leads", "new_opportunities", "deals")
    return total | {name: rounded(total[name], 6 if name in counts else 2) for name in SUMS} | ratios
