"""Copies new and changed objects of an object store into the landing folder.

An object is known by its name and ETag. Each copy is complete under its name or absent, and is recorded afterwards. If
a run is killed between the two, the next one copies the object again, which lands nothing. Objects that were removed
stay landed, because a deletion must be explicit.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from orchestration.lib.landing import files as landing_files
from orchestration.lib.landing.contract import SourceTable
from orchestration.lib.settings import Settings
from orchestration.lib.sources import files
from orchestration.lib.sources.configured import ObjectStore
from orchestration.lib.sources.errors import LiveSourceError

# The libraries behind fsspec, by scheme.
PACKAGES = {"s3": "s3fs", "gs": "gcsfs", "az": "adlfs"}
COPIED = ".copied_objects.jsonl"
CHUNK = 1 << 22
# With `.part` and a number behind it, below the 255 bytes that file systems allow.
LONGEST_NAME = 200


@dataclass(frozen=True)
class Copied:
    """What one run copied of one table."""

    files: tuple[str, ...]
    bytes: int
    known: int


@dataclass(frozen=True)
class Object:
    """An object of a table's folder; `version` changes whenever its content does."""

    key: str
    name: str
    size: int
    version: str


def copy(store: ObjectStore, table: SourceTable, settings: Settings) -> Copied:
    """Copies what is new of one table. Objects copied before an error stay, and the next run continues from there."""
    folder = settings.landing_dir / table.source / table.name
    folder.mkdir(parents=True, exist_ok=True)
    known = _copied(folder)
    copied: list[str] = []
    size = 0
    with _errors(store, table):
        filesystem = _open(store)
        objects = list(_objects(filesystem, store, table))
        for one in objects:
            if known.get(one.name) == one.version:
                continue
            if one.size > settings.landing.file_bytes:
                raise LiveSourceError(
                    f"{store.place(table)}: an object has {one.size:,} bytes, more than a landed file may have "
                    f"({settings.landing.file_bytes:,}). Remove it, or raise CALL_ATTRIBUTION_MAX_FILE_SIZE."
                )
            path = folder / one.name
            files.write_atomically(path, lambda part, one=one: _download(filesystem, store, table, one, part))
            _record(folder, one)
            copied.append(one.name)
            size += one.size
    return Copied(tuple(copied), size, len(objects) - len(copied))


def name_of(key: str, table: SourceTable) -> str | None:
    """The file name of an object: its key in one encoding, never a path; None if landing reads no such files."""
    suffix = landing_files.suffix_of(PurePosixPath(key), table)
    parts = key.split("/")
    hidden = any(part.startswith((".", "_")) or part.lower().endswith(landing_files.UNFINISHED) for part in parts)
    if suffix is None or hidden:
        return None
    name = files.name_of_id(key[: -len(suffix)])
    if len(name) > LONGEST_NAME:
        name = f"{name[: LONGEST_NAME - 41]}-{hashlib.sha256(key.encode()).hexdigest()[:40]}"
    return f"{name}{suffix}"


def _open(store: ObjectStore) -> Any:
    import fsspec

    scheme = store.url.split("://")[0]
    try:
        # No cached listing: this run has to see the current objects.
        return fsspec.filesystem(scheme, skip_instance_cache=True, use_listings_cache=False)
    except ImportError as error:
        raise LiveSourceError(
            f"{scheme}:// needs the package {PACKAGES[scheme]}. Install it, for S3 with "
            "`make .venv/.installed-sources` (docs/sources.md)."
        ) from error


def _objects(filesystem: Any, store: ObjectStore, table: SourceTable) -> Iterator[Object]:
    root = f"{store.url.split('://')[1]}/{table.folder}"
    for path, info in sorted(filesystem.find(root, detail=True).items()):
        key = path.removeprefix(root).lstrip("/")
        if info.get("size") and (name := name_of(key, table)):
            yield Object(key, name, int(info["size"]), _version(info))


def _version(info: Mapping[str, Any]) -> str:
    tag = info.get("ETag") or info.get("etag")
    return str(tag).strip('"') if tag else f"{info.get('size')}-{info.get('LastModified') or info.get('mtime')}"


def _download(filesystem: Any, store: ObjectStore, table: SourceTable, one: Object, part: Path) -> None:
    remote = f"{store.url.split('://')[1]}/{table.folder}/{one.key}"
    with filesystem.open(remote, "rb", block_size=CHUNK) as source, open(part, "wb") as target:
        while chunk := source.read(CHUNK):
            target.write(chunk)
    if part.stat().st_size != one.size or _version(filesystem.info(remote)) != one.version:
        raise LiveSourceError(f"{store.place(table)}: an object changed while it was copied. The next run copies it.")


def _copied(folder: Path) -> dict[str, str]:
    """The version of every copied object, by file name. After a power failure, lines can be incomplete or garbage."""
    path = folder / COPIED
    if not os.path.lexists(path):
        return {}
    with open(files.open_regular(path, os.O_RDONLY), encoding="utf-8", errors="replace") as file:
        entries = list(map(_entry, file))
    return {entry["name"]: entry["version"] for entry in entries if entry}


def _entry(line: str) -> dict[str, str] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    is_entry = isinstance(entry, dict) and all(isinstance(entry.get(name), str) for name in ("name", "version"))
    return entry if is_entry else None


def _record(folder: Path, one: Object) -> None:
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    with open(files.open_regular(folder / COPIED, flags), "a", encoding="utf-8") as file:
        # On a new line, even after an incomplete one.
        file.write("\n" + json.dumps({"name": one.name, "version": one.version}) + "\n")
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _errors(store: ObjectStore, table: SourceTable) -> Iterator[None]:
    """Errors of the store's library in our words: their texts contain requests and credentials."""
    try:
        yield
    except LiveSourceError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.filename and str(error.filename).startswith(str(Path("/"))):
            raise  # the landing folder's disk
        raise LiveSourceError(
            f"{store.place(table)} cannot be read ({type(error).__name__}). Check the address, the credentials "
            "and the network; copied objects are kept, and the next run copies the others."
        ) from None
