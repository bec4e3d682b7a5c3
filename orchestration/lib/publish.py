"""Publishing: the audited and sealed build becomes a new version, and a link moves to it in one step.

A version is a copy of the closed build file beside the published path, `marts.000042.20240131T120000Z.duckdb` for
`marts.duckdb`; the published path is a link to one of them. Readers keep the version that they opened. The number
orders the versions, so a clock that goes back does no harm.
"""

import errno
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.lib import lock
from orchestration.lib.errors import UserError

_CHUNK = 64 * 1024 * 1024


class PublishError(UserError):
    """Nothing was published; the message says why, and that the old version stays."""


@dataclass(frozen=True)
class Published:
    """What a publication did."""

    version: Path
    size: int
    tables: int
    seconds: float
    removed: tuple[Path, ...]


def unseal(build: Path) -> None:
    """To be called before anything writes to the build: what it holds from now on was not audited."""
    _seal_of(build).unlink(missing_ok=True)


def seal(build: Path) -> None:
    """Closes an audited build and notes its state; only a sealed build that nobody touched since is published.

    Without it a single model that somebody rebuilt by hand, or what a failed audit left, could be published.
    """
    with _explained(build.parent, "CALL_ATTRIBUTION_WAREHOUSE"):
        with duckdb.connect(str(build), config={"autoinstall_known_extensions": "false"}) as connection:
            connection.execute("CHECKPOINT")
        if Path(f"{build}.wal").exists():
            raise PublishError(f"{build} is still open in another process. Close it and run again.")
        _seal_of(build).write_text(_state(build), encoding="utf-8")


def is_sealed(build: Path) -> bool:
    """Whether the build was audited and nobody touched it since."""
    seal_file = _seal_of(build)
    return build.exists() and seal_file.exists() and seal_file.read_text(encoding="utf-8") == _state(build)


def standing(build: Path, marts: Path) -> Path | None:
    """The version that readers see, when the sealed build was published before; None when it has to be.

    That is the build's own version, or an older one to which somebody went back: only a new build ends that.
    """
    current = current_version(marts)
    note = note_of(marts)
    if current is None or not current.exists() or not is_sealed(build) or not note.exists():
        return None
    return current if note.read_text(encoding="utf-8") == _state(build) else None


def publish(build: Path, marts: Path, keep: int) -> Published:
    """Makes the sealed build the published version; a crash at any point leaves the old one or the new one.

    The next publication removes what a crash left: half a copy, or a version that the link never moved to. A version
    that was rolled back from goes with it, so that a later rollback does not return to it.
    """
    started = time.monotonic()
    tables = _audited_tables(build)
    with _explained(marts.parent, "CALL_ATTRIBUTION_MARTS"), _locked(marts):
        current = current_version(marts)
        removed = _remove_leftovers(marts, current)
        version = _next_version(marts, current)
        temporary = version.with_name(f".{version.name}.part")
        try:
            _copy(build, temporary)
            os.rename(temporary, version)
            _point(marts, version)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        # Without a note the next run publishes again, which does no harm.
        with suppress(OSError):
            note_of(marts).write_text(_state(build), encoding="utf-8")
        removed += _prune(marts, keep)
        return Published(version, version.stat().st_size, tables, time.monotonic() - started, tuple(removed))


def rollback(marts: Path) -> tuple[Path, Path]:
    """Moves the link to the version before the current one; returns both."""
    with _explained(marts.parent, "CALL_ATTRIBUTION_MARTS"), _locked(marts):
        current = current_version(marts)
        if current is None:
            raise PublishError(f"Nothing is published at {marts} yet. Run `make build` first.")
        older = [version for version in versions(marts) if _number(marts, version) < _number(marts, current)]
        if not older:
            raise PublishError(f"{current.name} is the oldest version that is kept: there is none to go back to.")
        _point(marts, older[-1])
        return current, older[-1]


def note_of(marts: Path) -> Path:
    """Holds the state of the build that was published last, written when readers saw it."""
    return marts.with_name(f".{marts.name}.published")


def versions(marts: Path) -> list[Path]:
    """All versions of the published file, oldest first."""
    if not marts.parent.is_dir():
        return []
    found = [path for path in marts.parent.iterdir() if _number(marts, path) and not path.is_symlink()]
    return sorted(found, key=lambda version: _number(marts, version))


