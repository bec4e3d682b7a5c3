"""Random small datasets full of nasty coincidences, and many of them packed into one landing folder.

A dataset is drawn with a placeholder in every id, cookie and address. Numbering it replaces the placeholder, so that
hundreds of datasets share one build without sharing a row, and one dataset can be built again in many reduced copies.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from tests.oracle import Dataset
from tests.oracle.values import SUFFIX_ALPHABET

DIGITS = "%%%%%"
PLACEHOLDER = f"e{DIGITS}e"
NUMBER = re.compile(r"e(\d{5})e", re.IGNORECASE)

CUSTOM_AMOUNT = "bizible2__Bizible_Opportunity_Amount__c"
OWN_HOSTS = ("own.com", "shop.own.org")
EDGES = [timedelta(0), timedelta(microseconds=1), timedelta(seconds=1), timedelta(seconds=60), timedelta(minutes=29)]
HALF_HOUR = timedelta(minutes=30)
WEEK = timedelta(days=7)
DAY = timedelta(days=1)
EDGES += [HALF_HOUR - EDGES[1], HALF_HOUR, HALF_HOUR + EDGES[1], 2 * HALF_HOUR, DAY, DAY + EDGES[1]]
EDGES += [WEEK - EDGES[1], WEEK, WEEK + EDGES[1]]

# The end of a day, and days when clocks change in Europe and America.
STARTS = [datetime(2024, 3, 30, 23, 59, 59, 999999), datetime(2024, 3, 31), datetime(2023, 11, 5, 6)]

WHITE = ["", "", "", " ", "\t", "\u00a0", "\u2003"]
PAGES = [
    None,
    "https://www.own.com/",
    "https://own.com/demo",
    "https://own.com/demo#top",
    "https://shop.own.org/p?a=b",
    "https://own.com/?utm_source=Facebook&utm_medium=paid",
    "https://own.com/?UTM_Source%20=news%20letter&utm_campaign=Spring+Sale&utm_content=a%26b&utm_term=k+w",
    "https://own.com/?utm_medium=display",
    "https://own.com/?utm_source=google&utm_medium=cpc&utm_term=phone",
    "https://own.com/?utm_medium=email&utm_source=social",
    "https://own.com/?gclid=x1&_bk=bizible%20attribution&_bt=195",
    "https://own.com/?gclid=x2&_bn=d",
    "https://own.com/?gclid=x5&network=d&utm_term=term&_bk=keyword",
    "https://own.com/?gclid=x6&network=wifi&utm_medium=display&utm_source=google",
    "https://own.com/?gclid=x7&utm_medium=cpc&utm_source=google&utm_term=term&_bk=keyword",
    "https://own.com/a?msclkid=m&utm_campaign=bing",
    "https://own.com/a?fbclid=f",
    "https://own.com/a?li_fat_id=l&utm_source=linkedin",
    "https://own.com/a?dclid=d",
    "https://own.com/a?utm_id=7",
    "https://own.com/a/?utm_source=&gclid=&x",
    "HTTPS://Own.com:443/Demo/?b=c#d?e",
    "own.com/no-scheme?utm_source=press",
    "https://own.com/?utm%5Fsource=google&UTM%5fMEDIUM=cpc&utm%5Fterm=encoded+k",
    "https://own.com/?%67clid=x3&amp;utm_medium=escaped",
    "https://own.com/#utm_source=fragment&utm_medium=email",
    "https://own.com/?a=b#/x?utm_source=route&gclid=x4",
    "https://jane:pw@own.com/?utm_campaign=user%2540info",
]
REFERRERS = [
    None,
    None,
    "https://www.google.com/",
    "https://www.google.co.uk/search?q=x",
    "https://own.com/a",
    "https://blog.own.com/a",
    "https://l.facebook.com/l.php?u=x",
    "https://www.linkedin.com/feed",
    "https://t.co/abc",
    "https://www.bing.com/",
    "https://search.yahoo.com/",
    "https://duckduckgo.com/",
    "https://accounts.google.com/signin",
    "https://login.microsoftonline.com/",
    "https://partner.com:8080/x",
    "http://news.Partner.com/x?y",
    "https://notown.com/",
    *("about:blank", "data:text/html,x", "mailto:jane@partner.com", "file:///C:/jane.html", "www.google.com/"),
    *("https://jane.doe:pw@partner.com:8443/x", "http://[2001:db8::1]:8080/x", "https://jane@own.com/a@b"),
    "android-app://com.google.android.googlequicksearchbox/",
    *(
        "android-app://com.linkedin.android/",
        "https://www.youtube.com/",
        "https://google.interia.pl/",
        "https://ya.ru/",
    ),
    *("https://uk.search.yahoo.com/", "https://images.google.de/", "https://www.paypal.com/checkout"),
]
TYPES = [None, "", " ", "Call", "call ", "Phone Call", "Left Message", "Email", "Inbound", "Facebook"]


# What telephone systems write into CallObject (R1.12): ids, and constants or numbers that are none.
CALL_OBJECTS = [
    *(None, None, None, " "),
    *(f"co-{PLACEHOLDER}-1", f" co-{PLACEHOLDER}-1", f"CO-{PLACEHOLDER}-1", f"prov-{PLACEHOLDER}-1"),
    *("Jabber Call", "N/A", "0", "12345", f"+1 (206) 5{DIGITS}4"),
]

# What dialers and providers write into a Task (R1.12): a withheld number last.
DESCRIPTIONS = [
    f"answered: A 3 minute call. The call was made from +12065{DIGITS}4 to +12065550000",
    f'Caller: +12065{DIGITS}4\n"came, from the website"',
    f"Caller: +44 (0)20 79{DIGITS}",
    f"The call was made from 0044 2079{DIGITS} to +12065550000",
    "Caller: (206) 555-9999",
    f"Call ID: prov-{PLACEHOLDER}-1 and more",
    f"see call id: prov-{PLACEHOLDER}-1",
    "Call ID: Unavailable",
    f"Call ID: +1206{DIGITS}555 (repeat caller)",
    "nothing of note",
    "Caller: +266696687",
]
# Campaigns: how the picklist reads, and Types as they are written.
SYNC_TYPES = [None, " ", "Include all Campaign Members", "include everybody", "Exclude all Campaign Members"]
SYNC_TYPES += ['Include only "Responded" Campaign Members', "INCLUDE RESPONDED"]
CAMPAIGN_TYPES = [None, "Webinar", "webinar ", "Trade Show", "Conference", "Mailing, outbound"]

FILES = ["a.csv", "b.jsonl", "c.parquet", "fivetran.csv"]

# How exports write a null as text: in columns that are never a word, and in any column of a CSV file.
NULL_WORDS = ["null", "NULL", "None", "nan", "undefined", "#N/A", "(null)"]
NULL_MARKER = "\\N"
NO_WORDS_IN = {
    "COOKIE_ID",
    "VISITOR_ID",
    "SESSION_ID",
    "EMAIL",
    "Email",
    "WhoId",
    "AccountId",
    "CallObject",
    "IsDeleted",
}
NO_WORDS_IN |= {"CampaignId", "LeadId", "HasResponded", "FirstRespondedDate", "StartDate", "CreatedById", "OwnerId"}
NO_WORDS_IN |= {"CreatedDate", "CloseDate", "Amount", "bizible2__BizibleId__c", "CallDurationInSeconds", "ContactId"}


@dataclass
class Draw:
    """One dataset in the making."""

    random: random.Random
    with_sessions: bool = True
    with_page_views: bool = True
    with_currencies: bool = False
    with_stages: bool = False
    with_costs: bool = False
    with_ties: bool = True
    dataset: Dataset = field(default_factory=Dataset)
    moments: list[datetime] = field(default_factory=list)
    view_ids: list[str] = field(default_factory=list)
    views: list[dict[str, Any]] = field(default_factory=list)
    serial: int = 0

    # Small things ---------------------------------------------------------------------------------------------------

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def one(self, options: Iterable[Any]) -> Any:
        return self.random.choice(list(options))

    def number(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def moment(self) -> datetime:
        """A time, most often at an edge of one that is there already."""
        if not self.moments or self.chance(0.1):
            at = self.one(STARTS) + timedelta(days=self.number(0, 20), minutes=self.number(0, 90))
        else:
            at = self.one(self.moments) + self.one(EDGES[: self.one([7, len(EDGES)])]) * self.one([1, 1, 1, -1])
        self.moments.append(at)
        return at

    def written(self, at: datetime) -> str:
        """A time in one of the spellings that sources use, all of them UTC."""
        fraction = f".{at.microsecond:06}" if at.microsecond or self.chance(0.2) else ""
        if fraction.endswith("000") and self.chance(0.5):
            fraction = fraction[:4]
        separator, zone = self.one([("T", "Z"), ("T", "+0000"), (" ", "")])
        return f"{at:%Y-%m-%d}{separator}{at:%H:%M:%S}{fraction}{zone}"

    def messy(self, value: str | None, cases: bool = True) -> str | None:
        """The same text with white space around it and, where case does not matter, in another case."""
        if value is None or self.chance(0.6):
            return value
        if cases and self.chance(0.5):
            value = value.upper()
        return self.one(WHITE) + value + self.one(WHITE)

    def new_id(self, prefix: str) -> str:
        """A Salesforce id of 15 characters, of mixed case, its serial number in random order."""
        self.serial += 1
        tail = "".join(self.one("AbZ9z") for _ in range(3)) + f"{self.serial:02}"
        return f"{prefix}{PLACEHOLDER}{tail}"

    def id_text(self, identifier: str | None) -> str | None:
        """A Salesforce id as it is, in 18 characters, or with white space."""
        if identifier is None or self.chance(0.5):
            return identifier
        suffix = ""
        for start in (0, 5, 10):
            five = identifier[start : start + 5]
            suffix += SUFFIX_ALPHABET[sum(1 << i for i, character in enumerate(five) if "A" <= character <= "Z")]
        return self.messy(identifier + suffix, cases=False)

    def web_id(self, kind: str) -> str:
        self.serial += 1
        return f"{self.one('aBz')}{kind}-{PLACEHOLDER}-{self.serial}"

    def cookie(self, index: int) -> str:
        """32 hex digits for the first ones; another form still matches."""
        return f"{PLACEHOLDER}{index}".ljust(32, "0") if index < 3 else f"{PLACEHOLDER}-odd{index}"

    def cookie_text(self, cookie: str | None) -> str | None:
        if cookie is not None and self.chance(0.2):
            cookie = self.one(["v_", "V_"]) + cookie
        return self.messy(cookie)

    def put(self, table: str, row: dict[str, Any]) -> None:
        """Adds a row, at times with an older or a newer version of it, or one of the same time."""
        stamp_name = "SystemModstamp" if table.startswith("salesforce/") else "MODIFIED_DATE"
        version = datetime(2025, 1, 1) + timedelta(days=self.number(0, 2))
        if self.chance(0.7) or not self.with_ties:
            row = row | {stamp_name: self.written(version)}
        self.add(table, row, self.one(FILES))
        if self.chance(0.12):
            other = dict(row)
            step = timedelta(days=self.one([-1, 0, 0, 1] if self.with_ties else [-1, 1]))
            if stamp_name in row:
                other[stamp_name] = self.written(version + step)
            self.change(table, other)
            self.add(table, other, self.one(FILES))
        if table.startswith("salesforce/") and self.chance(0.08):
            self.history(table, row)

    def change(self, table: str, row: dict[str, Any]) -> None:
        """What a later or earlier version may say differently."""
        if self.chance(0.3):
            row["IsDeleted" if table.startswith("salesforce/") else "IS_DELETED"] = "true"
            return
        for name in ("Type", "bizible2__BizibleId__c", "EMAIL", "Email", "MEDIUM", "Amount"):
            if name in row and self.chance(0.5):
                row[name] = None

    def history(self, table: str, row: dict[str, Any]) -> None:
        """Versions as Fivetran's history mode has them: one that it closed, and at times the one that replaced it."""
        start = self.moment()
        states = [("true", 0), ("false", 0)] if self.chance(0.5) else [("false", 0)]
        if self.chance(0.6):
            states.append((self.one(["true", "true", "false", None]), 1))
        self.random.shuffle(states)
        for is_active, later in states:
            version = dict(row)
            if later:
                self.change(table, version)
            version["_fivetran_active"] = is_active
            version["_fivetran_start"] = self.written(start + timedelta(days=later))
            self.add(table, version, self.one(["fivetran.csv", "b.jsonl"]))

    def with_nulls(self, row: dict[str, Any], file: str) -> dict[str, Any]:
        """The same row with some of its nulls written as text."""
        written = dict(row)
        for name, value in row.items():
            if value is None and self.chance(0.2):
                if name in NO_WORDS_IN and self.chance(0.7):
                    written[name] = self.one(NULL_WORDS)
                elif file.endswith(".csv"):
                    written[name] = NULL_MARKER
        return written

    def add(self, table: str, row: dict[str, Any], file: str) -> None:
        row = self.with_nulls(row, file)
        self.dataset.add(table, fivetran(row) if file.startswith("fivetran") else row, file=file)

    def deletion(self, table: str) -> dict[str, Any]:
        """R1.10: now and then a row that does not count."""
        if not self.chance(0.07):
            return {"IsDeleted": "false"} if self.chance(0.2) and table.startswith("salesforce/") else {}
        if table.startswith("salesforce/"):
            return self.one([{"IsDeleted": "true"}, {"_fivetran_deleted": "true"}])
        names = ["IS_DELETED", "_DELETED_DATE"]
        names += ["IS_IGNORE"] if table.endswith("visitor_ids") else []
        names += ["IS_DUPLICATED"] if table.endswith(("views", "submits")) else []
        name = self.one(names)
        return {name: "2025-01-01 00:00:00" if name == "_DELETED_DATE" else "true"}

    # The tables -----------------------------------------------------------------------------------------------------

    def draw(self) -> Dataset:
        cookies = [self.cookie(index) for index in range(self.number(1, 4))]
        emails = [f"p{index}.{PLACEHOLDER}@mail.com" for index in range(self.number(1, 3))]
        sessions = [self.web_id("s") for _ in range(self.number(1, 7))] if self.with_sessions else []
        visitors = cookies[:2]

        def some_cookie() -> str | None:
            return self.one(cookies)

        for identifier in sessions:
            self.put("web/sessions", self.session(identifier, some_cookie(), visitors))
        if self.with_page_views:
            for _ in range(self.number(0 if self.with_sessions else 1, 7)):
                self.put("web/page_views", self.page_view(some_cookie(), sessions, visitors))
        for _ in range(self.number(0, 6)):
            self.put("web/form_submits", self.form(some_cookie(), sessions, emails))
        for _ in range(self.number(0, 1)):
            self.put("web/email_to_visitor_ids", self.mapping(self.one([*visitors, *cookies]), emails))
        self.crm(cookies, emails)
        if self.with_costs:
            self.costs()
        return self.dataset

    def draw_journey(self) -> Dataset:
        """The way of one account: some people, many touches, several opportunities."""
        account = self.new_id("001")
        for index in range(self.number(1, 4)):
            cookie, address = self.cookie(index), f"p{index}.{PLACEHOLDER}@mail.com"
            contact = self.record(self.new_id("003"), [cookie], [address])
            self.put("salesforce/Contact", contact | {"AccountId": account, "Email": address})
            for _ in range(self.number(0, 8)):
                at = self.moment()
                session = {"ID": self.web_id("s"), "COOKIE_ID": cookie, "EVENT_DATE": self.written(at)}
                self.put("web/sessions", session | {"LANDING_PAGE_RAW": self.page()})
                if self.chance(0.5):
                    form = {"ID": self.web_id("f"), "SESSION_ID": session["ID"], "EMAIL": address}
                    self.put("web/form_submits", form | {"EVENT_DATE": self.written(at)})
                if self.chance(0.3):
                    task = self.task(cookie, [contact["Id"]])
                    self.put("salesforce/Task", task | {"CreatedDate": self.written(at + self.one(EDGES))})
        for _ in range(self.number(1, 3)):
            row = self.opportunity(self.new_id("006"), [account])
            whole = self.number(-3, 30) * 10 ** self.number(0, 5) + self.number(0, 99)
            amount = self.one([row["Amount"], f"{whole}.{self.number(0, 999):03}"])
            self.put("salesforce/Opportunity", row | {"AccountId": account, "Amount": amount})
        return self.dataset

    def page(self) -> str | None:
        return self.one(PAGES)

    def session(self, identifier: str, cookie: str | None, visitors: list[str]) -> dict[str, Any]:
        page, referrer = self.page(), self.one(REFERRERS)
        row = {
            "ID": self.messy(identifier, cases=False),
            "COOKIE_ID": self.cookie_text(cookie) if self.chance(0.97) else self.one([None, " "]),
            "VISITOR_ID": f"v_{self.one(visitors)}" if self.chance(0.4) else None,
            "EVENT_DATE": self.written(self.moment()) if self.chance(0.98) else "soon",
            "LANDING_PAGE_RAW": page,
            "LANDING_PAGE": page.split("?")[0] if page and self.chance(0.5) else None,
            "REFERRER_PAGE_RAW" if self.chance(0.5) else "REFERRER_PAGE": referrer,
            "CHANNEL": self.one([None, None, "Paid Search.AdWords", "Direct", "Email"]),
        }
        extra = {
            "MEDIUM": ["email", "social", "CPC", " "],
            "SOURCE": ["LinkedIn", "news", "google"],
            "CAMPAIGN": ["Own Campaign"],
            "CONTENT": ["own content"],
            "TERM": ["own term"],
            "WEB_SOURCE": ["Google AdWords", "BingAds", "LinkedIn", "bing ads", "unknown", "Web Direct"],
            "AD_PROVIDER": ["Google", "Facebook", "unknown"],
            "CAMPAIGN_NAME": ["Brand"],
            "CAMPAIGN_UNIQUE_ID": ["aw.1.2"],
            "AD_GROUP_NAME": ["Core"],
            "AD_GROUP_UNIQUE_ID": ["aw.1.2.3"],
            "AD_UNIQUE_ID": ["ad.1"],
            "CREATIVE_UNIQUE_ID": ["creative.1"],
            "KEYWORD_NAME": ["[marketo]"],
            "KEYWORD_UNIQUE_ID": ["kw.1"],
            "SEARCH_PHRASE": ["(not provided)"],
            "CITY": ["Seattle"],
            "COUNTRY": ["United States"],
            "DEVICE": ["Chrome (65.0), Windows (6.1)"],
        }
        for name, options in extra.items():
            if self.chance(0.08):
                row[name] = self.one(options)
        return row | self.deletion("web/sessions")

    def named_session(self, sessions: list[str]) -> str | None:
        """The name of a session: often none, at times of one that is not there."""
        if not sessions or self.chance(0.5):
            return self.one([None, " ", f"unknown-{PLACEHOLDER}"])
        return self.messy(self.one(sessions), cases=False)

    def page_view(self, cookie: str | None, sessions: list[str], visitors: list[str]) -> dict[str, Any]:
        self.view_ids.append(self.web_id("p"))
        row = {
            "ID": self.view_ids[-1],
            "COOKIE_ID": self.cookie_text(cookie),
            "VISITOR_ID": f"v_{self.one(visitors)}" if self.chance(0.4) else None,
            "SESSION_ID": self.named_session(sessions),
            "EVENT_DATE": self.written(self.moment()),
            "CURRENT_PAGE_RAW": self.page() or "https://own.com/",
            "REFERRER_PAGE": self.one(REFERRERS),
            "TYPE": self.one([None, None, "PageView", "page_view", "Scroll"]),
        }
        if self.views and self.chance(0.4):  # a page loaded again, or an application that repeats its first referrer
            row |= self.one(self.views)
        self.views.append({name: row[name] for name in ("CURRENT_PAGE_RAW", "REFERRER_PAGE")})
        return row | self.deletion("web/page_views")

    def form(self, cookie: str | None, sessions: list[str], emails: list[str]) -> dict[str, Any]:
        has_cookie = self.chance(0.8)
        name = self.named_session(sessions)
        row = {
            "ID": self.one([*self.view_ids, self.web_id("f")]) if self.chance(0.1) else self.web_id("f"),
            "COOKIE_ID": self.cookie_text(cookie) if has_cookie else None,
            "SESSION_ID": name,
            "EVENT_DATE": self.written(self.moment()),
            "EMAIL": self.messy(self.one([*emails, None, " "])),
            "FORM_TYPE": self.one([None, "Chat", " chat ", "form"]),
            "CURRENT_PAGE_RAW": self.one([None, "https://own.com/contact?x=y"]),
        }
        return row | self.deletion("web/form_submits")

    def mapping(self, visitor: str, emails: list[str]) -> dict[str, Any]:
        row = {
            "ID": self.web_id("m"),
            "EMAIL": self.messy(self.one([*emails, None])),
            "VISITOR_ID": self.cookie_text(visitor),
            "CREATED_DATE": self.written(self.moment()) if self.chance(0.8) else None,
        }
        return row | self.deletion("web/email_to_visitor_ids")

    def task(self, cookie: str | None, who: list[str]) -> dict[str, Any]:
        created = self.moment()
        row = {
            "Id": self.id_text(self.new_id("00T")),
            "bizible2__BizibleId__c": self.cookie_text(cookie) if self.chance(0.9) else self.one([None, " ", "v_"]),
            "bizible2__Bizible_Touchpoint_Date__c": self.one([None, None, None, "2024-03-31", "soon", self.moment()]),
            "CreatedDate": self.written(created) if self.chance(0.95) else self.one([None, "2024-03-31"]),
            "Type": self.one(TYPES),
            "TaskSubtype": self.one([None, "Call", "Call ", "Task", "Email"]),
            "CallObject": self.one(CALL_OBJECTS),
            "CallDurationInSeconds": self.one([None, None, "0", "65"]),
            "CallType": self.one([None, None, None, "Inbound"]),
            "WhoId": self.id_text(self.one([*who, None, f"00Q{PLACEHOLDER}gone1"])),
            "WhatId": None,
            "OwnerId": self.id_text(self.one([None, f"005{PLACEHOLDER}user1", f"005{PLACEHOLDER}gone1"])),
            "CreatedById": self.id_text(self.one([None, f"005{PLACEHOLDER}user1", f"005{PLACEHOLDER}gone1"])),
            "Subject": self.one([None, "Inbound call", "Re: {Type}", "outbound"]),
            "CallDisposition": self.one([None, "Answered"]),
            "ActivityDate": "2024-03-31",
            "Description": self.one(DESCRIPTIONS) if self.chance(0.4) else None,
        }
        point = row["bizible2__Bizible_Touchpoint_Date__c"]
        if isinstance(point, datetime):
            row["bizible2__Bizible_Touchpoint_Date__c"] = self.written(point)
        return row | self.deletion("salesforce/Task")

    def event(self, cookie: str | None, who: list[str]) -> dict[str, Any]:
        """R12.9: a Task's neighbour in another object; it counts only if the variable names Events."""
        row = {
            "Id": self.id_text(self.new_id("00U")),
            "bizible2__BizibleId__c": self.cookie_text(cookie) if self.chance(0.8) else None,
            "bizible2__Bizible_Touchpoint_Date__c": self.one([None, None, "2024-03-31", "soon"]),
            "StartDateTime": self.written(self.moment()) if self.chance(0.7) else self.one([None, "2024-03-31"]),
            "CreatedDate": self.written(self.moment()) if self.chance(0.95) else None,
            "Type": self.one(TYPES),
            "WhoId": self.id_text(self.one([*who, None])),
            "OwnerId": self.id_text(self.one([None, f"005{PLACEHOLDER}user1"])),
            "CreatedById": self.id_text(self.one([None, f"005{PLACEHOLDER}user1", f"005{PLACEHOLDER}gone1"])),
            "Subject": self.one([None, "Visit"]),
            "Description": self.one(DESCRIPTIONS) if self.chance(0.4) else None,
        }
        return row | self.deletion("salesforce/Event")

    def crm(self, cookies: list[str], emails: list[str]) -> None:
        accounts = [self.new_id("001") for _ in range(self.number(1, 2))]
        contacts = [self.new_id("003") for _ in range(self.one([0, 1, 1, 2, 2, 3]))]
        leads = [self.new_id("00Q") for _ in range(self.number(0, 2))]
        for account in accounts:
            self.put("salesforce/Account", {"Id": account, "Name": "Account"})
        for contact in contacts:
            self.put(
                "salesforce/Contact",
                self.record(contact, cookies, emails)
                | {
                    "AccountId": self.id_text(self.one([*accounts, *accounts, None])),
                },
            )
        for lead in leads:
            converted = self.one([None, *contacts, f"003{PLACEHOLDER}gone1"])
            self.put(
                "salesforce/Lead",
                self.record(lead, cookies, emails)
                | {
                    "Status": self.one(["MQL", "SQL", "SAL", "New", None]),
                    "ConvertedContactId": self.id_text(converted),
                    "IsConverted": "true" if converted else "false",
                },
            )
        for _ in range(self.number(0, 6)):
            self.put("salesforce/Task", self.task(self.one(cookies), [*contacts, *leads]))
        for _ in range(self.number(0, 2)):
            self.put("salesforce/Event", self.event(self.one(cookies), [*contacts, *leads]))
        opportunities = [self.new_id("006") for _ in range(self.number(0, 3))]
        for opportunity in opportunities:
            self.put("salesforce/Opportunity", self.opportunity(opportunity, accounts))
            for contact in contacts:
                if self.chance(0.5):
                    self.put(
                        "salesforce/OpportunityContactRole",
                        {
                            "Id": self.new_id("00K"),
                            "OpportunityId": self.id_text(opportunity),
                            "ContactId": self.id_text(contact),
                            "IsPrimary": self.one(["true", "false", None]),
                        }
                        | self.deletion("salesforce/OpportunityContactRole"),
                    )
        campaigns = [self.new_id("701") for _ in range(self.one([0, 0, 1, 2]))]
        for campaign in campaigns:
            self.put("salesforce/Campaign", self.campaign(campaign))
        for _ in range(self.number(0, 4) if campaigns else 0):
            self.put("salesforce/CampaignMember", self.member(self.new_id("00v"), campaigns, contacts, leads))
        if self.chance(0.5):
            self.put("salesforce/User", {"Id": f"005{PLACEHOLDER}user1", "Name": self.one(["Ann", None])})
        if self.with_stages:
            self.histories(leads, opportunities)
        if self.with_currencies:
            self.currencies()

    def campaign(self, identifier: str) -> dict[str, Any]:
        bounds = [None, None, None, self.moment().date().isoformat()]
        return {
            "Id": self.id_text(identifier),
            "Name": self.one(["Expo", "Spring {Type}", None]),
            "Type": self.one(CAMPAIGN_TYPES),
            "bizible2__Bizible_Attribution_SyncType__c": self.one(SYNC_TYPES),
            "bizible2__Touchpoint_Start_Date__c": self.one(bounds),
            "bizible2__Touchpoint_End_Date__c": self.one(bounds),
            "StartDate": self.one([None, "2024-03-31", self.moment().date().isoformat()]),
            "Region__c": self.one([None, "North", "south", "7.50"]),
        } | self.deletion("salesforce/Campaign")

    def member(self, identifier: str, campaigns: list[str], contacts: list[str], leads: list[str]) -> dict[str, Any]:
        return {
            "Id": self.id_text(identifier),
            "CampaignId": self.id_text(self.one([*campaigns, *campaigns, f"701{PLACEHOLDER}gone1"])),
            "ContactId": self.id_text(self.one([*contacts, None])),
            "LeadId": self.id_text(self.one([*leads, None])),
            "Status": self.one([None, "Sent", "Attended", " Responded "]),
            "HasResponded": self.one(["true", "1.0", "false", None]),
            "FirstRespondedDate": self.one([None, "2024-03-31", self.moment().date().isoformat()]),
            "CreatedDate": self.written(self.moment()) if self.chance(0.9) else self.one([None, "2024-03-31"]),
            "bizible2__Bizible_Touchpoint_Date__c": self.written(self.moment()) if self.chance(0.3) else None,
        } | self.deletion("salesforce/CampaignMember")

    def record(self, identifier: str, cookies: list[str], emails: list[str]) -> dict[str, Any]:
        return {
            "Id": self.id_text(identifier),
            "Email": self.messy(self.one([*emails, *emails, None, " "])),
            "CreatedDate": self.written(self.moment()) if self.chance(0.95) else None,
            "bizible2__BizibleId__c": self.cookie_text(self.one(cookies)) if self.chance(0.15) else None,
        } | self.deletion("salesforce/Contact")

    def opportunity(self, identifier: str, accounts: list[str]) -> dict[str, Any]:
        state = self.one(["won", "won", "lost", "open"])
        close: date | None = (self.moment() + timedelta(days=self.one([0, 0, -1, 1, 9, 30]))).date()
        amounts = ["10000", "0.01", "0", "100.00", "-33.33", "0.005", "1234567.89", "99.995", "7", None]
        row = {
            "Id": self.id_text(identifier),
            "AccountId": self.id_text(self.one([*accounts, *accounts, *accounts, None])),
            "CreatedDate": self.written(self.moment()) if self.chance(0.95) else None,
            "CloseDate": close.isoformat() + self.one(["", "", " 00:00:00"]) if self.chance(0.95) else None,
            "IsClosed": "false" if state == "open" else self.one(["true", "True", "TRUE"]),
            "IsWon": "true" if state == "won" else "false",
            "Amount": self.one(amounts),
            "StageName": self.one(["Demo", "Deal", "Closed Won"]),
            "Name": self.one(["Deal", None]),
            "OwnerId": self.id_text(self.one([f"005{PLACEHOLDER}user1", f"005{PLACEHOLDER}gone1", None])),
        }
        if self.with_currencies:
            row["CurrencyIsoCode"] = self.currency(self.one("ABCD")) if self.chance(0.85) else None
            row[CUSTOM_AMOUNT] = self.one([None, None, "n/a", "0", "500.005"])
        return row | self.deletion("salesforce/Opportunity")

    def currency(self, name: str) -> str:
        return name + PLACEHOLDER.upper()

    def currencies(self) -> None:
        """A has dated rates with a gap at both ends, B only a plain rate, C both, D none."""
        start = self.one(self.moments).date() + timedelta(days=self.number(-3, 1))
        days = [start + timedelta(days=step) for step in (0, self.number(1, 3), 40)]
        for name in "AC":
            for begin, end in pairwise(days):
                self.put(
                    "salesforce/DatedConversionRate",
                    {
                        "Id": self.new_id("04w"),
                        "IsoCode": self.currency(name),
                        "ConversionRate": self.one(["2", "0.3", "1", "1.1", "3"]),
                        "StartDate": begin.isoformat(),
                        "NextStartDate": end.isoformat(),
                    },
                )
        for name in "BC":
            self.put(
                "salesforce/CurrencyType",
                {
                    "Id": self.new_id("01L"),
                    "IsoCode": self.currency(name),
                    "ConversionRate": self.one(["1", "7", "0.5"]),
                    "IsCorporate": self.one(["true", "false", None]),
                },
            )

    def costs(self) -> None:
        """Months around those of the touches, on all levels, with entries above and below their parts.

        All datasets share the files, so each sheet has the same months in all of them.
        """
        campaigns = [self.new_id("701") for _ in range(self.number(0, 2))]
        for identifier in campaigns:
            begin = self.moment().date() + timedelta(days=self.number(-40, 5))
            row = {
                "Id": self.id_text(identifier),
                "Name": self.one([f"Fair {PLACEHOLDER}", None]),
                "Type": self.one(["Conference", "webinar ", "Other kind", None]),
                "bizible2__Bizible_Attribution_SyncType__c": self.one(
                    ["Include all Campaign Members", "include 'Responded'", "Exclude all", None]
                ),
                "ActualCost": self.one(["18000", "0", "0.000001", "99.99", None]),
                "StartDate": begin.isoformat() if self.chance(0.9) else None,
                "EndDate": (begin + timedelta(days=self.one([0, 0, 3, 45, -1, 36525]))).isoformat(),
                "CurrencyIsoCode": self.one([None, self.currency("A")]) if self.with_currencies else None,
            }
            self.put("salesforce/Campaign", row | self.deletion("salesforce/Campaign"))
        texts = ["100", "$1,234.50", "0", None, "-5", "n/a", "0.000001", "33.333333", "1000", "1000"]
        for file, months in (("a.csv", ["Mar-24", "Apr 2024"]), ("b.jsonl", ["2024-04", "May-24"]), ("c.csv", [])):
            for _ in range(self.number(0, 5)):
                subchannel, name = self.one([None, "One", "Two"]), self.one([None, None, "First", "Second"])
                channel = f"{self.one(['Ads', 'Fairs'])} {PLACEHOLDER}"
                row = {
                    "Channel": self.one([f"{channel}.One", channel, channel]),
                    "SubChannel": subchannel,
                    "Campaign Id": self.one([*map(self.id_text, campaigns), "x-1", None, None]) if name else None,
                    "Campaign Name": name,
                    "Currency": self.one([None, self.currency(self.one("ABD"))]) if self.with_currencies else None,
                }
                cells = {month: self.one(texts) for month in months}
                row |= cells or {"Month": self.one(["Apr-24", "2024-05"]), "Cost": self.one(texts)}
                # A loader's copy of the sheet has the time of each version, and keeps deleted rows.
                if file == "b.jsonl" and self.chance(0.5):
                    row["_fivetran_synced"] = f"2024-06-0{self.number(1, 3)} 00:00:00"
                    row["_fivetran_deleted"] = self.one(["false", "false", "true"])
                self.spend(row, file)
        for _ in range(self.number(0, 3)):
            self.put("spend/ad_costs", self.ad_cost(self.web_id("c")))

    def spend(self, row: dict[str, Any], file: str) -> None:
        self.dataset.add("spend/marketing_spend", row, file=file)

    def ad_cost(self, identifier: str) -> dict[str, Any]:
        return {
            "ID": identifier,
            "COST_DATE": self.moment().date().isoformat(),
            "COST_IN_MICRO": self.one(["1410000", "1", "0", "-7", None, "n/a"]),
            "AD_PROVIDER": self.one(["Google", "SelfReported", None]),
            "CHANNEL_NAME": self.one([f"Ads {PLACEHOLDER}.One", f"Ads {PLACEHOLDER}", None]),
            "CAMPAIGN_UNIQUE_ID": self.one(["x-1", None]),
            "CAMPAIGN_NAME": self.one(["First", None]),
            "CAMPAIGN_IS_AGGREGATABLE_COST": self.one(["true", "true", "false"]),
            "CHANNEL_IS_AGGREGATABLE_COST": self.one(["true", "false", None]),
            "ISO_CURRENCY_CODE": self.one([None, self.currency("B")]) if self.with_currencies else None,
        }

    def histories(self, leads: list[str], opportunities: list[str]) -> None:
        for lead in leads:
            for _ in range(self.number(0, 6)):
                self.put(
                    "salesforce/LeadHistory",
                    {
                        "Id": self.new_id("017"),
                        "LeadId": self.id_text(lead),
                        "Field": self.one(["Status", "Status", "Status", "Owner"]),
                        "OldValue": self.one(["MQL", "SQL", "New", None]),
                        "NewValue": self.one(["MQL", "SQL", "SAL", "New"]),
                        "CreatedDate": self.written(self.moment()),
                    }
                    | self.deletion("salesforce/LeadHistory"),
                )
        for opportunity in opportunities:
            for _ in range(self.one([0, 0, 1, 2, 3, 5])):
                self.put(
                    "salesforce/OpportunityHistory",
                    {
                        "Id": self.new_id("008"),
                        "OpportunityId": self.id_text(opportunity),
                        "StageName": self.one(["Demo", "Deal", "Negotiation", "Prospect"]),
                        "CreatedDate": self.written(self.moment()),
                    }
                    | self.deletion("salesforce/OpportunityHistory"),
                )


