"""Generated change sequences: small datasets land in pieces, out of order, edited, repeated, deleted and restored."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.oracle import Dataset
from tests.properties.datasets import DIGITS, PLACEHOLDER, Draw, fivetran, numbered, pack

Row = dict[str, Any]

# Times outside every look-back window and every plausible clock.
ABSURD = ["9999-12-31 23:59:59.999999", "2999-01-01T00:00:00Z", "1000-01-01 00:00:00", "2027-05-05T05:05:05.000+0000"]
TIMES = ("EVENT_DATE", "CreatedDate", "CREATED_DATE", "bizible2__Bizible_Touchpoint_Date__c", "CloseDate")

# How often a row of a table is new or edited; tables that move identities and credit have a larger share.
TABLES = {
    "web/sessions": 6,
    "web/page_views": 3,
    "web/form_submits": 5,
    "web/email_to_visitor_ids": 3,
    "salesforce/Task": 9,
    "salesforce/Contact": 5,
    "salesforce/Lead": 5,
    "salesforce/Account": 1,
    "salesforce/Opportunity": 4,
    "salesforce/OpportunityContactRole": 2,
    "salesforce/OpportunityHistory": 2,
    "salesforce/LeadHistory": 2,
    "salesforce/CurrencyType": 1,
    "salesforce/DatedConversionRate": 2,
    "salesforce/Event": 2,
    "salesforce/User": 1,
    "salesforce/Campaign": 2,
    "salesforce/CampaignMember": 3,
    "calls/callrail": 2,
    "calls/calltrackingmetrics": 2,
    "calls/invoca": 2,
    "spend/ad_costs": 1,
}
PREFIXES = {
    "salesforce/Task": "00T",
    "salesforce/Contact": "003",
    "salesforce/Lead": "00Q",
    "salesforce/Account": "001",
    "salesforce/Opportunity": "006",
    "salesforce/OpportunityContactRole": "00K",
    "salesforce/OpportunityHistory": "008",
    "salesforce/LeadHistory": "017",
    "salesforce/CurrencyType": "01L",
    "salesforce/DatedConversionRate": "04w",
    "salesforce/Event": "00U",
    "salesforce/User": "005",
    "salesforce/Campaign": "701",
    "salesforce/CampaignMember": "00v",
}
RATES = ("salesforce/CurrencyType", "salesforce/DatedConversionRate")


# Between versions of the same time the file's name decides: some later files sort before earlier ones.
FILES = "mzacyb"


@dataclass
class ChangeSequence(Draw):
    """One generated dataset, and the rows of it that arrive in each step."""

    steps: int = 1
    sessions_from: int = 0  # the first step in which source sessions arrive
    rates_from: int = 0
    arrivals: list[Dataset] = field(default_factory=list)
    rows: dict[str, list[Row]] = field(default_factory=dict)  # the latest version drawn of every row, by table
    now: int = -1  # before the first step anything may be put off

    def __post_init__(self) -> None:
        self.arrivals = [Dataset() for _ in range(self.steps)]
        self.cookies = [self.cookie(index) for index in range(4)]
        self.emails = [f"p{index}.{PLACEHOLDER}@mail.com" for index in range(3)]

    def add(self, table: str, row: Row, file: str) -> None:
        """Every row arrives in some step, the first ones most often at once."""
        self.remember(table, row)
        first = {"web/sessions": self.sessions_from} | dict.fromkeys(RATES, self.rates_from)
        step = self.now if self.now >= 0 else self.one([0, 0, 0, self.number(0, self.steps - 1)])
        self.arrive(table, row, max(step, first.get(table, 0)), file)

    def arrive(self, table: str, row: Row, step: int, file: str) -> None:
        """One file a table and step, in turns under the API's names and Fivetran's."""
        is_fivetran = step % 3 == 2 and not table.startswith("calls/")
        name = f"{FILES[step % len(FILES)]}{step}.{'csv' if is_fivetran else 'jsonl'}"
        self.arrivals[step].add(table, fivetran(row) if is_fivetran else row, file=name)

    def spend(self, row: Row, file: str) -> None:
        """A later file with the same month corrects it."""
        self.arrivals[self.number(0, self.steps - 1)].add("spend/marketing_spend", row, file=file)

    def remember(self, table: str, row: Row) -> None:
        known = self.rows.setdefault(table, [])
        identifier = key_of(row)
        known[:] = [other for other in known if key_of(other) != identifier] + [row]

    def ids(self, *tables: str) -> list[str]:
        return [key_of(row) for table in tables for row in self.rows.get(table, [])] or [f"00Q{PLACEHOLDER}gone1"]

    # What happens ---------------------------------------------------------------------------------------------------

    def draw_arrivals(self) -> list[Dataset]:
        self.draw()
        for table in ("calls/callrail", "calls/calltrackingmetrics", "calls/invoca"):
            if self.chance(0.3):
                self.put(table, self.fresh(table, self.new_key(table)))
        for step in range(1, self.steps):
            self.now = step
            for _ in range(self.number(0, 4)):
                self.random.choices([self.edit, self.enter, self.repeat, self.identify], [6, 3, 1, 2])[0]()
        return self.arrivals

    def enter(self) -> None:
        """Something new."""
        table = self.random.choices(list(TABLES), list(TABLES.values()))[0]
        self.put(table, self.odd(self.fresh(table, self.new_key(table))))

    def edit(self) -> None:
        """Some cells of a row say something else, or the row is deleted or brought back, mostly in a newer version."""
        table, row = self.some_row()
        fresh = self.fresh(table, key_of(row))
        cells = [name for name in fresh if name not in ("ID", "Id", "id", "transaction_id")]
        row = row | {name: fresh[name] for name in self.random.sample(cells, min(len(cells), self.number(1, 4)))}
        if self.chance(0.2):
            row = {name: value for name, value in row.items() if name not in DELETIONS}
            row[deletion_of(table)] = self.one(["true", "true", "false"])
        version = datetime(2025, 2, 1) + timedelta(days=self.now if self.chance(0.85) else -self.number(1, 40))
        row = {name: value for name, value in row.items() if name not in STAMPS}
        self.add(table, self.odd(row) | self.stamp(table, version), self.one(["rows", "fivetran"]))

    def repeat(self) -> None:
        """A row comes again as it was."""
        table, row = self.some_row()
        self.arrive(table, row, max(self.now, self.sessions_from if table == "web/sessions" else 0), "rows")

    def identify(self) -> None:
        """Somebody returns with a cookie that nobody knows, and gives an address: nothing else connects the two."""
        known = [
            row["Email"] for table in ("salesforce/Contact", "salesforce/Lead") for row in self.rows.get(table, [])
        ]
        cookie, email = (
            self.cookie(10 + self.serial),
            self.one([address for address in known if address] or self.emails),
        )
        identifier = self.web_id("s")
        self.put("web/sessions", self.session(identifier, cookie, [cookie]) | {"COOKIE_ID": cookie})
        form = self.form(cookie, [identifier], self.emails) | {"COOKIE_ID": cookie, "SESSION_ID": None, "EMAIL": email}
        self.put("web/form_submits", {name: value for name, value in form.items() if name not in DELETIONS})

    def some_row(self) -> tuple[str, Row]:
        tables = [table for table in TABLES if self.rows.get(table)]
        table = self.random.choices(tables, [TABLES[name] for name in tables])[0]
        return table, self.one(self.rows[table])

    def stamp(self, table: str, version: datetime) -> Row:
        # A provider's log has the time of a version only if Fivetran copied it.
        if table.startswith("calls/"):
            return {"_fivetran_synced": self.written(version)} if self.chance(0.5) else {}
        return {stamp_of(table): self.written(version)}

    def put(self, table: str, row: Row) -> None:
        if table.startswith("calls/"):
            self.add(table, row, "rows")
        else:
            super().put(table, row)

    def odd(self, row: Row) -> Row:
        """Now and then a time of next year or of none."""
        times = [name for name in TIMES if row.get(name)]
        return row | {self.one(times): self.one(ABSURD)} if times and self.chance(0.06) else row

    # The tables -----------------------------------------------------------------------------------------------------

    def new_key(self, table: str) -> str:
        prefix = PREFIXES.get(table)
        return self.new_id(prefix) if prefix else self.web_id(table[-1])

    def fresh(self, table: str, identifier: str) -> Row:
        """A row of the table with this id, with newly drawn values."""
        cookie = self.one(self.cookies)
        # A session made from page views has the name of one of them, or of a form.
        sessions = self.ids("web/sessions", "web/page_views")
        sessions += [f"form-{form}" for form in self.ids("web/form_submits")]
        match table:
            case "web/sessions":
                return self.session(identifier, cookie, self.cookies[:2])
            case "web/page_views":
                return self.page_view(cookie, sessions, self.cookies[:2]) | {"ID": identifier}
            case "web/form_submits":
                return self.form(cookie, sessions, self.emails) | {"ID": identifier}
            case "web/email_to_visitor_ids":
                return self.mapping(cookie, self.emails) | {"ID": identifier}
            case "salesforce/Task":
                return self.task(cookie, self.ids("salesforce/Contact", "salesforce/Lead")) | {"Id": identifier}
            case "salesforce/Contact":
                account = self.one([*self.ids("salesforce/Account"), None])
                return self.record(identifier, self.cookies, self.emails) | {"AccountId": account}
            case "salesforce/Lead":
                contact = self.one([*self.ids("salesforce/Contact"), None])
                record = self.record(identifier, self.cookies, self.emails)
                return record | {"ConvertedContactId": contact, "IsConverted": "true" if contact else "false"}
            case "salesforce/Account":
                return {"Id": identifier, "Name": self.one(["Account", "Other name"])} | self.deletion(table)
            case "salesforce/Opportunity":
                return self.opportunity(identifier, self.ids("salesforce/Account"))
            case "salesforce/OpportunityContactRole":
                return {
                    "Id": identifier,
                    "OpportunityId": self.one(self.ids("salesforce/Opportunity")),
                    "ContactId": self.one(self.ids("salesforce/Contact")),
                    "IsPrimary": self.one(["true", "false", None]),
                } | self.deletion(table)
            case "salesforce/OpportunityHistory":
                return {
                    "Id": identifier,
                    "OpportunityId": self.one(self.ids("salesforce/Opportunity")),
                    "StageName": self.one(["Demo", "Deal", "Negotiation", "Prospect"]),
                    "CreatedDate": self.written(self.moment()),
                } | self.deletion(table)
            case "salesforce/LeadHistory":
                return {
                    "Id": identifier,
                    "LeadId": self.one(self.ids("salesforce/Lead")),
                    "Field": "Status",
                    "NewValue": self.one(["MQL", "SQL", "SAL", "New"]),
                    "CreatedDate": self.written(self.moment()),
                } | self.deletion(table)
            case "salesforce/CurrencyType":
                return {"Id": identifier, "IsoCode": self.currency(self.one("BC"))} | self.rate()
            case "salesforce/DatedConversionRate":
                start = self.moment().date()
                return {
                    "Id": identifier,
                    "IsoCode": self.currency(self.one("AC")),
                    "StartDate": start.isoformat(),
                    "NextStartDate": (start + timedelta(days=self.number(1, 40))).isoformat(),
                } | self.rate()
            case "salesforce/Event":
                who = self.ids("salesforce/Contact", "salesforce/Lead")
                return self.event(cookie, who) | {"Id": identifier, "Subject": self.one(["Visit", "Call"])}
            case "salesforce/User":
                return {"Id": identifier, "Name": self.one(["Una", "Ole"])} | self.deletion(table)
            case "salesforce/Campaign":
                return self.campaign(identifier)
            case "salesforce/CampaignMember":
                people = self.ids("salesforce/Contact"), self.ids("salesforce/Lead")
                return self.member(identifier, self.ids("salesforce/Campaign"), *people)
            case "calls/callrail":
                return {
                    "id": identifier,
                    "start_time": f"{self.moment():%Y-%m-%dT%H:%M:%SZ}",
                    "duration": self.one([0, 60, 3600]),
                    "direction": self.one(["inbound", "outbound"]),
                    "customer_phone_number": self.number_called(),
                    "session_uuid": self.one([None, "visitor"]),
                    "spam": self.one([None, None, "true"]),
                }
            case "calls/calltrackingmetrics":
                named = {"tasks": [self.one(self.ids("salesforce/Task")).strip()]} if self.chance(0.5) else None
                return {
                    "id": identifier,
                    "sid": self.one([f"prov-{PLACEHOLDER}-1", f"co-{PLACEHOLDER}-1", None]),
                    "unix_time": int((self.moment() - datetime(1970, 1, 1)).total_seconds()),
                    "duration": self.one([0, 60]),
                    "direction": self.one(["inbound", "msg_inbound"]),
                    "contact_number": self.number_called(),
                    "salesforce": json.dumps(named) if named else None,
                    "excluded": self.one([None, None, "true"]),
                }
            case "spend/ad_costs":
                return self.ad_cost(identifier)
            case "calls/invoca":
                others = [row["transaction_id"] for row in self.rows.get("calls/invoca", [])]
                corrected = self.one(others) if others and self.chance(0.5) else None
                return {
                    "transaction_id": identifier,
                    "transaction_type": self.one(["Call", "Call", "Signal"]),
                    "complete_call_id": self.one([None, f"prov-{PLACEHOLDER}-1"]),
                    "corrects_transaction_id": corrected if corrected != identifier else None,
                    "corrected_at": "2024-05-01T00:00:00Z" if corrected else None,
                    "start_time_xml": f"{self.moment():%Y-%m-%dT%H:%M:%SZ}",
                    "duration": 30,
                    "calling_phone_number": self.number_called(),
                }
        raise ValueError(table)

    def rate(self) -> Row:
        return {"ConversionRate": self.one(["2", "0.3", "1", "0", "7"]), "IsDeleted": self.one([None, None, "true"])}

    def number_called(self) -> str | None:
        return self.one([f"+12065{DIGITS}4", f"+12065{DIGITS}4", "+12065559999", "+266696687", None])


def stamp_of(table: str) -> str:
    return "SystemModstamp" if table.startswith("salesforce/") else "MODIFIED_DATE"


def deletion_of(table: str) -> str:
    if table.startswith("calls/"):
        return "_fivetran_deleted"
    return "IsDeleted" if table.startswith("salesforce/") else "IS_DELETED"


STAMPS = ("SystemModstamp", "MODIFIED_DATE", "_fivetran_synced")
DELETIONS = ("IsDeleted", "_fivetran_deleted", "IS_DELETED", "_DELETED_DATE", "IS_IGNORE", "IS_DUPLICATED")


def key_of(row: Row) -> str:
    """The row's id in one spelling; Salesforce's 18 characters are its 15 and a checksum."""
    raw = str(next(row[name] for name in ("Id", "ID", "id", "transaction_id") if row.get(name))).strip()
    return raw[:15] if "Id" in row else raw


def draw_change_sequences(seed: int | str, count: int, steps: int, **holds: Any) -> list[list[Dataset]]:
    """For each dataset, the rows that arrive in each step."""
    return [
        [
            numbered(arrival, number)
            for arrival in ChangeSequence(random.Random(f"{seed}-{number}"), steps=steps, **holds).draw_arrivals()
        ]
        for number in range(count)
    ]


def together(sequences: Iterable[list[Dataset]], step: int) -> Dataset:
    """The rows of all datasets that arrive in one step."""
    return pack(sequence[step] for sequence in sequences)
