"""The three providers: how each lists its calls, and its settings."""

import base64
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol, runtime_checkable
from urllib.parse import parse_qsl, urlencode

from pydantic import BaseModel

from orchestration.lib.settings import LiveLimits
from orchestration.lib.sources.answers import Row
from orchestration.lib.sources.errors import LiveSourceError, Refused, SettingMissing
from orchestration.lib.sources.files import name_of_id
from orchestration.lib.sources.http import Clock, RetrySession
from orchestration.lib.sources.providers.client import Client
from orchestration.lib.sources.settings import budget
from orchestration.lib.terminal import counted

PREFIX = "CALL_ATTRIBUTION_"
API_BUDGET = PREFIX + "PROVIDER_API_BUDGET"
# CallRail allows 1,000 calls an hour; half of it leaves room for other users of the account.
DEFAULT_API_BUDGET = 500

# As part of a file name, which has two ids and at most 255 bytes.
LONGEST_ID = 100


class CallTrackingMetricsPage(BaseModel):
    calls: list[Row]
    next_page: str | None = None
    total_entries: int | None = None


class CallRailPage(BaseModel):
    calls: list[Row]
    total_pages: int
    total_records: int | None = None


class ListsByDay(Protocol):
    """A log that is queried by day. It has no time of change, so recent days are read again."""

    @property
    def client(self) -> Client: ...

    def read(self, first: date, last: date) -> Iterator[Row]: ...


@runtime_checkable
class ListsByTransaction(Protocol):
    """A log that is read from the last known transaction on; a correction is a transaction of its own."""

    @property
    def client(self) -> Client: ...

    def read_after(self, transaction_id: str) -> list[Row]: ...


Log = ListsByDay | ListsByTransaction


class ListMoved(LiveSourceError):
    """The list changed while its pages were read."""


@dataclass(frozen=True)
class CallTrackingMetrics:
    """`GET /api/v1/accounts/{id}/calls`: numbered pages of 150, days in the account's zone."""

    client: Client
    account_id: str

    def read(self, first: date, last: date) -> Iterator[Row]:
        # The list omits calls that are excluded from reports unless the request asks for them. A separate pass asks for
        # them: whether its answer contains only these calls or all calls, together nothing is missing.
        yield from with_hidden(lambda hidden: self._pages(first, last, {"excluded": "1"} if hidden else {}), "excluded")

    def _pages(self, first: date, last: date, extra: Mapping[str, str]) -> Iterator[Row]:
        path = f"/api/v1/accounts/{self.account_id}/calls"
        params = {"start_date": str(first), "end_date": str(last), "per_page": "150", **extra}
        seen, pages, position = Seen(), self.client.pages(), {}
        while True:
            pages.enter(urlencode(position))
            answer = self.client.get(path, {**position, **params}, CallTrackingMetricsPage)
            for row in answer.calls:
                seen.add(row)
                yield row
            if not answer.next_page:
                break
            # Only its parameters: the next page is in the same list on the same host, whatever the answer contains.
            position = dict(parse_qsl(answer.next_page.partition("?")[2]))
        seen.require_all(answer.total_entries)


@dataclass(frozen=True)
class CallRail:
    """`GET /v3/a/{id}/calls.json`: numbered pages of 250 from the oldest call on, days in the account's zone."""

    client: Client
    account_id: str

    # In addition to the default fields.
    FIELDS = (
        "call_type,company_id,company_name,company_time_zone,created_at,device_type,first_call,tags,value,lead_status,"
        "source,source_name,medium,campaign,keywords,landing_page_url,last_requested_url,referring_url,referrer_domain,"
        "utm_source,utm_medium,utm_campaign,utm_term,utm_content,ga,gclid,fbclid,msclkid,tracker_id,timeline_url,"
        "person_id,session_uuid"
    )

    def read(self, first: date, last: date) -> Iterator[Row]:
        yield from with_hidden(lambda hidden: self._pages(first, last, {"spam": "true"} if hidden else {}), "spam")

    def _pages(self, first: date, last: date, extra: Mapping[str, str]) -> Iterator[Row]:
        params = {
            "start_date": str(first),
            "end_date": str(last),
            "per_page": "250",
            "sort": "start_time",
            "order": "asc",
            "fields": self.FIELDS,
            **extra,
        }
        seen, pages, number = Seen(), self.client.pages(), 1
        while True:
            pages.enter(str(number))
            path = f"/v3/a/{self.account_id}/calls.json"
            answer = self.client.get(path, {**params, "page": str(number)}, CallRailPage)
            for row in answer.calls:
                seen.add(row)
                yield row
            if number >= answer.total_pages:
                break
            number += 1
        seen.require_all(answer.total_records)


@dataclass(frozen=True)
class Invoca:
    """`GET /api/2020-10-01/networks/transactions/{id}.json`: up to 4,000 transactions after the last one known."""

    client: Client
    network_id: str

    def read_after(self, transaction_id: str) -> list[Row]:
        return self.client.get(
            f"/api/2020-10-01/networks/transactions/{self.network_id}.json",
            {
                "limit": "4000",
                "start_after_transaction_id": transaction_id,
                "include_columns": "$invoca_default_columns,$invoca_custom_columns",
            },
            list[Row],
        )