def current_version(marts: Path) -> Path | None:
    """The version that readers see."""
    if marts.is_symlink() and _number(marts, marts.parent / os.readlink(marts)):
        return marts.parent / os.readlink(marts)
    if os.path.lexists(marts):
        raise PublishError(
            f"{marts} was not published by this project (it would be a link to a version beside it). Move it away, or"
            " set CALL_ATTRIBUTION_MARTS to another path. Nothing was changed."
        )
    return None


def _seal_of(build: Path) -> Path:
    return Path(f"{build}.audited")


def _state(build: Path) -> str:
    state = build.stat()
    return f"{state.st_size} {state.st_mtime_ns}"


def _audited_tables(build: Path) -> int:
    """The number of tables and views of a sealed build."""
    if not is_sealed(build):
        raise PublishError(
            f"{build} is not the result of a whole build that passed its tests: it is not published. Run `make build`."
        )
    with duckdb.connect(str(build), read_only=True) as connection:
        row = connection.execute("SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'main'").fetchone()
    return row[0] if row else 0


@contextmanager
def _locked(marts: Path) -> Iterator[None]:
    # Not the writer's lock: going back to an older version need not wait for a build.
    with lock.exclusive(marts.parent / f".{marts.name}.lock", "a publication"):
        yield


@contextmanager
def _explained(folder: Path, setting: str) -> Iterator[None]:
    """Turns what the system says about folders and disks into what a user can do about it."""
    try:
        yield
    except duckdb.Error as error:
        raise PublishError(f"{folder}: {error} What was published stays as it was.") from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            problem = f"There is no room left in {folder}. Make room, or lower KEEP_VERSIONS"
        elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            problem = f"{folder} cannot be written. Give this user the right to, or set {setting}"
        else:
            problem = f"{folder}: {error.strerror or error}"
        raise PublishError(f"{problem}. What was published stays as it was.") from error


def _next_version(marts: Path, current: Path | None) -> Path:
    numbers = [_number(marts, version) for version in versions(marts)] + ([_number(marts, current)] if current else [])
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    return marts.with_name(f"{marts.stem}.{max(numbers, default=0) + 1:06}.{stamp}{marts.suffix}")


def _number(marts: Path, path: Path) -> int:
    """The number of a version of these marts; 0 for every other path."""
    name = re.escape(marts.stem) + r"\.(\d{6,})\.\d{8}T\d{6}Z" + re.escape(marts.suffix)
    match = re.fullmatch(name, path.name)
    return int(match[1]) if match and path.parent == marts.parent else 0


def _copy(source: Path, target: Path) -> None:
    """Copies the bytes inside the kernel (which shares them on file systems that can) and makes them durable."""
    with open(source, "rb") as reading, open(target, "wb") as writing:
        try:
            while os.copy_file_range(reading.fileno(), writing.fileno(), _CHUNK):
                pass
        except OSError as error:
            if error.errno not in (errno.EXDEV, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL):
                raise
            reading.seek(0)
            writing.seek(0)
            writing.truncate()
            while chunk := reading.read(_CHUNK):
                writing.write(chunk)
        writing.flush()
        os.fsync(writing.fileno())


def _point(marts: Path, version: Path) -> None:
    """Moves the published path to a version, in one step that readers cannot see halfway."""
    _sync_folder(marts.parent)
    link = marts.with_name(f".{marts.name}.link")
    link.unlink(missing_ok=True)
    os.symlink(version.name, link)
    os.replace(link, marts)
    _sync_folder(marts.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_leftovers(marts: Path, current: Path | None) -> list[Path]:
    half = (path for path in marts.parent.iterdir() if path.name.startswith(f".{marts.stem}."))
    leftovers = [path for path in half if path.name.endswith((".part", ".link"))]
    newer = [
        version for version in versions(marts) if current is None or _number(marts, version) > _number(marts, current)
    ]
    for path in (*leftovers, *newer):
        path.unlink(missing_ok=True)
    return newer


def _prune(marts: Path, keep: int) -> list[Path]:
    # The current version is the newest one here, and `keep` is at least 1.
    surplus = versions(marts)[:-keep]
    for version in surplus:
        version.unlink()
    return surplus