def fivetran(row: dict[str, Any]) -> dict[str, Any]:
    """The same row under the names that Fivetran writes."""
    special = {
        "bizible2__BizibleId__c": "bizible_2_bizible_id_c",
        "bizible2__Bizible_Touchpoint_Date__c": "bizible_2_bizible_touchpoint_date_c",
        "bizible2__Bizible_Attribution_SyncType__c": "bizible_2_bizible_attribution_sync_type_c",
        "bizible2__Touchpoint_Start_Date__c": "bizible_2_touchpoint_start_date_c",
        "bizible2__Touchpoint_End_Date__c": "bizible_2_touchpoint_end_date_c",
        CUSTOM_AMOUNT: "bizible_2_bizible_opportunity_amount_c",
        "IsDeleted": "_fivetran_deleted",
    }

    def snake(name: str) -> str:
        if name in special or name.startswith("_"):
            return special.get(name, name)
        return name.lower() if name.isupper() else re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()

    return {snake(name): value for name, value in row.items()}


def numbered(dataset: Dataset, number: int) -> Dataset:
    """The dataset with its own number in every id."""

    def cell(value: Any) -> Any:
        return value.replace(DIGITS, f"{number:05}") if isinstance(value, str) else value

    return Dataset(
        {path: [{name: cell(v) for name, v in row.items()} for row in rows] for path, rows in dataset.files.items()}
    )


