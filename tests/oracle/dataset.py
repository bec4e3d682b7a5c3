"""What the oracle reads: source rows in files, the rules' variables and the seeds."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from . import values

PROJECT = Path(__file__).resolve().parents[2]

HISTORY_TABLES = {"salesforce/OpportunityHistory", "salesforce/LeadHistory"}


def canonical(name: str) -> str:
    """Column names are compared on letters and digits, in lower case, a leading underscore kept."""
    name = name.strip().lower()
    return ("_" if name.startswith("_") else "") + re.sub(r"[^a-z0-9]", "", name)


# Columns of ids, cookie ids, email addresses, times, flags, numbers and CallObject, in canonical form.
NO_PLAIN_TEXT = re.compile(
    r".*ids?c?|.*date(time)?c?|.*modstamp|_fivetran.*|(is|has)(?!p).*|.*email|amount|conversionrate|callduration.*|callobject"
)


def is_null(column: str, value: Any, file: str) -> bool:
    r"""Whether the source wrote a null as text: `\N` in a CSV file, or a word where no word can be."""
    if value == "\\N":
        return file.endswith(".csv")
    return NO_PLAIN_TEXT.fullmatch(column) is not None and str(value).strip().lower() in values.WORDS_FOR_NULL


class Row:
    """One source row, with its columns in any spelling. An empty cell is not a value."""

    key = ""  # the row's normalised id, as soon as it is known to have one

    def __init__(self, cells: dict[str, Any], file: str = "") -> None:
        named = {canonical(name): value for name, value in cells.items()}
        self.cells = {name: value for name, value in named.items() if not is_null(name, value, file)}

    def raw(self, name: str) -> object:
        return self.cells.get(canonical(name))

    def text(self, name: str) -> str | None:
        return values.text(self.raw(name))

    def id(self, name: str) -> str | None:
        return values.salesforce_id(self.raw(name))

    def cookie(self, name: str) -> str | None:
        return values.cookie_id(self.raw(name))

    def email(self, name: str) -> str | None:
        return values.email(self.raw(name))

    def time(self, name: str) -> datetime | None:
        return values.timestamp(self.raw(name))

    def flag(self, name: str) -> bool:
        return values.boolean(self.raw(name))

    def is_deletion(self) -> bool:
        """R1.10: the source says that the row is gone."""
        return (
            self.flag("IsDeleted")
            or self.flag("IS_DELETED")
            or self.text("_DELETED_DATE") is not None
            or self.flag("_fivetran_deleted")
            or self.is_closed()
        )

    def is_closed(self) -> bool:
        """Fivetran's history mode: no longer the version that counts. If it is the last one, the record is deleted."""
        return (self.text("_fivetran_active") or "").lower() in {"false", "f", "no", "n", "0", "0.0"}

    def is_live(self) -> bool:
        """R1.10: neither deleted nor a duplicate nor noise."""
        return not (self.is_deletion() or self.flag("IS_DUPLICATED") or self.flag("IS_IGNORE"))


@dataclass
class Dataset:
    """Files of source rows: `web/sessions/a.csv` -> its rows, from the top."""

    files: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    # R7.4, R17.3: these facts can come from another dataset of the same landing folder.
    tracks_lead_status: bool = False
    tracks_opportunity_stage: bool = False
    corporate_currency: str | None = None
    _newest: dict[str, list[Row]] = field(default_factory=dict, repr=False)

    def add(self, table: str, *rows: dict[str, Any], file: str = "rows.jsonl") -> None:
        self.files.setdefault(f"{table}/{file}", []).extend(rows)
        self._newest.clear()

    def newest(self, table: str) -> list[Row]:
        """One row per key: latest version time, then a deletion, then by file name and line (R1.11)."""
        if table not in self._newest:
            self._newest[table] = self._read_newest(table)
        return self._newest[table]

    def _read_newest(self, table: str) -> list[Row]:
        candidates: dict[str, list[tuple[tuple[object, ...], Row]]] = {}
        for path in sorted(self.files):
            if path.rsplit("/", 1)[0] != table:
                continue
            for line, cells in enumerate(self.files[path]):
                row = Row(cells, path)
                key = row.id("Id") if table.startswith("salesforce/") else row.text("ID")
                if key is None:
                    continue
                if table.startswith("web/") and table != "web/email_to_visitor_ids" and row.time("EVENT_DATE") is None:
                    continue  # quarantined
                row.key = key
                # A version is closed in place: it is newer than itself when it was open, unless a later one began.
                began = row.time("_fivetran_start") or datetime.min
                gone = not row.is_live() and not row.is_closed()
                rank = (version_time(table, row) or datetime.min, gone, began, row.is_closed(), path, line)
                candidates.setdefault(key, []).append((rank, row))
        return [max(versions, key=lambda version: version[0])[1] for _, versions in sorted(candidates.items())]

    def live(self, table: str) -> list[Row]:
        return [row for row in self.newest(table) if row.is_live()]


