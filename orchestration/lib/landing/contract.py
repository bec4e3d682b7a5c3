"""The input contract: the tables that are landed, their columns, keys and versions.

Read from models/staging/<source>/_<source>__sources.yml, the same files that tell dbt its sources.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from orchestration.lib.landing.errors import LandingError
from orchestration.lib.landing.macros import sql_macro

# What staging casts a column to, and the macro that says how. Text needs no cast.
CASTS = {
    "timestamp": "parse_timestamp",
    "date": "parse_date",
    "boolean": "parse_boolean",
    "number": "parse_number",
}
KEY_FORMS = {"text": "trim_text", "salesforce_id": "salesforce_id"}

# Fivetran's history mode: `false` is a version that another row has replaced.
ACTIVE_FLAG = "_fivetran_active"


# The raw column of a key that is blank, which JSON allows.
UNNAMED = "_"

# Written in C where it is there: ten times as fast.
_YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def normalise(name: str) -> str:
    """A column name as it is compared: letters and digits only, lower case, a leading underscore kept."""
    name = name.replace("\0", "").strip() or UNNAMED
    compared = ("_" if name.startswith("_") else "") + "".join(c for c in name.lower() if c.isalnum())
    return compared if compared.strip("_") else name


@dataclass(frozen=True)
class Column:
    """A column that the contract names."""

    name: str
    data_type: str


@dataclass(frozen=True)
class RequiredOnce:
    """A column that at least one file of the table must have had, and what to do when none has."""

    column: str
    hint: str


@dataclass(frozen=True)
class Link:
    """A column by which rows name something: rows that name the same thing belong to one connected component."""

    column: str
    kind: str


@dataclass(frozen=True)
class SourceTable:
    """One landed table: a folder of files in, a raw table out."""

    source: str
    name: str
    columns: tuple[Column, ...]
    key: str
    key_form: str = "text"
    required_columns: tuple[tuple[str, ...], ...] = ()  # each: one of these columns must be in every file
    required_once: tuple[RequiredOnce, ...] = ()
    event_time: str | None = None
    version: tuple[str, ...] = ()
    deleted_by: tuple[str, ...] = ()
    required: bool = False
    required_group: str | None = None
    node: str | None = None  # the kind of thing that a row is, by which other rows name it; None: none does
    links: tuple[Link, ...] = ()
    lookups: tuple[Link, ...] = ()  # only supplies information: a change reaches the rows that look it up, never back
    read_whole: bool = False  # also in an incremental build
    description: str = field(default="", compare=False)

    @property
    def schema(self) -> str:
        """Schema of the raw table."""
        return f"raw_{self.source}"

    @property
    def input_schema(self) -> str:
        """Schema from which staging reads: the raw rows that a build computes."""
        return f"input_{self.source}"

    @property
    def folder(self) -> str:
        """Folder below the landing directory; also the table's name in messages."""
        return f"{self.source}/{self.name}"


def read_sources(project_dir: Path) -> list[SourceTable]:
    """Every table of the contract, in the order of the files."""
    paths = sorted((project_dir / "models" / "staging").glob("*/_*__sources.yml"))
    if not paths:
        raise LandingError(f"No input contract: {project_dir}/models/staging has no file */_*__sources.yml.")
    tables = []
    for path in paths:
        document = yaml.load(path.read_text(encoding="utf-8"), _YAML)
        for source in document["sources"]:
            for entry in source["tables"]:
                if "landing" in _meta(entry):
                    tables.append(_table(path, source, entry))
    return tables


def read_global_columns(project_dir: Path) -> dict[tuple[str, str], list[str]]:
    """Tables that are read whole for a few columns, by schema and name: sources without a landing folder."""
    path = project_dir / "models" / "staging" / "web" / "_all_web__sources.yml"
    document = yaml.load(path.read_text(encoding="utf-8"), _YAML)
    return {
        (source["schema"], table["name"]): [column["name"] for column in table["columns"]]
        for source in document["sources"]
        for table in source["tables"]
    }