def with_hidden(pages: Callable[[bool], Iterator[Row]], mark: str) -> Iterator[Row]:
    """The listed calls, then those that are only listed on request, with their mark."""
    listed = Seen()
    for row in pages(False):
        listed.add(row)
        yield row
    try:
        for row in pages(True):
            if row not in listed:
                yield {**row, mark: True}
    except Refused as refusal:
        # The account or API version does not know the parameter, so hidden calls are not available.
        if refusal.code not in ("400", "404", "422"):
            raise


class Seen:
    """The calls that a list has contained. A row without an id stays a row: landing quarantines it."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._without_id = 0

    def add(self, row: Row) -> None:
        call_id = id_of(row)
        if call_id is None:
            self._without_id += 1
        else:
            self._ids.add(call_id)

    def __contains__(self, row: Row) -> bool:
        return id_of(row) in self._ids

    def require_all(self, announced: int | None) -> None:
        """A call that is excluded or deleted between two pages moves the others up, and one of them is missed."""
        found = len(self._ids) + self._without_id
        if announced is not None and found < announced:
            raise ListMoved(
                f"The list announced {counted(announced, 'call')} and contained {found}: it changed while it was read."
            )


def id_of(row: Row, column: str = "id") -> str | None:
    """The row's id, if it has one that can be used."""
    value = row.get(column)
    text = str(value) if isinstance(value, str | int) else ""
    return text if text.isprintable() and 0 < len(name_of_id(text)) <= LONGEST_ID else None


@dataclass(frozen=True)
class Provider:
    """Everything needed to fetch one provider's log."""

    name: str  # also the name of its landing folder and table
    settings: tuple[str, ...]
    build: Callable[[Mapping[str, str], RetrySession], Log]

    def connect(
        self,
        environ: Mapping[str, str] = os.environ,
        clock: Clock | None = None,
        limits: LiveLimits | None = None,
    ) -> Log | None:
        """None if the provider is not configured at all; an incomplete configuration is an error."""
        values = {name: environ.get(name, "").strip() for name in self.settings}
        if not any(values.values()):
            return None
        missing = [name for name, value in values.items() if not value]
        if missing:
            raise SettingMissing(self.name, missing)
        if unusable := [name for name, value in values.items() if not (value.isascii() and value.isprintable())]:
            # Without the value, which can be a secret.
            raise LiveSourceError(
                f"{', '.join(unusable)} has a line break or a character outside ASCII, such as a long dash from a text "
                "document. Copy it again."
            )
        session = RetrySession(self.name, budget(environ, API_BUDGET, DEFAULT_API_BUDGET), API_BUDGET, clock, limits)
        return self.build(values, session)


CTM_SETTINGS = (PREFIX + "CTM_ACCOUNT_ID", PREFIX + "CTM_ACCESS_KEY", PREFIX + "CTM_SECRET_KEY")
CALLRAIL_SETTINGS = (PREFIX + "CALLRAIL_ACCOUNT_ID", PREFIX + "CALLRAIL_API_KEY")
INVOCA_SETTINGS = (PREFIX + "INVOCA_NETWORK", PREFIX + "INVOCA_NETWORK_ID", PREFIX + "INVOCA_API_TOKEN")


def _ctm(values: Mapping[str, str], session: RetrySession) -> CallTrackingMetrics:
    account, access_key, secret_key = (values[name] for name in CTM_SETTINGS)
    token = base64.b64encode(f"{access_key}:{secret_key}".encode()).decode()
    headers = {"Authorization": f"Basic {token}"}
    client = Client("CallTrackingMetrics", "api.calltrackingmetrics.com", headers, CTM_SETTINGS, session)
    return CallTrackingMetrics(client, _path_part(CTM_SETTINGS[0], account))


def _callrail(values: Mapping[str, str], session: RetrySession) -> CallRail:
    account, key = (values[name] for name in CALLRAIL_SETTINGS)
    headers = {"Authorization": f'Token token="{key}"'}
    client = Client("CallRail", "api.callrail.com", headers, CALLRAIL_SETTINGS, session)
    return CallRail(client, _path_part(CALLRAIL_SETTINGS[0], account))


def _invoca(values: Mapping[str, str], session: RetrySession) -> Invoca:
    network, network_id, token = (values[name] for name in INVOCA_SETTINGS)
    vanity = _path_part(INVOCA_SETTINGS[0], network.removeprefix("https://").rstrip("/").removesuffix(".invoca.net"))
    client = Client("Invoca", f"{vanity}.invoca.net", {"Authorization": token}, INVOCA_SETTINGS, session)
    return Invoca(client, _path_part(INVOCA_SETTINGS[1], network_id))


def _path_part(name: str, value: str) -> str:
    if not value.replace("-", "").replace("_", "").isalnum() or not value.isascii():
        raise LiveSourceError(f"{name} is {value!r}. Allowed: letters, digits, - and _.")
    return value


PROVIDERS = (
    Provider("calltrackingmetrics", CTM_SETTINGS, _ctm),
    Provider("callrail", CALLRAIL_SETTINGS, _callrail),
    Provider("invoca", INVOCA_SETTINGS, _invoca),
)
