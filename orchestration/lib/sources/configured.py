"""sources.yml in the folder of your own settings: tables that come from an object store, a database or a warehouse.

object_store:
  url: s3://acme-exports/landing        # its folders have the names of the landing folder's
  tables: [web/snowplow_events]
databases:
  - url_variable: WAREHOUSE_URL   # the environment variable with the address and the password
    cursor: _fivetran_synced
    tables: {salesforce/Task: salesforce.task}
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from orchestration.lib import own_settings
from orchestration.lib.landing.contract import SourceTable
from orchestration.lib.settings import Settings
from orchestration.lib.sources.errors import LiveSourceError

SCHEMES = ("s3", "gs", "az")


class SourcesFileError(LiveSourceError):
    """sources.yml cannot be used; the message names the entry and what is allowed, never a value that can be secret."""


@dataclass(frozen=True)
class ObjectStore:
    """A landing folder in an object store, and the tables that are copied from it."""

    url: str
    tables: tuple[str, ...]

    def place(self, table: SourceTable) -> str:
        """Where the table is, for messages."""
        return f"{self.url}/{table.folder}"


@dataclass(frozen=True)
class Database:
    """A database or warehouse, and its tables by the landing folders that they feed."""

    url_variable: str
    cursor: str
    tables: Mapping[str, str]

    def place(self, table: SourceTable) -> str:
        """Where the table is, for messages."""
        return self.tables[table.folder]

    def url(self, environ: Mapping[str, str]) -> str:
        """The address, with the password."""
        url = environ.get(self.url_variable, "").strip()
        if not url:
            raise LiveSourceError(
                f"{self.url_variable} is not set. Set it to the address of the database (docs/sources.md)."
            )
        return url


Source = ObjectStore | Database


@dataclass(frozen=True)
class Configured:
    """What sources.yml names."""

    stores: tuple[ObjectStore, ...] = ()
    databases: tuple[Database, ...] = ()

    @property
    def folders(self) -> list[str]:
        return [folder for source in (*self.stores, *self.databases) for folder in source.tables]


def read(settings: Settings, tables: Iterable[SourceTable]) -> Configured:
    """The content of sources.yml; without the file there is none."""
    path = settings.config_dir / own_settings.SOURCES if settings.config_dir else None
    if path is None or not path.exists():
        return Configured()
    if not path.is_file():
        raise SourcesFileError(f"{path} is not a file.")
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8-sig")) or {}
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        # Not the text of the error: it quotes the file.
        raise SourcesFileError(f"{path}{place}: not readable as YAML. See docs/sources.md for an example.") from None
    document = _mapping(found, "the file", {"object_store", "databases"})
    stores = [_store(document["object_store"])] if "object_store" in document else []
    databases = document.get("databases") or []
    if not isinstance(databases, list):
        raise _wrong("databases", "a list of entries, each beginning with `- url_variable:`")
    configured = Configured(tuple(stores), tuple(_database(one) for one in databases))
    known = [table.folder for table in tables]
    for folder in configured.folders:
        if folder not in known:
            raise SourcesFileError(
                f"sources.yml names the table {folder!r}. Tables that are landed: {', '.join(known)}. Tables of "
                "another web tracker need variable web_tracker (docs/trackers.md)."
            )
        if configured.folders.count(folder) > 1:
            raise SourcesFileError(f"sources.yml names the table {folder} twice. Read each table from one place.")
    return configured


def _store(entry: Any) -> ObjectStore:
    fields = _mapping(entry, "object_store", {"url", "tables"})
    url, tables = fields.get("url"), fields.get("tables")
    if not isinstance(url, str) or not re.fullmatch(rf"(?:{'|'.join(SCHEMES)})://[A-Za-z0-9._-]+(?:/[^?#@]*)?", url):
        raise _wrong("url of object_store", "s3://, gs:// or az:// with a bucket and a folder, without credentials")
    if not isinstance(tables, list) or not tables:
        raise _wrong("tables of object_store", "a list such as [web/snowplow_events]")
    return ObjectStore(url.rstrip("/"), tuple(map(str, tables)))


def _database(entry: Any) -> Database:
    fields = _mapping(entry, "an entry of databases", {"url_variable", "cursor", "tables"})
    variable, cursor, tables = (fields.get(name) for name in ("url_variable", "cursor", "tables"))
    if not isinstance(variable, str) or not re.fullmatch(r"[A-Z][A-Z0-9_]*", variable):
        raise _wrong("url_variable", "the name of an environment variable, which contains the address")
    if not isinstance(cursor, str) or not re.fullmatch(r"[A-Za-z0-9_$]+", cursor):
        raise _wrong("cursor", "the name of the column with the time of the last change, such as _fivetran_synced")
    if not isinstance(tables, dict) or not tables:
        raise _wrong("tables of a database", "landing folders and tables, such as salesforce/Task: salesforce.task")
    for name in tables.values():
        if not isinstance(name, str) or not re.fullmatch(r"(?:[A-Za-z0-9_$]+[.])?[A-Za-z0-9_$]+", name):
            raise _wrong("tables of a database", "names of tables, with their schema, such as salesforce.task")
    return Database(variable, cursor, {str(folder): name for folder, name in tables.items()})


def _mapping(value: Any, what: str, allowed: set[str]) -> Mapping[str, Any]:
    if not isinstance(value, dict) or (unknown := sorted(map(str, set(value) - allowed))):
        found = f"; {unknown[0]} is not known" if isinstance(value, dict) else ""
        names = ", ".join(sorted(allowed))
        raise SourcesFileError(f"sources.yml: {what} may have {names}{found}. See docs/sources.md.")
    return value


def _wrong(what: str, allowed: str) -> SourcesFileError:
    return SourcesFileError(f"sources.yml: {what} is missing or has a wrong value. Allowed: {allowed}.")