# R19: objects whose fields of the org's own and whose last change the views with Marketo Measure's names show.
RECORDS = ("Task", "Event", "Lead", "Contact", "Account", "Opportunity", "CampaignMember")


def draw_dataset(seed: int | str, **holds: Any) -> Dataset:
    return with_more_columns(Draw(random.Random(seed), **holds).draw(), random.Random(f"more of {seed}"))


def with_more_columns(dataset: Dataset, random: random.Random) -> Dataset:
    """What no rule but R19 reads: drawn apart, so that the rows stay the same."""
    for path, rows in dataset.files.items():
        table, file = path.rsplit("/", 1)
        for row in rows:
            more: dict[str, Any] = {}
            if table.removeprefix("salesforce/") in RECORDS:
                more["Tier__c"] = random.choice([None, "", " ", "Gold", ' "A" '])
                more["zone__c"] = random.choice([None, None, "Süd\n2"])
                if random.random() < 0.2:
                    more["LastModifiedDate"] = f"2024-0{random.randint(1, 9)}-01T00:00:00.000Z"
            elif table == "web/sessions":
                more["HAS_CRM_ACTIVITY"] = random.choice([None, None, "true", "false"])
            row |= fivetran(more) if file.startswith("fivetran") else more
    return dataset


def draw_journey(seed: int | str) -> Dataset:
    return Draw(random.Random(seed)).draw_journey()


