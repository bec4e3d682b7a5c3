"""The rules for touches from CRM records (R10 to R12): their seeds, checked before a run lands anything.

problems(settings)            what is wrong with the seeds, by file and line
check_fields(settings, con)   stops on a field that neither the input contract nor a landed file has
fields(settings)              the fields that they name, by object: a live source extracts these too
parsed_fields(settings)       their dates, and the fields that variables name: landing lists values that cannot be read

dbt computes the rules from the same seeds (models/intermediate/crm_rules); what a name or a value means is in
macros/conditions.sql for both.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

import duckdb

from orchestration.lib import own_settings, seeds
from orchestration.lib.landing.contract import TECHNICAL_COLUMNS, Names, SourceTable, normalise
from orchestration.lib.landing.macros import sql_macro
from orchestration.lib.seeds import SeedError, SeedRow
from orchestration.lib.settings import Settings

CONDITION = ("rule", "box", "field", "operator", "value")
COLUMNS = {
    "campaign_rules": (*CONDITION, "touchpoint_date"),
    "activity_rules": ("object", *CONDITION, "campaign_name", "touchpoint_date"),
    "offline_channels": ("campaign_type", "channel", "subchannel"),
}
# Settings of the whole rule: the same on all its rows, or on one.
RULE_LEVEL = ("touchpoint_date", "campaign_name")
# The objects whose fields a rule of each seed can use; an activity rule only those of its own object.
OBJECTS = {"campaign_rules": ("Campaign", "CampaignMember"), "activity_rules": ("Task", "Event")}
SYNONYMS = {"crmtask": "Task", "crmevent": "Event"}

EQUALITY = ("is equal to", "is not equal to")
TEXTS = ("contains", "starts with", "ends with")
LISTS = ("matches any", "matches any (contains)")
COMPARISONS = ("greater than", "less than", "is greater or equal than", "is less or equal than")
OPERATORS = (*EQUALITY, *TEXTS, *LISTS, *COMPARISONS)

PARAMETER = re.compile(r"\{([^{}]*)\}")
# Parameters that stand for the name of a User, and the field with the User's id.
USERS = {"assignedto": "OwnerId", "createdby": "CreatedById"}


@dataclass(frozen=True)
class Field:
    """A field that a row of a seed names."""

    where: str
    object: str
    name: str
    is_date: bool = False


@dataclass
class Findings:
    fields: list[Field]
    problems: list[str]


def problems(settings: Settings) -> list[str]:
    """Every mistake in the seeds, except fields that do not exist."""
    found = [problem for seed in OBJECTS for problem in _read_rules(settings, seed).problems]
    rows, unreadable = _rows(settings, "offline_channels")
    return found + (unreadable or list(_channel_problems(rows)))


def fields(settings: Settings) -> dict[str, list[str]]:
    """The fields that rules name, by object."""
    named: dict[str, list[str]] = {}
    for seed in OBJECTS:
        for field in _read_rules(settings, seed).fields:
            names = named.setdefault(field.object, [])
            if normalise(field.name) not in map(normalise, names):
                names.append(field.name)
    return named


def parsed_fields(settings: Settings) -> dict[str, dict[str, str]]:
    """The fields that variables name, and the dates that rules name, with the type as which they are read, by table."""
    named = own_settings.named_fields(settings)
    for field in (field for seed in OBJECTS for field in _read_rules(settings, seed).fields if field.is_date):
        named.setdefault(f"salesforce/{field.object}", {}).setdefault(field.name, "timestamp")
    return named


def reads_creators(settings: Settings) -> bool:
    """Whether a campaign name shows who created a record."""
    rows, _ = _rows(settings, "activity_rules")
    # With or without its object, which need not be checked here: a link too many is never wrong.
    return any(normalise(name).endswith("createdby") for row in rows for name in _parameters(row))


def check_fields(settings: Settings, tables: Sequence[SourceTable], con: duckdb.DuckDBPyConnection) -> None:
    """Stops on a field that is unknown: neither in the input contract nor in any landed file of its object (R10.2)."""
    named = [field for seed in OBJECTS for field in _read_rules(settings, seed).fields]
    if not named:
        return
    columns = {table.name: _columns(con, table) for table in tables if table.source == "salesforce"}
    unknown = [
        f"{field.where}: {field.object} has no field {field.name}. Correct the name, or add the field to the export. "
        f"Known fields: {', '.join(columns[field.object].all)}."
        for field in named
        if columns[field.object].get(field.name) is None
    ]
    if unknown:
        raise SeedError("A seed names an unknown field:\n  " + "\n  ".join(unknown))


def _columns(con: duckdb.DuckDBPyConnection, table: SourceTable) -> Names:
    landed = con.execute(
        "SELECT column_name FROM duckdb_columns() WHERE database_name = current_database() AND schema_name = $schema"
        " AND table_name = $name ORDER BY column_index",
        {"schema": table.schema, "name": table.name},
    ).fetchall()
    return Names(table, [name for (name,) in landed if name not in TECHNICAL_COLUMNS])


def _rows(settings: Settings, seed: str) -> tuple[list[SeedRow], list[str]]:
    return seeds.read(own_settings.seed_file(settings, seed), COLUMNS[seed])


def _read_rules(settings: Settings, seed: str) -> Findings:
    """The fields that the rules of a seed name, and every mistake in the rules."""
    rows, unreadable = _rows(settings, seed)
    found = Findings([], unreadable)
    rules: dict[tuple[str, Decimal], list[SeedRow]] = {}
    for row in rows:
        number = _whole_number(row["rule"])
        owner = _owner(seed, row, found.problems)
        if number is None:
            found.problems.append(f"{row.where}: rule {row['rule'] or '(blank)'} is not a whole number.")
        elif owner is not None:
            rules.setdefault((owner, number), []).append(row)
        objects = (owner,) if seed == "activity_rules" and owner else OBJECTS[seed]
        _read_field(row, "field", objects, found)
        if row["touchpoint_date"]:
            _read_field(row, "touchpoint_date", objects, found)
        found.problems += _condition_problems(row)
        if owner is not None:
            for parameter in _parameters(row):
                _read_parameter(row, parameter, owner, found)
    for (_, number), of_rule in rules.items():
        found.problems += _rule_problems(seed, number, of_rule)
    return found


def _owner(seed: str, row: SeedRow, problems: list[str]) -> str | None:
    """The object to which a rule applies. An activity rule names it on all of its rows or on one, and also in its
    fields."""
    if seed == "campaign_rules":
        return "CampaignMember"
    named = row["object"] or row["field"].partition(".")[0]
    owner = _object(named, OBJECTS[seed])
    if owner is None and row["object"]:
        problems.append(f"{row.where}: object {named} is unknown. Allowed: {', '.join(OBJECTS[seed])}.")
    return owner


def _object(name: str, allowed: Sequence[str]) -> str | None:
    known = SYNONYMS | {normalise(own): own for objects in OBJECTS.values() for own in objects}
    found = known.get(normalise(name))
    return found if found in allowed else None


def _read_field(row: SeedRow, column: str, objects: Sequence[str], found: Findings) -> None:
    name, _, field = row[column].partition(".")
    owner = _object(name, objects)
    if owner is None or not field.strip():
        found.problems.append(
            f"{row.where}: {row[column] or '(blank)'} in column {column} is not a field of {' or '.join(objects)}. "
            f"Write it as {objects[0]}.<Field>, with the name that the Salesforce API uses."
        )
    else:
        found.fields.append(Field(row.where, owner, field.strip(), is_date=column == "touchpoint_date"))


def _parameters(row: SeedRow) -> list[str]:
    return [name.strip() for name in PARAMETER.findall(row["campaign_name"])]


def _read_parameter(row: SeedRow, parameter: str, owner: str, found: Findings) -> None:
    """R12.6: a field of the record, with or without its object, or the name of a User."""
    prefix, _, rest = parameter.partition(".")
    field = rest.strip() if rest and _object(prefix, (owner,)) else parameter
    if not normalise(field).strip("_"):
        found.problems.append(f"{row.where}: {{{parameter}}} in column campaign_name names no field of {owner}.")
    else:
        found.fields.append(Field(row.where, owner, USERS.get(normalise(field), field)))


def _condition_problems(row: SeedRow) -> Iterator[str]:
    operator, value = row["operator"].lower(), row["value"]
    if operator not in OPERATORS:
        yield (f"{row.where}: operator {row['operator'] or '(blank)'} is unknown. Allowed: {', '.join(OPERATORS)}.")
    elif operator in EQUALITY:
        return
    elif not value or (operator in LISTS and not value.replace(",", " ").strip()):
        yield f"{row.where}: `{operator}` needs a value. Only {' and '.join(EQUALITY)} compare with an empty field."
    elif operator in COMPARISONS and not _is_comparable(value):
        yield (
            f"{row.where}: {value} cannot be read. `{operator}` compares with a number, a date (2016-12-31 or "
            "12/31/2016) or a time (2016-12-31 18:00, UTC)."
        )


def _rule_problems(seed: str, number: Decimal, rows: list[SeedRow]) -> Iterator[str]:
    first = rows[0].where
    for column in [name for name in RULE_LEVEL if name in COLUMNS[seed]]:
        values = {row[column]: row.where for row in reversed(rows) if row[column]}
        if len(values) > 1:
            named = " and ".join(sorted(values))
            yield f"{max(values.values())}: rule {number:f} has two values in column {column}: {named}. Write one."
    if not any(row["touchpoint_date"] for row in rows):
        yield f"{first}: rule {number:f} needs a field in column touchpoint_date: it dates the touch."
    if seed == "activity_rules" and not any(row["object"] for row in rows):
        yield f"{first}: rule {number:f} names no object. Allowed: {', '.join(OBJECTS[seed])}."


def _channel_problems(rows: list[SeedRow]) -> Iterator[str]:
    seen: set[str] = set()
    for row in rows:
        key = row["campaign_type"].lower()
        if not key:
            yield f"{row.where}: the campaign_type is blank. Name a type or delete the row; a blank type is Other."
        elif key in seen:
            yield f"{row.where}: campaign_type {row['campaign_type']} occurs twice. List it once; case is ignored."
        if not row["channel"]:
            yield f"{row.where}: the channel is blank. Name a channel or delete the row."
        seen.add(key)


def _whole_number(text: str) -> Decimal | None:
    return Decimal(text) if re.fullmatch(r"-?[0-9]{1,9}([.]0*)?", text) else None


@cache
def _is_comparable(value: str) -> bool:
    """Whether a value is a number, a day or a time, by the macros that compare it."""
    readings = [sql_macro(name)("value") for name in ("condition_number", "condition_day", "condition_time")]
    found = " OR ".join(f"({reading}) IS NOT NULL" for reading in readings)
    with duckdb.connect() as con:
        return con.execute(f"SELECT {found} FROM (SELECT ? AS value)", [value]).fetchall()[0][0]
