"""The input contract: the tables that are landed, their columns, keys and versions.

Read from models/staging/<source>/_<source>__sources.yml, the same files that tell dbt its sources.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from orchestration.lib.files import read_yaml
from orchestration.lib.landing.errors import LandingError
from orchestration.lib.landing.macros import sql_macro

# What staging casts a column to, and the macro that says how. Text needs no cast.
CASTS = {
    "timestamp": "parse_timestamp",
    "date": "parse_date",
    "boolean": "parse_boolean",
    "number": "parse_number",
    "month": "parse_month",
    "cost": "parse_cost",
}
# Texts that name something. None of the words below is an id, cookie id or email address.
IDENTIFIERS = ("id", "salesforce_id", "cookie_id", "email")
TYPES = ("varchar", *CASTS, *IDENTIFIERS)

# How CSV files of databases write a null (Snowflake, MySQL, Hive, Postgres). It is null in every column, because no
# real text has this form.
NULL_MARKER = r"\N"
# How other exports write it. In a column of plain text these can be real words, so they are null in typed columns only.
NULL_WORDS = ("null", "none", "nan", "undefined", "#n/a", "(null)")

# Fivetran's history mode: `false` is a version that is closed, because a later one replaced it or the record is gone.
ACTIVE_FLAG = "_fivetran_active"
VERSION_START = "_fivetran_start"
# Where Heroku Connect's own row number lands.
HEROKU_ID = "heroku_id"

# The raw column of a key that is blank, which JSON allows.
UNNAMED = "_"


def normalise(name: str) -> str:
    """A column name as it is compared: letters and digits only, lower case, a leading underscore kept."""
    name = name.replace("\0", "").strip() or UNNAMED
    compared = ("_" if name.startswith("_") else "") + "".join(c for c in name.lower() if c.isalnum())
    return compared if compared.strip("_") else name.lower()


@dataclass(frozen=True)
class Column:
    """A column that the contract names."""

    name: str
    data_type: str


@dataclass(frozen=True)
class RequiredOnce:
    """A column that at least one file of the table must have had, and what to do if none has."""

    column: str
    hint: str


@dataclass(frozen=True)
class UsefulColumn:
    """Columns of which a file should have one, and what its rows lack without them; the most important come first."""

    columns: tuple[str, ...]
    without: str


@dataclass(frozen=True)
class Link:
    """A column by which rows name something: rows that name the same thing belong to one connected component."""

    column: str
    kind: str
    parameter: str = ""  # of the events that the column contains


@dataclass(frozen=True)
class WebTracker:
    """The web tracker whose tables are landed, and its names for what the user's variables and seeds name."""

    name: str = "marketo_measure"
    cookie_column: str = ""
    own_columns: Mapping[str, str] = field(default_factory=dict)  # a generic tracker's, by their names in the contract


@dataclass(frozen=True)
class MonthColumns:
    """Files can have a column for each month. Every cell is a row then, with its month and value in these columns."""

    month: str
    value: str


@dataclass(frozen=True)
class SourceTable:
    """One landed table: a folder of files in, a raw table out."""

    source: str
    name: str
    columns: tuple[Column, ...]
    key: str
    # Further parts of a composed key, each the first filled one of these columns; all can be blank.
    key_supplements: tuple[tuple[str, ...], ...] = ()
    month_columns: MonthColumns | None = None
    required_columns: tuple[tuple[str, ...], ...] = ()  # each: one of these columns must be in every file
    required_once: tuple[RequiredOnce, ...] = ()
    useful: tuple[UsefulColumn, ...] = ()
    event_time: str | None = None
    version: tuple[str, ...] = ()
    deleted_by: tuple[str, ...] = ()
    required: bool = False
    required_group: str | None = None
    node: str | None = None  # the kind of thing that a row is, by which other rows name it; None: none does
    links: tuple[Link, ...] = ()
    # Only supply information, from tables that are read whole: a change reaches the rows that look it up, never back.
    lookups: tuple[Link, ...] = ()
    read_whole: bool = False  # also in an incremental build
    named_fields: tuple[Column, ...] = ()  # fields of the user's own that variables or rules name and that are parsed
    tracker: str | None = None  # the web tracker that writes it
    entities: tuple[str, ...] = ()  # whose keys are its keys: its own name, or tables that staging makes of a tracker's
    tsv_columns: tuple[str, ...] = ()  # of files without a header
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
    def keys(self) -> tuple[str, ...]:
        """The columns that make the key."""
        return (self.key, *_flatten(self.key_supplements))

    @property
    def key_type(self) -> str:
        return next(column.data_type for column in self.columns if column.name == self.key)

    @property
    def folder(self) -> str:
        """Folder below the landing directory; also the table's name in messages."""
        return f"{self.source}/{self.name}"


