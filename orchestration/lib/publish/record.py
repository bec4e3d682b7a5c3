"""The record of all versions: when and why each was published, its rows, and digests that show any later change.

It is a file beside the published path. If it is missing, the kept versions are entered as they are at that time.
"""

import hashlib
import json
import math
import re
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orchestration.lib.files import write_text
from orchestration.lib.publish.files import files_of
from orchestration.lib.publish.versions import number_of, parquet_of, versions


@dataclass(frozen=True)
class Entry:
    """One version.

    `build` is the state of the build that it is a copy of, `published_at` is empty until readers see it, and
    `is_withdrawn` says that the user rolled back to an earlier version.
    """

    number: int
    name: str
    digest: str
    stamp: str
    parquet_digest: str = ""
    build: str = ""
    reason: str = ""
    tables: int = 0
    rows: int = 0
    published_at: str = ""
    is_withdrawn: bool = False


@dataclass(frozen=True)
class Record:
    """All kept versions, and the highest number so far: no number is used twice."""

    highest: int = 0
    entries: tuple[Entry, ...] = ()

    def of(self, version: Path) -> Entry | None:
        """The entry of a version, in either form."""
        return next((entry for entry in self.entries if entry.name == version.stem), None)

    def has_published(self, build: str) -> bool:
        """Whether readers have seen a copy of this build."""
        return any(entry.build == build and entry.published_at for entry in self.entries)

    def add(self, entry: Entry) -> "Record":
        return Record(max(self.highest, entry.number), (*self.entries, entry))

    def published(self, version: Path) -> "Record":
        """The record once readers have seen this version."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        entries = (
            replace(one, published_at=now) if one.name == version.stem and not one.published_at else one
            for one in self.entries
        )
        return replace(self, entries=tuple(entries))

    def rolled_back_to(self, number: int) -> "Record":
        """The record after a rollback to this version, which withdraws all later ones."""
        entries = (
            replace(one, is_withdrawn=one.number > number or (one.is_withdrawn and one.number < number))
            for one in self.entries
        )
        return replace(self, entries=tuple(entries))

    def of_kept(self, marts: Path) -> "Record":
        """The record without versions that were removed."""
        kept = {path.stem for name in (marts, parquet_of(marts)) for path in versions(name)}
        return replace(self, entries=tuple(entry for entry in self.entries if entry.name in kept))


def record_of(marts: Path) -> Path:
    return marts.with_name(f".{marts.name}.versions")


def read(marts: Path) -> Record:
    """The record; empty if it is missing or cannot be read."""
    try:
        stored = json.loads(record_of(marts).read_text(encoding="utf-8"))
        return Record(int(stored["highest"]), tuple(Entry(**entry) for entry in stored["entries"]))
    except (OSError, ValueError, TypeError, KeyError):
        return Record()


def read_or_begin(marts: Path, current: Path | None) -> Record:
    """The record. Without one, every kept version is entered as it is now; versions after the current one are not."""
    record = read(marts)
    if not record.highest:
        last = number_of(marts, current) if current else math.inf
        kept = [version for version in versions(marts) if number_of(marts, version) <= last]
        entries = tuple(entry_of(marts, version, published_at=_named_time(version)) for version in kept)
        record = Record(max((entry.number for entry in entries), default=0), entries)
    # A publication that was interrupted after its last step has not recorded this.
    return record.published(current) if current else record


def write(marts: Path, record: Record) -> None:
    """Replaces the record in one step."""
    content: dict[str, Any] = {"highest": record.highest, "entries": [asdict(entry) for entry in record.entries]}
    write_text(record_of(marts), json.dumps(content, indent=1))


def entry_of(marts: Path, version: Path, **more: Any) -> Entry:
    """The entry of a complete version, with its digests."""
    parquet = parquet_of(version)
    return Entry(
        number=number_of(marts, version),
        name=version.stem,
        digest=_digest(version),
        stamp=_stamp(version),
        parquet_digest=_digest(parquet) if parquet.exists() else "",
        **more,
    )


def is_unchanged(marts: Path, version: Path, entry: Entry | None) -> bool:
    """Whether the version is the one that was published.

    A file whose size and times have not changed since its publication is trusted without reading it, because every run
    checks: reading 3 GB takes five seconds.
    """
    if entry is None or not version.exists() or any(path.exists() for path in write_ahead_logs(marts, version)):
        return False
    return _stamp(version) == entry.stamp or _digest(version) == entry.digest


def is_intact(version: Path, entry: Entry | None) -> bool:
    """Whether every byte of a version, in either form, is the one that was published."""
    if entry is None or not version.exists() or Path(f"{version}.wal").exists():
        return False
    return _digest(version) == (entry.parquet_digest if version.is_dir() else entry.digest)


def write_ahead_logs(marts: Path, version: Path) -> tuple[Path, Path]:
    """The files in which a program that opens the published file for writing leaves its changes. DuckDB would apply
    them."""
    return Path(f"{version}.wal"), Path(f"{marts}.wal")


def _stamp(version: Path) -> str:
    # A program can set the time of modification, but not that of the last change (ctime).
    state = version.stat()
    return f"{state.st_size} {state.st_mtime_ns} {state.st_ctime_ns}"


def _digest(path: Path) -> str:
    if path.is_dir():
        digest = hashlib.sha256()
        for file in files_of(path):
            digest.update(f"{file.relative_to(path)}\0{_digest(file)}\n".encode())
        return digest.hexdigest()
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _named_time(version: Path) -> str:
    found = re.search(r"\.(\d{8}T\d{6}Z)\.", version.name)
    return datetime.strptime(found[1], "%Y%m%dT%H%M%S%z").isoformat() if found else ""