def _meta(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    return (entry.get("config") or {}).get("meta") or {}


def _table(path: Path, source: Mapping[str, Any], entry: Mapping[str, Any]) -> SourceTable:
    landing = _meta(entry)["landing"]
    columns = tuple(Column(column["name"], column.get("data_type", "varchar")) for column in entry["columns"])
    table = SourceTable(
        source=source["name"],
        name=entry["name"],
        columns=columns,
        key=landing["key"],
        key_form=landing.get("key_form", "text"),
        required_columns=tuple(
            tuple(name.strip() for name in need.split("|")) for need in landing.get("required_columns", ())
        ),
        required_once=tuple(RequiredOnce(need["column"], need["hint"]) for need in landing.get("required_once", ())),
        event_time=landing.get("event_time"),
        version=tuple(landing.get("version", ())),
        deleted_by=tuple(landing.get("deleted_by", ())),
        required=bool(landing.get("required")),
        required_group=landing.get("required_group"),
        node=landing.get("node"),
        links=tuple(Link(column, kind) for column, kind in (landing.get("links") or {}).items()),
        lookups=tuple(Link(column, kind) for column, kind in (landing.get("lookups") or {}).items()),
        read_whole=bool(landing.get("read_whole")),
        description=entry.get("description", ""),
    )
    _check(path, table)
    return table


def _check(path: Path, table: SourceTable) -> None:
    """A mistake in the contract stops here, not as an SQL error later."""

    def complain(problem: str) -> LandingError:
        return LandingError(f"{path.name}, table {table.name}: {problem}")

    names = [normalise(column.name) for column in table.columns]
    for name in {name for name in names if names.count(name) > 1}:
        raise complain(f"two columns are called {name!r} apart from spelling.")
    for column in table.columns:
        if column.name.lower() in RESERVED_NAMES:
            raise complain(f"column {column.name} has the name of a column that landing or DuckDB adds.")
        if column.data_type != "varchar" and column.data_type not in CASTS:
            allowed = ", ".join(["varchar", *CASTS])
            raise complain(f"column {column.name} has data_type {column.data_type!r}. Allowed: {allowed}.")
    if table.key_form not in KEY_FORMS:
        raise complain(f"key_form is {table.key_form!r}. Allowed: {', '.join(KEY_FORMS)}.")
    # `version` and `deleted_by` may name columns that only some loaders write; the others are the contract's own.
    linked = [link.column for link in (*table.links, *table.lookups)]
    own = [table.key, *linked, *(need.column for need in table.required_once), *_flatten(table.required_columns)]
    for name in [*own, *([table.event_time] if table.event_time else [])]:
        if normalise(name) not in names:
            raise complain(f"{name} is named below meta.landing, but not in the list of columns.")


def _flatten(groups: Iterable[Iterable[str]]) -> list[str]:
    return [name for group in groups for name in group]


class Names:
    """The columns that a raw table has or gets: the contract's, then further columns of files.

    A file's column keeps its name unless landing or DuckDB has a column of that name: then an underscore is appended
    (`rowid` lands as `rowid_`). Since names are compared on letters and digits, both are the same column to `get`.
    """

    def __init__(self, table: SourceTable, extras: Iterable[str] = ()) -> None:
        self.table = table
        self._by_name = {normalise(column.name): column.name for column in table.columns}
        self.extras: list[str] = []
        for name in extras:
            self.add(name)

    def add(self, spelling: str) -> str:
        """The raw column that a file's column goes to; an unknown one becomes a new column."""
        name = normalise(spelling)
        if name not in self._by_name:
            self._by_name[name] = landed_name(spelling)
            self.extras.append(self._by_name[name])
        return self._by_name[name]

    def get(self, spelling: str) -> str | None:
        return self._by_name.get(normalise(spelling))

    def known(self, spellings: Iterable[str]) -> list[str]:
        return [name for spelling in spellings if (name := self.get(spelling))]

    @property
    def all(self) -> list[str]:
        return [*(column.name for column in self.table.columns), *self.extras]


# Columns that landing writes beside the source's own.
TECHNICAL_COLUMNS = {
    "_row_key": "VARCHAR",
    "_version_at": "TIMESTAMP",
    "_is_deleted": "BOOLEAN",
    "_source_file": "VARCHAR",
    "_source_revision": "INTEGER",
    "_source_line": "BIGINT",
    "_loaded_at": "TIMESTAMP",
    "_load_id": "BIGINT",
    "_content_hash": "UBIGINT",
}

# Names that no column from a file can have, in lower case. DuckDB compares names without case, and a column called
# rowid hides the row id that it keeps for every table.
RESERVED_NAMES = {*TECHNICAL_COLUMNS, "rowid"}


def landed_name(spelling: str) -> str:
    """The name under which a column that the contract does not name lands."""
    name = spelling.replace("\0", "").strip() or UNNAMED
    return f"{name}_" if name.lower() in RESERVED_NAMES else name


def quote(identifier: str) -> str:
    """An SQL identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """An SQL string, where a parameter is not possible (names of columns inside options, paths of table functions)."""
    return "'" + text.replace("'", "''") + "'"


# From the name of a raw column to SQL that reads it: most often the quoted name, while a file is read a generated one.
Reference = Callable[[str], str]


def key_sql(table: SourceTable, column: Reference = quote) -> str:
    return sql_macro(KEY_FORMS[table.key_form])(column(table.key))


def version_sql(table: SourceTable, names: Names, column: Reference = quote) -> str:
    """The version time: the first version column with a readable time."""
    times = [sql_macro("parse_timestamp")(column(name)) for name in names.known(table.version)]
    return f"coalesce({', '.join(times)})" if times else "NULL::TIMESTAMP"


def deleted_sql(table: SourceTable, names: Names, column: Reference = quote) -> str:
    """Whether the source says that the row is gone: by a flag that is true or by a date that is filled."""
    flag, time = sql_macro("parse_boolean"), sql_macro("parse_timestamp")
    marks = [
        f"coalesce({flag(column(name))}, {time(column(name))} is not null)" for name in names.known(table.deleted_by)
    ]
    return " or ".join(marks) or "false"


def active_sql(names: Names) -> str | None:
    """False for a row that its loader marks as replaced; None when no file has the mark."""
    name = names.get(ACTIVE_FLAG)
    return f"coalesce({sql_macro('parse_boolean')(quote(name))}, true)" if name else None


def hash_sql(names: Names, column: Reference = quote) -> str:
    """The content of a row as one number. md5 of the same columns costs twenty times as much."""
    return f"hash({', '.join(column(name) for name in names.all)})"
