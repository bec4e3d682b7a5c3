"""What can make a number change, each in people and accounts of its own: the rows before, and the rows after."""

from collections.abc import Mapping
from typing import Any

Rows = Mapping[str, list[dict[str, Any]]]


def cookie(letter: str) -> str:
    return f"{letter}c0de".ljust(32, "0")


def session(name: str, letter: str, landing_page: str = "", **more: Any) -> dict[str, Any]:
    page = f"https://www.harbourdesk.example/{landing_page}"
    return {
        "ID": name,
        "COOKIE_ID": cookie(letter),
        "EVENT_DATE": "2024-05-01 10:00:00",
        "LANDING_PAGE_RAW": page,
    } | more


def task(number: int, letter: str | None, modified: str, **more: Any) -> dict[str, Any]:
    return {
        "Id": f"00T{number:012}",
        "CreatedDate": "2024-05-01T10:10:00.000Z",
        "SystemModstamp": f"{modified}T10:10:00.000Z",
        "Type": "Call",
        "bizible2__BizibleId__c": cookie(letter) if letter else "",
    } | more


def logged(name: str, **more: Any) -> dict[str, Any]:
    """A call in CallRail's log; all are from one number."""
    call = {"id": name, "start_time": "2024-05-01T10:10:00Z", "direction": "inbound", "session_uuid": "visitor"}
    return call | {"customer_phone_number": "+12065550134"} | more


def contact(number: int, letter: str, account: int, modified: str, **more: Any) -> dict[str, Any]:
    return {
        "Id": f"003{number:012}",
        "Email": f"{letter}@scenario.example",
        "AccountId": f"001{account:012}",
        "CreatedDate": "2024-05-01T10:20:00.000Z",
        "SystemModstamp": f"{modified}T10:20:00.000Z",
    } | more


def opportunity(number: int, account: int, modified: str, **more: Any) -> dict[str, Any]:
    return {
        "Id": f"006{number:012}",
        "AccountId": f"001{account:012}",
        "Amount": "1000",
        "CreatedDate": "2024-05-10T10:00:00.000Z",
        "CloseDate": "2024-06-01",
        "IsClosed": "false",
        "IsWon": "false",
        "SystemModstamp": f"{modified}T10:00:00.000Z",
    } | more


def form(letter: str, session_id: str) -> dict[str, Any]:
    return {
        "ID": f"form-{session_id}",
        "SESSION_ID": session_id,
        "COOKIE_ID": cookie(letter),
        "EVENT_DATE": "2024-05-01 10:05:00",
        "EMAIL": f"{letter}@scenario.example",
    }


WON = {"IsClosed": "true", "IsWon": "true"}
MAY, JUNE = "2024-05-01", "2024-06-01"

BEFORE: Rows = {
    "web/sessions": [
        session("s-late", "a"),
        session("s-merged-1", "b"),
        session("s-merged-2", "c"),
        session("s-closed", "d"),
        session("s-deleted", "e"),
        session("s-rule", "f", "partners?utm_source=gazette&utm_medium=sponsored"),
        session("s-logged-1", "7"),
        session("s-logged-2", "8"),
        session("s-still", "9"),
    ],
    "web/form_submits": [
        form(letter, name)
        for letter, name in (("b", "s-merged-1"), ("c", "s-merged-2"), ("d", "s-closed"), ("f", "s-rule"))
    ],
    "salesforce/Task": [
        task(1, None, MAY),
        task(2, "7", MAY, CallObject="CAL1", WhoId=f"003{5:012}"),
        task(3, "8", MAY, CallObject="CAL2", WhoId=f"003{5:012}"),
    ],
    "calls/callrail": [logged("CAL1"), logged("CAL2")],
    # The first of the corporate currencies counts: another one would concern every opportunity.
    "salesforce/CurrencyType": [
        {"Id": f"01L{1:012}", "IsoCode": "AAA", "IsCorporate": "true", "SystemModstamp": f"{MAY}T10:00:00.000Z"}
    ],
    "salesforce/Contact": [
        contact(1, "b", 1, MAY),
        contact(2, "c", 1, MAY),
        contact(3, "d", 2, MAY),
        contact(4, "f", 3, MAY),
        contact(5, "7", 4, MAY),
    ],
    "salesforce/Opportunity": [
        opportunity(1, 1, MAY, **WON),
        opportunity(2, 2, MAY),
        opportunity(3, 3, MAY, **WON),
    ],
}
AFTER: Rows = {
    # The BizibleId is filled in two days late.
    "salesforce/Task": [task(1, "a", "2024-05-03")],
    # The provider deletes a call from its log; Fivetran marks it.
    "calls/callrail": [logged("CAL1"), logged("CAL2", _fivetran_deleted="true")],
    # Salesforce deletes the losing record of a merge. The org has a field of its own since then.
    "salesforce/Contact": [contact(2, "c", 1, JUNE, IsDeleted="true", MasterRecordId=f"003{1:012}", Tier__c="Gold")],
    "salesforce/Opportunity": [opportunity(2, 2, JUNE, **WON)],
    "web/sessions": [session("s-deleted", "e", IS_DELETED="true", MODIFIED_DATE="2024-06-01 00:00:00")],
}
# A line above all others of the rule sheet.
RULE = "Paid Social,Partners,,sponsored,,,,"