def pack(datasets: Iterable[Dataset]) -> Dataset:
    """All rows of the datasets in the files of the same names, each dataset's rows in their order."""
    packed = Dataset()
    for dataset in datasets:
        for path, rows in dataset.files.items():
            table, file = path.rsplit("/", 1)
            packed.add(table, *rows, file=file)
    return packed


def number_of(row: dict[str, Any]) -> int | None:
    """Which dataset a row of a mart belongs to."""
    for value in row.values():
        match = NUMBER.search(value) if isinstance(value, str) else None
        if match:
            return int(match.group(1))
    return None


def without_row(dataset: Dataset, path: str, index: int) -> Dataset:
    files = {name: list(rows) for name, rows in dataset.files.items()}
    del files[path][index]
    return Dataset(files)


def without_cell(dataset: Dataset, path: str, index: int, name: str) -> Dataset:
    files = {key: list(rows) for key, rows in dataset.files.items()}
    files[path][index] = {column: value for column, value in files[path][index].items() if column != name}
    return Dataset(files)


def reductions(dataset: Dataset) -> list[Dataset]:
    """Every dataset that has one row, or one filled cell, less."""
    reduced = [without_row(dataset, path, i) for path, rows in dataset.files.items() for i in range(len(rows))]
    for path, rows in dataset.files.items():
        for index, row in enumerate(rows):
            keys = {"ID", "Id", "id", "EVENT_DATE", "event_date"}
            reduced += [without_cell(dataset, path, index, name) for name in row if name not in keys and row[name]]
    return reduced