def read_sources(project_dir: Path, tracker: WebTracker | None = WebTracker()) -> list[SourceTable]:
    """Every table of the contract, in the order of the files: of web trackers those of one, or of all (None)."""
    paths = sorted((project_dir / "models" / "staging").glob("*/_*__sources.yml"))
    if not paths:
        raise LandingError(f"No input contract: {project_dir}/models/staging has no file */_*__sources.yml.")
    tables = []
    for path in paths:
        document = read_yaml(path)
        for source in document["sources"]:
            for entry in source["tables"]:
                if landing := _meta(entry).get("landing"):
                    table = _table(path, source, entry)
                    if tracker is None or table.tracker in (None, tracker.name):
                        tables.append(_as_named(table, landing, tracker or WebTracker()))
    return tables


def with_named_fields(
    tables: Iterable[SourceTable], named_fields: Mapping[str, Mapping[str, str]]
) -> list[SourceTable]:
    """The tables with the user's own fields that are parsed (crm_rules.parsed_fields), to read or request them."""
    return [
        replace(table, named_fields=tuple(Column(*field) for field in named_fields.get(table.folder, {}).items()))
        for table in tables
    ]


def _as_named(table: SourceTable, landing: Mapping[str, Any], tracker: WebTracker) -> SourceTable:
    """The table with the columns that the user's variables and seeds name."""
    if "named_by" in landing:
        return _renamed(table, tracker.own_columns)
    if tracker.cookie_column and "cookie" in landing:
        return _with_cookie(table, landing["cookie"], tracker.cookie_column)
    return table


def _renamed(table: SourceTable, names: Mapping[str, str]) -> SourceTable:
    def own(name: str) -> str:
        return names.get(name) or name

    def all_own(given: Iterable[str]) -> tuple[str, ...]:
        return tuple(map(own, given))

    renamed = replace(
        table,
        columns=tuple(Column(own(column.name), column.data_type) for column in table.columns),
        key=own(table.key),
        required_columns=tuple(map(all_own, table.required_columns)),
        useful=tuple(UsefulColumn(all_own(useful.columns), useful.without) for useful in table.useful),
        event_time=own(table.event_time) if table.event_time else None,
        version=all_own(table.version),
        deleted_by=all_own(table.deleted_by),
        links=tuple(replace(link, column=own(link.column)) for link in table.links),
    )
    _check(Path("seeds/tracker_columns.csv"), renamed)
    return renamed


def _with_cookie(table: SourceTable, usual: str, named: str) -> SourceTable:
    """The table with another column for the cookie id; GA4 has its own columns as parameters of its events."""
    if table.tracker == "ga4" and named != "user_id":
        link = Link("event_params", "event_parameter", named)
        columns, need = table.columns, "event_params"
    else:
        need = next((column.name for column in table.columns if normalise(column.name) == normalise(named)), named)
        others = tuple(column for column in table.columns if column.name != need)
        columns, link = (*others, Column(need, "cookie_id")), Link(need, "cookie")
    return replace(
        table,
        columns=columns,
        links=(link, *(other for other in table.links if other.column != usual)),
        required_columns=tuple((need,) if needs == (usual,) else needs for needs in table.required_columns),
    )


def read_global_columns(project_dir: Path, tracker: str) -> dict[tuple[str, str], list[str]]:
    """Tables that are read whole for a few columns, by schema and name: sources without a landing folder."""
    paths = sorted((project_dir / "models" / "staging").glob("*/_all_*__sources.yml"))
    documents = [read_yaml(path) for path in paths]
    return {
        (source["schema"], table["name"]): [column["name"] for column in table["columns"]]
        for document in documents
        for source in document["sources"]
        for table in source["tables"]
        if _meta(table).get("tracker", tracker) == tracker
    }


