"""The sample dataset's tables as files, in every format and shape of real exports. A few rows of each journey go to
small files in all shapes, all other rows to Parquet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

BOM = b"\xef\xbb\xbf"
# What a column holds, by its name; everything else is text.
IDS = frozenset({"Id"} | {f"{name}Id" for name in ("Who", "What", "Account", "Owner", "Opportunity", "Contact", "Lead",
                                                  "Campaign", "ConvertedContact")})  # fmt: skip
BOOKKEEPING = frozenset({"is_later", "is_shown", "number"})


@dataclass(frozen=True)
class Shape:
    """How a file is written: its format, and its form of times, names and ids."""

    stem: str
    suffix: str  # csv | csv.gz | jsonl | jsonl.gz | parquet
    times: str = "warehouse"  # rest | bulk | warehouse | typed
    names: str = "own"  # own | lower | fivetran | spaced
    short_ids: bool = False
    bom: bool = False


WAREHOUSE = Shape("export", "csv", bom=True)
EVENTS = Shape("events", "jsonl", "rest", "spaced")
BULK_API = Shape("bulk-api", "csv", "bulk")
REPORT = Shape("report", "csv", short_ids=True, bom=True)
REST = Shape("rest", "jsonl", "rest")
FIVETRAN = Shape("fivetran", "csv.gz", names="fivetran")
STITCH = Shape("stitch", "jsonl.gz", "bulk", "lower")
MASS = Shape("part", "parquet", "typed")

# The shapes among which a table's shown rows are distributed; landing has to make one table of them.
TABLES: dict[str, tuple[Shape, ...]] = {
    "web/sessions": (WAREHOUSE, Shape("export-2", "csv.gz", "bulk"), EVENTS, Shape("events-2", "jsonl.gz", "rest")),
    "web/page_views": (WAREHOUSE, EVENTS),
    "web/form_submits": (Shape("export", "csv", "bulk"), EVENTS),
    "web/email_to_visitor_ids": (Shape("events", "jsonl.gz", "rest"),),
    "salesforce/Task": (BULK_API, FIVETRAN, REPORT, REST, STITCH),
    "salesforce/Lead": (BULK_API, FIVETRAN),
    "salesforce/Contact": (REPORT, STITCH),
    "salesforce/Account": (REST, FIVETRAN),
    "salesforce/Opportunity": (BULK_API, REST),
    "salesforce/OpportunityContactRole": (REPORT,),
    "salesforce/OpportunityHistory": (BULK_API,),
    "salesforce/LeadHistory": (FIVETRAN,),
    "salesforce/Event": (STITCH,),
    "salesforce/Campaign": (REST,),
    "salesforce/CampaignMember": (BULK_API,),
    "spend/marketing_spend": (Shape("budget", "csv", bom=True),),
}

# A third of a file's rows is repeated in a second file.
TWICE = (("web/sessions", WAREHOUSE), ("salesforce/Task", REST))

# Records that cannot be used, put at the end of plain files: too few fields, too many, no key, no time, no JSON.
BROKEN: dict[tuple[str, Shape], tuple[str, ...]] = {
    ("salesforce/Task", BULK_API): ("00T5e0000000000AAA,too few\n", "," * 200 + "\n", "  ,{commas}\n"),
    ("salesforce/Task", REST): ('{"Id": "00T5e0000000001AAB", "Type": \n', '{"Type": "Call"}\n'),
    ("web/sessions", WAREHOUSE): ("no-time{commas}\n",),
    ("web/sessions", EVENTS): ('{"COOKIE_ID": "277d79d01678498fea067c9b631bf6df", "EVENT_DATE": "2025-02-03"}\n',),
}


def write_tables(con: duckdb.DuckDBPyConnection, folder: Path) -> Iterator[tuple[str, int]]:
    """Writes all tables below the folder and yields each file with its row count, without broken rows."""
    for table, shapes in TABLES.items():
        (folder / table).mkdir(parents=True, exist_ok=True)
        relation = table.replace("/", "_")
        columns = _columns(con, relation)
        # The relations are views of all rows. The few rows for many small files are computed once and sorted, so that
        # these files are always equal, byte for byte.
        con.execute(f"create or replace temp table shown as select * from {relation} where is_shown order by all")
        files = [
            *_dealt_out(table, shapes),
            (MASS, relation, "{}", "not is_shown and not is_later"),
            (MASS, relation, "later-{}", "not is_shown and is_later"),
        ]
        for shape, source, pattern, condition in files:
            path = folder / table / f"{pattern.format(shape.stem)}.{shape.suffix}"
            if rows := _write(con, source, columns, shape, condition, path):
                if pattern == "{}":
                    _break(path, BROKEN.get((table, shape), ()), len(columns))
                yield str(path.relative_to(folder)), rows
            else:
                path.unlink()


def quarantined(folder: Path) -> int:
    """How many records of the written files cannot be used."""
    return sum(len(records) for (table, shape), records in BROKEN.items()
               if (folder / table / f"{shape.stem}.{shape.suffix}").exists())  # fmt: skip


def _dealt_out(table: str, shapes: tuple[Shape, ...]) -> Iterator[tuple[Shape, str, str, str]]:
    """The files of the shown rows: shape, relation, pattern of the name, condition."""
    for part, shape in enumerate(shapes):
        dealt = f"not is_later and number % {len(shapes)} = {part}"
        yield shape, "shown", "{}", dealt
        if (table, shape) in TWICE:
            yield shape, "shown", "{}-again", f"{dealt} and number % 3 = 0"
    # Two shapes are enough for later versions; many rows then change their shape with their version.
    for part, shape in enumerate(shapes[:2]):
        yield shape, "shown", "later-{}", f"is_later and number % {len(shapes[:2])} = {part}"


def _columns(con: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    described = con.execute(f"describe {relation}").fetchall()
    return {name: kind for name, kind, *_ in described if name not in BOOKKEEPING}


def _write(
    con: duckdb.DuckDBPyConnection, relation: str, columns: dict[str, str], shape: Shape, condition: str, path: Path
) -> int:
    """Writes the rows of one file and returns their number."""
    chosen = [
        f'{_value(name, kind, columns, shape)} as "{_name(name, shape)}"'
        for name, kind in columns.items()
        if not name.endswith("_text")
    ]
    if shape.names == "fivetran":
        chosen += _fivetran_columns(columns)
    options = {
        "csv": "format csv, header",
        "csv.gz": "format csv, header, compression gzip",
        "jsonl": "format json",
        "jsonl.gz": "format json, compression gzip",
        "parquet": "format parquet, compression snappy, row_group_size 250000",
    }[shape.suffix]
    [(rows,)] = con.execute(
        f"copy (select {', '.join(chosen)} from {relation} where {condition}) to ? ({options})", [str(path)]
    ).fetchall()
    if shape.bom:
        path.write_bytes(BOM + path.read_bytes())
    return rows


def _fivetran_columns(columns: dict[str, str]) -> list[str]:
    """Fivetran marks deletions in a column of its own."""
    stamp = "SystemModstamp" if "SystemModstamp" in columns else "CreatedDate"
    deleted = "IsDeleted" if "IsDeleted" in columns else "false"
    return [f"{deleted} as _fivetran_deleted", f"date_trunc('second', {stamp} + to_hours(1)) as _fivetran_synced"]


def _name(name: str, shape: Shape) -> str:
    """A column's name as the loader spells it."""
    if shape.names == "lower":
        return name.lower()
    if shape.names == "spaced":
        return name.replace("MODIFIED_DATE", "MODIFIED DATE")
    if shape.names == "fivetran":
        words = re.findall(r"[A-Z]?[a-z]+|\d+", name)
        return "_".join(word.lower() for word in words)
    return name


def _value(name: str, kind: str, columns: dict[str, str], shape: Shape) -> str:
    """A column's value as the shape writes it."""
    if name in IDS and shape.short_ids:
        return f'left("{name}", 15)'
    if name == "IsDeleted" and shape.names == "fivetran":
        return "false"
    if kind != "TIMESTAMP":
        return f'"{name}"'
    # A time written as text takes precedence over the time itself, and makes the column text in every shape.
    if f"{name}_text" in columns:
        times = "warehouse" if shape.times == "typed" else shape.times
        return f'coalesce("{name}_text", {_time(name, times)})'
    return _time(name, shape.times)


def _time(name: str, times: str) -> str:
    column = f'"{name}"'
    if times == "typed":
        return column
    if times == "warehouse":
        return f"{column}::varchar"
    zone = "Z" if times == "bulk" else "+0000"
    return (f"case when microsecond({column}) % 1000 = 0 then strftime({column}, '%Y-%m-%dT%H:%M:%S.%g{zone}') "
            f"else strftime({column}, '%Y-%m-%dT%H:%M:%S.%f{zone}') end")  # fmt: skip


def _break(path: Path, records: tuple[str, ...], columns: int) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.writelines(record.replace("{commas}", "," * (columns - 1)) for record in records)