def shrink(dataset: Dataset, failing: Callable[[list[Dataset]], list[int]]) -> Dataset:
    """The smallest dataset found that still fails; all reductions of a round are tried in one build."""
    while True:
        candidates = reductions(dataset)
        failed = failing([numbered(candidate, number) for number, candidate in enumerate(candidates)])
        if not failed:
            return dataset
        dataset = candidates[failed[0]]


def show(dataset: Dataset) -> str:
    lines = []
    for path, rows in sorted(dataset.files.items()):
        lines += [f"  {path}: { {name: value for name, value in row.items() if value is not None} }" for row in rows]
    return "\n".join(lines)


def dealt(dataset: Dataset, random: random.Random) -> list[tuple[str, list[dict[str, Any]], str]]:
    """The same rows in other files, in any order, some rows twice: (table, rows, kind of file).

    Only for datasets without ties: of versions with one time, the file's name decides.
    """
    by_writer: dict[tuple[str, bool], list[dict[str, Any]]] = {}
    for path, rows in dataset.files.items():
        table, file = path.rsplit("/", 1)
        # The marker is one in CSV files only.
        unmarked = [{name: None if value == NULL_MARKER else value for name, value in row.items()} for row in rows]
        by_writer.setdefault((table, file.startswith("fivetran")), []).extend(unmarked)
    files: list[tuple[str, list[dict[str, Any]], str]] = []
    for (table, _), rows in by_writer.items():
        shuffled = rows + random.sample(rows, len(rows) // 3)
        random.shuffle(shuffled)
        while shuffled:
            size = random.randint(1, len(shuffled))
            files.append((table, shuffled[:size], random.choice(["csv", "csv.gz", "jsonl", "jsonl.gz", "parquet"])))
            shuffled = shuffled[size:]
    random.shuffle(files)
    return files