# What meta.landing of a table can say.
PROPERTIES = {"key", "required_columns", "required_once", "event_time", "version", "deleted_by", "required"}
PROPERTIES |= {"month_columns", "useful", "required_group", "node", "links", "lookups", "read_whole"}
PROPERTIES |= {"tracker", "entities", "cookie", "named_by", "tsv_columns"}


def _meta(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    return (entry.get("config") or {}).get("meta") or {}


def _table(path: Path, source: Mapping[str, Any], entry: Mapping[str, Any]) -> SourceTable:
    landing = _meta(entry)["landing"]
    if unknown := sorted(set(landing) - PROPERTIES):
        raise LandingError(f"{path.name}, table {entry['name']}: meta.landing has no property {unknown[0]}.")
    columns = tuple(Column(column["name"], column.get("data_type", "varchar")) for column in entry["columns"])
    key, *supplements = [landing["key"]] if isinstance(landing["key"], str) else landing["key"]
    table = SourceTable(
        source=source["name"],
        name=entry["name"],
        columns=columns,
        key=key,
        key_supplements=tuple(map(_alternatives, supplements)),
        month_columns=MonthColumns(**landing["month_columns"]) if "month_columns" in landing else None,
        required_columns=tuple(_alternatives(need) for need in landing.get("required_columns", ())),
        required_once=tuple(RequiredOnce(need["column"], need["hint"]) for need in landing.get("required_once", ())),
        useful=tuple(UsefulColumn(_alternatives(name), text) for name, text in (landing.get("useful") or {}).items()),
        event_time=landing.get("event_time"),
        version=tuple(landing.get("version", ())),
        deleted_by=tuple(landing.get("deleted_by", ())),
        required=bool(landing.get("required")),
        required_group=landing.get("required_group"),
        node=landing.get("node"),
        links=tuple(Link(column, kind) for column, kind in (landing.get("links") or {}).items()),
        lookups=tuple(Link(column, kind) for column, kind in (landing.get("lookups") or {}).items()),
        read_whole=bool(landing.get("read_whole")),
        tracker=landing.get("tracker"),
        entities=tuple(landing.get("entities", (entry["name"],))),
        tsv_columns=tuple(landing.get("tsv_columns", ())),
        description=entry.get("description", ""),
    )
    _check(path, table)
    return table


def _alternatives(names: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in names.split("|"))


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
        if column.data_type not in TYPES:
            raise complain(f"column {column.name} has data_type {column.data_type!r}. Allowed: {', '.join(TYPES)}.")
    # `version` and `deleted_by` may name columns that only some loaders write; the others are the contract's own.
    linked = [link.column for link in (*table.links, *table.lookups)]
    linked += _flatten(useful.columns for useful in table.useful)
    linked += vars(table.month_columns).values() if table.month_columns else ()
    own = [*table.keys, *linked, *(need.column for need in table.required_once), *_flatten(table.required_columns)]
    for name in [*own, *([table.event_time] if table.event_time else [])]:
        if normalise(name) not in names:
            raise complain(f"{name} is named below meta.landing, but not in the list of columns.")
    for key in set(table.keys) - {column.name for column in table.columns}:
        raise complain(f"the key {key} is spelled differently in the list of columns.")
    types = {normalise(column.name): column.data_type for column in table.columns}
    for names_of, allowed in ((table.version, ("timestamp",)), (table.deleted_by, ("boolean", "timestamp"))):
        for name in names_of:
            if types.get(normalise(name), allowed[0]) not in allowed:
                raise complain(f"{name} is named below meta.landing and needs the data_type {' or '.join(allowed)}.")


def _flatten(groups: Iterable[Iterable[str]]) -> list[str]:
    return [name for group in groups for name in group]


def meant(table: SourceTable, columns: Iterable[str]) -> list[str]:
    """The names that a file's columns stand for.

    Heroku Connect writes its own row number into `id` and the Salesforce id into `sfid`.
    """
    columns = list(columns)
    if table.key_type != "salesforce_id" or "sfid" not in map(normalise, columns):
        return columns
    instead = {normalise(table.key): HEROKU_ID, "sfid": table.key}
    return [instead.get(normalise(column), column) for column in columns]


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


def is_null_word(text: str) -> str:
    """Whether a text is a word for null. Short texts only, because lower() costs more than a length.

    Not `IN`: DuckDB makes a join of a long list, and a join does not keep the rows in the order of the file.
    """
    words = " ".join(f"WHEN {literal(word)} THEN true" for word in NULL_WORDS)
    return f"(strlen(coalesce({text}, '')) BETWEEN 3 AND 9 AND CASE lower({text}) {words} ELSE false END)"


def typed_columns(table: SourceTable, names: Names) -> dict[str, str]:
    """The raw columns that are more than text, with their types: the contract's, those that loaders add, and the
    named fields.

    Whatever is parsed is in here, so that every value that cannot be read is listed.
    """
    loaders = dict.fromkeys(table.version, "timestamp") | dict.fromkeys(table.deleted_by, "boolean")
    loaders |= {ACTIVE_FLAG: "boolean", VERSION_START: "timestamp"}
    others = loaders | {column.name: column.data_type for column in table.named_fields}
    types = {name: data_type for spelling, data_type in others.items() if (name := names.get(spelling))}
    return types | {column.name: column.data_type for column in table.columns if column.data_type != "varchar"}


def cast_sql(data_type: str, text: str) -> str:
    return sql_macro(CASTS[data_type])(text)


def key_sql(table: SourceTable, column: Reference = quote) -> str:
    text = column(table.key)
    form = sql_macro("salesforce_id" if table.key_type == "salesforce_id" else "trim_text")
    key = form(text)
    if table.key_supplements:
        parts = [key, *(_key_part(table, names, column) for names in table.key_supplements)]
        key = " || '/' || ".join(map(sql_macro("key_part"), parts))
    # In plain text, such as the name of a channel, a word for null is a word.
    return key if _types(table).get(table.key) == "varchar" else f"CASE WHEN NOT {is_null_word(text)} THEN {key} END"


def _types(table: SourceTable) -> dict[str, str]:
    return {column.name: column.data_type for column in table.columns}


def _key_part(table: SourceTable, names: Sequence[str], column: Reference) -> str:
    """A part that is cast is compared by its meaning: `Aug-17` and `2017-08` are one month."""
    types = _types(table)

    def value(name: str) -> str:
        if types[name] in CASTS:
            return f"{cast_sql(types[name], column(name))}::VARCHAR"
        if types[name] == "varchar":
            return column(name)
        return f"CASE WHEN NOT {is_null_word(column(name))} THEN {column(name)} END"

    return f"coalesce({', '.join(map(value, names))}, '')"


def version_sql(table: SourceTable, names: Names, column: Reference = quote) -> str:
    """The version time: the first version column with a readable time."""
    times = [cast_sql("timestamp", column(name)) for name in names.known(table.version)]
    return f"coalesce({', '.join(times)})" if times else "NULL::TIMESTAMP"


def deleted_sql(table: SourceTable, names: Names, column: Reference = quote) -> str:
    """Whether the source marks the row as deleted: by a flag that is true, a time of deletion, or a closed version.

    A closed version is never the newest if a later one exists (versions.NEWEST_FIRST).
    """
    types = typed_columns(table, names)
    marks = [closed_sql(names, column)]
    for name in names.known(table.deleted_by):
        value = cast_sql(types[name], column(name))
        marks.append(f"coalesce({value}, false)" if types[name] == "boolean" else f"{value} IS NOT NULL")
    return " OR ".join(marks)


def closed_sql(names: Names, column: Reference = quote) -> str:
    """Whether a loader has closed this version of the record; a blank flag says nothing."""
    name = names.get(ACTIVE_FLAG)
    return f"coalesce(NOT {cast_sql('boolean', column(name))}, false)" if name else "false"


def start_sql(names: Names) -> str:
    """When a loader says that this version began."""
    name = names.get(VERSION_START)
    return cast_sql("timestamp", quote(name)) if name else "NULL::TIMESTAMP"


def hash_sql(names: Names, column: Reference = quote) -> str:
    """The content of a row as one number. md5 of the same columns costs twenty times as much."""
    return f"hash({', '.join(column(name) for name in names.all)})"
