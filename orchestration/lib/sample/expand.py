"""The journeys as template tables (t_*), which dataset.sql multiplies to a dataset of any size."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import duckdb

from orchestration.lib.sample.arrivals import ARRIVAL_NUMBERS, ARRIVALS
from orchestration.lib.sample.credit import MODELS, held, percentages, shares
from orchestration.lib.sample.journey import ANY, Call, Journey, offset
from orchestration.lib.sample.library import JOURNEYS

Row = dict[str, Any]

COOKIES = {"a": 0, "b": 1, "app": 9}
TOUCHPOINT_DATE = "bizible2__Bizible_Touchpoint_Date__c"

# The template columns that hold whole numbers and flags, beside those whose names end or begin so.
INTEGERS = frozenset(
    {"k", "copies", "closes", "denominator", "journey", "number", "numerator", "per_million", "person", "touch_order"}
    | {"version", "versions", "windows"}
)
FLAGS = frozenset({"deleted", "ignored", "late"})


def _type(column: str) -> str:
    """The type of a template column, by its name."""
    if column == "u_shaped_count":
        return "DECIMAL(9, 1)"
    if column.endswith("_percentage"):
        return "DECIMAL(18, 12)"
    if column.startswith(("is_", "has_", "holds_")) or column in FLAGS:
        return "BOOLEAN"
    return "BIGINT" if column.endswith(("_us", "_k", "_no")) or column in INTEGERS else "VARCHAR"


def create_templates(con: duckdb.DuckDBPyConnection) -> None:
    """Creates the template tables of all journeys and the table of arrivals."""
    tables: dict[str, list[Row]] = {}
    for number, journey in enumerate(JOURNEYS):
        for table, row in _Expansion(journey).rows():
            tables.setdefault(table, []).append({"journey": number, **row})
    for table, rows in tables.items():
        _create(con, f"t_{table}", rows)
    _create(con, "arrival", list(_arrivals()))


def _arrivals() -> Iterator[Row]:
    for number, arrival in enumerate(ARRIVALS):
        parameters = parse_qs(arrival.query or "")
        query = arrival.query or ""
        yield {
            "arrival_no": number,
            "channel_path": arrival.channel_path,
            "source": arrival.source,
            "medium": arrival.medium,
            "query": arrival.query,
            "click_id": arrival.click_id,
            "referrer": arrival.referrer,
            "referrer_name": arrival.referrer_name,
            "web_source": arrival.web_source,
            "ad_provider": arrival.ad_provider,
            "has_ad": arrival.ad_columns,
            "has_utm": arrival.utm_columns and "utm_source" in parameters,
            "utm_source": parameters.get("utm_source", [None])[0],
            "utm_medium": parameters.get("utm_medium", [None])[0],
            "has_campaign": "{campaign}" in query,
            "has_keyword": "{term}" in query,
        }


class _Expansion:
    """One journey's rows: names become numbers, and times become microseconds after the journey's beginning."""

    def __init__(self, journey: Journey) -> None:
        self.journey = journey
        self.starts = journey.starts()
        self.visits = {visit.name: (k, visit) for k, visit in enumerate(journey.visits)}
        self.forms = {form.name: form for form in journey.forms}
        self.calls = {call.name: (k, call) for k, call in enumerate(journey.calls)}
        self.leads = {lead.name: k for k, lead in enumerate(journey.leads)}
        self.contacts = {contact.name: k for k, contact in enumerate(journey.contacts)}
        self.opportunities = {opportunity.name: k for k, opportunity in enumerate(journey.opportunities)}
        accounts = [record.account for record in (*journey.contacts, *journey.opportunities) if record.account]
        self.accounts = {name: k for k, name in enumerate(dict.fromkeys(accounts))}
        self.people = {"p": 0, "q": 1}

    def rows(self) -> Iterator[tuple[str, Row]]:
        yield "journey", {"name": self.journey.name, "per_million": self.journey.per_million}
        yield from self._web()
        yield from self._calls()
        yield from self._records()
        yield from self._expected()

    def _web(self) -> Iterator[tuple[str, Row]]:
        for k, visit in self.visits.values():
            yield (
                "visit",
                {
                    "k": k,
                    "cookie_no": COOKIES[visit.cookie],
                    "visitor_no": COOKIES[visit.visitor or visit.cookie],
                    "at_us": self.starts[visit.name],
                    "earlier_us": self._at(visit.earlier_at),
                    "arrival_no": None if visit.arrival == ANY else ARRIVAL_NUMBERS[visit.arrival],
                    "deleted": visit.deleted,
                    "late": visit.late,
                    **self._conversion(visit.made_by),
                },
            )
            for view_no, view in enumerate(("00:00", *visit.views)):
                at = self._at(f"v+{view}", {"v": 0})
                yield "view", {"k": k, "view_no": view_no, "view_us": at, "is_browsing": bool(visit.views)}
        for k, form in enumerate(self.journey.forms):
            yield (
                "form",
                {
                    "k": k,
                    "at_us": self._at(form.at),
                    "cookie_no": self._cookie(form.cookie),
                    "person": self.people[form.person] if form.person else None,
                    "is_chat": form.chat,
                    "deleted": form.deleted,
                    **self._session("session", form.session),
                },
            )
        for k, mapping in enumerate(self.journey.mappings):
            yield (
                "mapping",
                {
                    "k": k,
                    "person": self.people[mapping.person],
                    "cookie_no": COOKIES[mapping.cookie],
                    "at_us": self._at(mapping.at),
                    "ignored": mapping.ignored,
                    "deleted": mapping.deleted,
                },
            )

    def _conversion(self, name: str | None) -> Row:
        """What made a session's touchpoint."""
        if name is None:
            return dict.fromkeys(("conversion", "conversion_k", "conversion_type", "conversion_us"))
        if name in self.forms:
            form = self.forms[name]
            kind = "chat" if form.chat else "form"
            at = self._at(form.at)
            return {"conversion": kind, "conversion_k": None, "conversion_type": None, "conversion_us": at}
        k, call = self.calls[name]
        called = self._called(call)[0]
        return {"conversion": "call", "conversion_k": k, "conversion_type": call.type, "conversion_us": called}

    def _calls(self) -> Iterator[tuple[str, Row]]:
        for k, call in self.calls.values():
            versions = [replace(call, **call.earlier), call] if call.earlier else [call]  # type: ignore[arg-type]
            for version, stated in enumerate(versions, start=1):
                called_us, source = self._called(call)
                yield (
                    "call",
                    {
                        "k": k,
                        "version": version,
                        "versions": len(versions),
                        "cookie_no": self._cookie(stated.cookie),
                        "style": stated.cookie_style,
                        "type": stated.type,
                        "at_us": self._at(stated.at),
                        "touchpoint_us": self._at(stated.touchpoint_at),
                        "time_text": stated.time_text,
                        "touchpoint_text": stated.touchpoint_text,
                        "subtype": stated.subtype,
                        "call_type": stated.call_type,
                        "duration": stated.duration,
                        "call_object": stated.call_object,
                        "is_numbered": stated.caller,
                        "deleted": stated.deleted,
                        **self._who(stated.who),
                        "verdict": call.verdict,
                        "called_us": called_us,
                        "called_at_source": source,
                        "duplicate_k": self.calls[call.duplicate_of][0] if call.duplicate_of else None,
                        "windows": call.windows if call.windows is not None else int(call.session is not None),
                        **self._session("session", call.session),
                        **self._session("nearest", call.nearest or call.session),
                    },
                )

    def _records(self) -> Iterator[tuple[str, Row]]:
        converted = {contact.name: contact.at for contact in self.journey.contacts}
        for k, lead in enumerate(self.journey.leads):
            yield (
                "lead",
                {
                    "k": k,
                    "person": self.people[lead.person],
                    "at_us": self._at(lead.at),
                    "converted_k": self.contacts[lead.converted_to] if lead.converted_to else None,
                    "converted_us": self._at(converted[lead.converted_to]) if lead.converted_to else None,
                    "cookie_no": self._cookie(lead.cookie),
                    "deleted": lead.deleted,
                },
            )
        for k, contact in enumerate(self.journey.contacts):
            yield (
                "contact",
                {
                    "k": k,
                    "person": self.people.get(contact.person),
                    "at_us": self._at(contact.at),
                    "account_k": self.accounts.get(contact.account) if contact.account else None,
                    "cookie_no": self._cookie(contact.cookie),
                    "deleted": contact.deleted,
                },
            )
        for k in self.accounts.values():
            yield "account", {"k": k}
        for k, opportunity in enumerate(self.journey.opportunities):
            yield (
                "opportunity",
                {
                    "k": k,
                    "at_us": self._at(opportunity.at),
                    "closes": opportunity.closes,
                    "state": opportunity.state,
                    "account_k": self.accounts[opportunity.account] if opportunity.account else None,
                    "amount": opportunity.amount,
                    "deleted": opportunity.deleted,
                },
            )
        for number, role in enumerate(self.journey.roles):
            yield (
                "role",
                {
                    "number": number,
                    "opportunity_k": self.opportunities[role.opportunity],
                    "contact_k": self.contacts[role.contact],
                    "is_primary": role.primary,
                },
            )

    def _expected(self) -> Iterator[tuple[str, Row]]:
        for person, touches in self.journey.people.items():
            for touch, known_by in touches.items():
                yield "person_touch", {"person": self.people[person], "known_by": known_by, **self._touch(touch)}
        for record, positions in self.journey.positions.items():
            yield from self._positions(record, positions)
        for opportunity, positions in self.journey.credit.items():
            yield from self._credit(opportunity, positions, self.journey.named.get(opportunity, {}))

    def _positions(self, record: str, positions: Mapping[str, str]) -> Iterator[tuple[str, Row]]:
        """R6.3: U-shaped is 0.5 on FT and on LC, 1 on a touch that holds both or where there is no LC."""
        has_lc = any("LC" in held(position) for position in positions.values())
        account = next((c.account for c in self.journey.contacts if c.name == record and c.account), None)
        for touch, position in positions.items():
            parts = held(position)
            u_shaped = 0.5 * (("FT" in parts) + ("LC" in parts)) if has_lc else float("FT" in parts)
            yield (
                "position",
                {
                    "record_prefix": "00Q" if record in self.leads else "003",
                    "record_k": self.leads[record] if record in self.leads else self.contacts[record],
                    "account_k": self.accounts[account] if account else None,
                    "position": position,
                    **_holds(position),
                    "u_shaped_count": u_shaped,
                    **self._touch(touch),
                },
            )

    def _credit(
        self, opportunity: str, positions: Mapping[str, str], named: Mapping[str, str]
    ) -> Iterator[tuple[str, Row]]:
        opportunity_k = self.opportunities[opportunity]
        split = {model: shares(tuple(positions.values()), model) for model in MODELS}
        printed = {model: percentages(fractions) for model, fractions in split.items()}
        for order, (touch, position) in enumerate(positions.items()):
            parts = held(position)
            yield (
                "credit",
                {
                    "opportunity_k": opportunity_k,
                    "touch_order": order,
                    "contact_k": self.contacts[named.get(touch, "contact")],
                    "position": position,
                    **_holds(position),
                    "is_middle": parts == {"Form"},
                    **{f"{model}_percentage": printed[model][order] for model in MODELS},
                    **self._touch(touch),
                },
            )
            for model, fractions in split.items():
                denominator = math.lcm(*(share.denominator for share in fractions))
                yield (
                    "share",
                    {
                        "opportunity_k": opportunity_k,
                        "touch_order": order,
                        "model": model,
                        "numerator": int(fractions[order] * denominator),
                        "denominator": denominator,
                    },
                )

    def _touch(self, name: str) -> Row:
        """A touch by its name: a visit, or a call that makes its own."""
        if name in self.visits:
            k, visit = self.visits[name]
            cookie = COOKIES[visit.cookie]
            at, is_conversion = self.starts[name], visit.made_by is not None
            return {"is_call": False, "k": k, "at_us": at, "cookie_no": cookie, "is_conversion": is_conversion}
        k, call = self.calls[name]
        return {"is_call": True, "k": k, "at_us": self._called(call)[0], "cookie_no": None, "is_conversion": True}

    def _called(self, call: Call) -> tuple[int | None, str | None]:
        """R1.3: Buyer Touchpoint Date, else CreatedDate."""
        if call.touchpoint_at is not None:
            return self._at(call.touchpoint_at), TOUCHPOINT_DATE
        return self._at(call.at), "CreatedDate" if call.at is not None else None

    def _session(self, prefix: str, name: str | None) -> Row:
        if name is None:
            return dict.fromkeys((f"{prefix}_k", f"{prefix}_us", f"{prefix}_cookie_no"))
        k, visit = self.visits[name]
        return {f"{prefix}_k": k, f"{prefix}_us": self.starts[name], f"{prefix}_cookie_no": COOKIES[visit.cookie]}

    def _who(self, name: str | None) -> Row:
        if name is None:
            return {"who_prefix": None, "who_k": None}
        prefix, numbers = ("00Q", self.leads) if name in self.leads else ("003", self.contacts)
        return {"who_prefix": prefix, "who_k": numbers[name]}

    def _cookie(self, name: str | None) -> int | None:
        return None if name is None else COOKIES[name]

    def _at(self, text: str | None, starts: dict[str, int] | None = None) -> int | None:
        return None if text is None else offset(text, self.starts if starts is None else starts)


def _holds(position: str) -> Row:
    parts = {part.strip() for part in position.split(",")}
    names = {"ft": "FT", "lc": "LC", "post_lc": "PostLC", "oc": "OC", "closed": "Closed", "pending": "Pending"}
    return {f"holds_{column}": name in parts for column, name in names.items()}


def _create(con: duckdb.DuckDBPyConnection, table: str, rows: list[Row]) -> None:
    columns = list(rows[0])
    declared = ", ".join(f"{column} {_type(column)}" for column in columns)
    con.execute(f"create temp table {table} ({declared})")
    holes = ", ".join(["(" + ", ".join("?" * len(columns)) + ")"] * len(rows))
    con.execute(f"insert into {table} values {holes}", [row[column] for row in rows for column in columns])
