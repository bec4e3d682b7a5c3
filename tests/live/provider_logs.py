"""The providers' interfaces for tests: paging, filters, corrections and hidden calls as documented."""

import base64
import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from tests.live.standin import Answer, Request

ENVIRONMENT = {
    "CALL_ATTRIBUTION_CTM_ACCOUNT_ID": "4711",
    "CALL_ATTRIBUTION_CTM_ACCESS_KEY": "access-s3cret",
    "CALL_ATTRIBUTION_CTM_SECRET_KEY": "secret-s3cret",
    "CALL_ATTRIBUTION_CALLRAIL_ACCOUNT_ID": "ACC1",
    "CALL_ATTRIBUTION_CALLRAIL_API_KEY": "rail-s3cret",
    "CALL_ATTRIBUTION_INVOCA_NETWORK": "acme",
    "CALL_ATTRIBUTION_INVOCA_NETWORK_ID": "33",
    "CALL_ATTRIBUTION_INVOCA_API_TOKEN": "invoca-s3cret",
}
ZONE = timezone(timedelta(hours=-5))
Row = dict[str, Any]


@dataclass
class Log:
    """Calls as a provider keeps them; its clock stands still until a test moves it."""

    now: datetime = datetime(2026, 3, 1, 12, tzinfo=UTC)
    page_size: int = 1000
    calls: dict[int, Row] = field(default_factory=dict)
    on_page: Callable[[], None] | None = None
    numbers: int = 0

    def call(self) -> int:
        """Somebody calls."""
        self.numbers += 1
        self.calls[self.numbers] = {"at": self.now, "note": f"note {self.numbers}", "hidden": False}
        return self.numbers

    def correct(self, number: int, note: str) -> None:
        self.calls[number]["note"] = note

    def hide(self, number: int) -> None:
        self.calls[number]["hidden"] = True

    def expected(self) -> dict[str, str]:
        """What a complete extraction has to hold: the latest of every call, hidden ones included."""
        return {str(number): call["note"] for number, call in self.calls.items()}

    def day(self, number: int) -> str:
        """Days are the account's."""
        return f"{self.calls[number]['at'].astimezone(ZONE):%Y-%m-%d}"

    def listed(self, request: Request, only_hidden: bool) -> list[int]:
        first, last = request.params["start_date"], request.params["end_date"]
        return [
            number
            for number, call in self.calls.items()
            if first <= self.day(number) <= last and call["hidden"] == only_hidden
        ]

    def turned(self) -> None:
        if self.on_page:
            self.on_page()


class CtmLog(Log):
    def answer(self, request: Request) -> Answer:
        expected = base64.b64encode(b"access-s3cret:secret-s3cret").decode()
        if request.headers.get("Authorization") != f"Basic {expected}":
            return _json({"error": "unauthorized"}, 401)
        assert request.path == "/api/v1/accounts/4711/calls"
        size = min(int(request.params["per_page"]), self.page_size)
        if int(request.params["per_page"]) > 150:
            return _json({"error": "per_page limit is 150"}, 400)
        numbers = sorted(self.listed(request, request.params.get("excluded") == "1"), reverse=True)
        page = int(request.params.get("page", "1"))
        shown = numbers[(page - 1) * size : page * size]
        more = page * size < len(numbers)
        self.turned()
        return _json(
            {
                "calls": [self.row(number) for number in shown],
                "total_entries": len(numbers),
                "page": page,
                "next_page": f"https://elsewhere.example/api?page={page + 1}" if more else None,
            }
        )

    def row(self, number: int) -> Row:
        call = self.calls[number]
        return {
            "id": number,
            "unix_time": int(call["at"].timestamp()),
            "called_at": f"{call['at'].astimezone(ZONE):%Y-%m-%d %I:%M %p} -05:00",
            "direction": "inbound",
            "duration": 60,
            "caller_number": "(206) 555-0100",
            "ga": {"gclid": "x"},
            "excluded": call["hidden"],
            "name": call["note"],
        }


class CallRailLog(Log):
    knows_spam: str = "yes"  # yes | ignores | refuses

    def answer(self, request: Request) -> Answer:
        if request.headers.get("Authorization") != 'Token token="rail-s3cret"':
            return _json({"error": "HTTP Token: Access denied."}, 401)
        assert request.path == "/v3/a/ACC1/calls.json" and int(request.params["per_page"]) <= 250
        only_spam = request.params.get("spam") == "true"
        if only_spam and self.knows_spam == "refuses":
            return _json({"error": "unknown parameter"}, 400)
        numbers = sorted(self.listed(request, only_spam and self.knows_spam == "yes"))
        size, page = min(int(request.params["per_page"]), self.page_size), int(request.params["page"])
        shown = numbers[(page - 1) * size : page * size]
        self.turned()
        return _json(
            {
                "page": page,
                "total_pages": max(1, math.ceil(len(numbers) / size)),
                "total_records": len(numbers),
                "calls": [self.row(number) for number in shown],
            }
        )

    def row(self, number: int) -> Row:
        call = self.calls[number]
        return {
            "id": str(number),
            "start_time": call["at"].astimezone(ZONE).isoformat(timespec="milliseconds"),
            "direction": "inbound",
            "duration": 60,
            "customer_phone_number": "+12065550100",
            "note": call["note"],
        }


@dataclass
class InvocaLog(Log):
    """A correction is a transaction of its own; nothing is ever hidden."""

    transactions: list[Row] = field(default_factory=list)

    def call(self) -> int:
        number = super().call()
        self._transact(number, None)
        return number

    def correct(self, number: int, note: str) -> None:
        super().correct(number, note)
        self._transact(number, f"T-{self._first(number):08d}")

    def hide(self, number: int) -> None:
        pass

    def _first(self, number: int) -> int:
        return next(index for index, row in enumerate(self.transactions, 1) if row["complete_call_id"] == str(number))

    def _transact(self, number: int, corrects: str | None) -> None:
        call = self.calls[number]
        self.transactions.append(
            {
                "transaction_id": f"T-{len(self.transactions) + 1:08d}",
                "complete_call_id": str(number),
                "transaction_type": "Call",
                "corrects_transaction_id": corrects,
                "corrected_at": self.now.isoformat() if corrects else None,
                "start_time_utc": int(call["at"].timestamp() * 1000),
                "calling_phone_number": "206-555-0100",
                "notes": call["note"],
            }
        )

    def expected(self) -> dict[str, str]:
        return {row["transaction_id"]: row["notes"] for row in self.transactions}

    def answer(self, request: Request) -> Answer:
        if request.headers.get("Authorization") != "invoca-s3cret":
            return _json({"errors": "denied"}, 403)
        assert request.path == "/api/2020-10-01/networks/transactions/33.json"
        assert "oauth_token" not in request.params
        after = request.params["start_after_transaction_id"]
        start = int(after.removeprefix("T-")) if after else 0
        self.turned()
        return _json(self.transactions[start : start + min(int(request.params["limit"]), self.page_size)])


def _json(value: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value).encode())