def version_time(table: str, row: Row) -> datetime | None:
    """When this version of the row was written: the first filled of these fields."""
    names = ["SystemModstamp", "LastModifiedDate", "MODIFIED_DATE", "_MODIFIED_DATE"]
    if table in HISTORY_TABLES:
        names.append("CreatedDate")
    names.append("_fivetran_synced")
    for name in names:
        if row.text(name) is not None:
            return values.moment(row.raw(name))
    return None


BUYER_TOUCHPOINT_DATE = "bizible2__Bizible_Touchpoint_Date__c"
BIZIBLE_ID = "bizible2__BizibleId__c"


@dataclass(frozen=True)
class Variables:
    """The rules' variables with their defaults."""

    call_time_ladder: tuple[str, ...] = (BUYER_TOUCHPOINT_DATE, "CreatedDate")
    call_time_subtracts_duration: bool = False
    call_session_window_minutes: int = 30
    call_session_window_anchor: str = "session_start"
    session_timeout_minutes: int = 30
    call_tracking_objects: tuple[str, ...] = ("Task",)
    bizible_id_pattern: str = "[0-9a-f]{32}"
    publish_phone_numbers: bool = False
    dedupe_calls: bool = True
    call_medium_source: str = "task_type"
    blank_call_type_policy: str = "web_visit"
    session_channel_carryover: bool = False
    session_channel: str = "rules"
    session_source: str = "auto"
    own_hosts: tuple[str, ...] = ()
    repeated_referrer_starts_session: bool = True
    attribution_mapping: str = "account"
    skipped_stages: str = "milestones"
    opportunity_amount_fields: tuple[str, ...] = ("Amount",)
    conversion_rates: str = "dated"
    # R9: the same data without call tracking; not a variable of the project, the impact report needs it.
    call_tracking: bool = True


# R8.6: the models for which marts have columns.
WIDE_MODELS = ("first_touch", "lead_creation", "u_shaped", "w_shaped", "full_path", "custom")


def read_seed(name: str) -> list[dict[str, str]]:
    with (PROJECT / "seeds" / f"{name}.csv").open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


@dataclass(frozen=True)
class Seeds:
    """The lists that users edit."""

    channel_rules: list[dict[str, str]]
    builtin_conditions: list[dict[str, str]]
    ad_platforms: list[dict[str, str]]
    ad_parameters: list[dict[str, str]]
    ad_networks: list[dict[str, str]]
    click_ids: list[dict[str, str]]
    search_engines: list[dict[str, str]]
    social_networks: list[dict[str, str]]
    identity_providers: list[dict[str, str]]
    ignored_referrers: list[dict[str, str]]
    task_type_map: list[dict[str, str]]
    stages: list[dict[str, str]]
    attribution_models: list[dict[str, str]]
    windows_minutes: list[dict[str, str]]
    task_description_patterns: list[dict[str, str]]
    anonymous_caller_numbers: list[dict[str, str]]
    campaign_rules: list[dict[str, str]]
    activity_rules: list[dict[str, str]]
    offline_channels: list[dict[str, str]]

    @staticmethod
    def shipped(**replaced: list[dict[str, str]]) -> Seeds:
        names = Seeds.__dataclass_fields__
        return Seeds(**{name: replaced.get(name) or read_seed(name) for name in names})

    def models(self) -> Iterator[tuple[str, dict[str, Decimal]]]:
        """R8.1: each model with its weights by position, in the order of the seed."""
        names = list(dict.fromkeys(row["model"] for row in self.attribution_models))
        for name in names:
            yield name, {r["position"]: Decimal(r["weight"]) for r in self.attribution_models if r["model"] == name}

    def takes_all(self, model: str) -> bool:
        """R8.6: whether plain visits can be middle touches of a model."""
        return any(r["model"] == model and (r.get("middle") or "").lower() == "all" for r in self.attribution_models)

    def middle_until(self, model: str) -> str:
        """R8.1: the position up to which a model's middle touches reach; `Closed` is the close itself."""
        rows = [row for row in self.attribution_models if row["model"] == model and row["position"] == "middle"]
        return rows[0]["until"] if rows else "Closed"
