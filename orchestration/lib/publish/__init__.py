"""Publishing: the audited and sealed build becomes a new version, and a link moves to it in one step.

A version is a copy of the closed build file beside the published path, `marts.000042.20240131T120000Z.duckdb` for
`marts.duckdb`; the published path is a link to one of them. Readers keep the version that they opened. The number
orders the versions, so a clock that goes back does no harm.

A build on Spark has the marts as Parquet, too: a version of the same number, `marts.000042.20240131T120000Z.parquet/`
with a folder a mart, and a link `marts.parquet`. That link shows the newest Parquet that is not newer than the file.
"""

import errno
import os
import re
import shutil
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


def seal(build: Path, parquet: Path | None = None) -> None:
    """Closes an audited build and notes its state; only a sealed build that nobody touched since is published.

    Without it a single model that somebody rebuilt by hand, or what a failed audit left, could be published.
    """
    with _explained(build.parent, "CALL_ATTRIBUTION_WAREHOUSE"):
        with duckdb.connect(str(build), config={"autoinstall_known_extensions": "false"}) as connection:
            connection.execute("CHECKPOINT")
        if Path(f"{build}.wal").exists():
            raise PublishError(f"{build} is still open in another process. Close it and run again.")
        _seal_of(build).write_text(_state(build, parquet), encoding="utf-8")


def is_sealed(build: Path, parquet: Path | None = None) -> bool:
    """Whether the build was audited and nobody touched it since."""
    seal_file = _seal_of(build)
    return build.exists() and seal_file.exists() and seal_file.read_text(encoding="utf-8") == _state(build, parquet)


def standing(build: Path, marts: Path, parquet: Path | None = None) -> Path | None:
    """The version that readers see, when the sealed build was published before; None when it has to be.

    That is the build's own version, or an older one to which somebody went back: only a new build ends that.
    """
    current = current_version(marts)
    note = note_of(marts)
    if current is None or not current.exists() or not is_sealed(build, parquet) or not note.exists():
        return None
    return current if note.read_text(encoding="utf-8") == _state(build, parquet) else None


def publish(build: Path, marts: Path, keep: int, parquet: Path | None = None) -> Published:
    """Makes the sealed build the published version; a crash at any point leaves the old one or the new one.

    The next publication removes what a crash left: half a copy, or a version that the link never moved to. A version
    that was rolled back from goes with it, so that a later rollback does not return to it.
    """
    started = time.monotonic()
    tables = _audited_tables(build, parquet)
    with _explained(marts.parent, "CALL_ATTRIBUTION_MARTS"), _locked(marts):
        current = current_version(marts)
        current_version(parquet_of(marts))
        removed = _remove_leftovers(marts, current)
        version = _next_version(marts, current)
        for source, target in ((parquet, parquet_of(version)), (build, version)):
            if source:
                _copy_whole(source, target)
        _point(marts, version)
        _follow(marts)
        # Without a note the next run publishes again, which does no harm.
        with suppress(OSError):
            note_of(marts).write_text(_state(build, parquet), encoding="utf-8")
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
        _follow(marts)
        return current, older[-1]


def note_of(marts: Path) -> Path:
    """Holds the state of the build that was published last, written when readers saw it."""
    return marts.with_name(f".{marts.name}.published")


def parquet_of(path: Path) -> Path:
    """The marts as Parquet beside the published file, or beside a version of it."""
    return path.with_suffix(".parquet")


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


def _state(build: Path, parquet: Path | None) -> str:
    states = ((path, path.stat()) for path in (build, *_files(parquet)) if path.exists())
    return "\n".join(f"{path.name} {state.st_size} {state.st_mtime_ns}" for path, state in states)


def _files(folder: Path | None) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file()) if folder else []


def _audited_tables(build: Path, parquet: Path | None) -> int:
    """The number of tables and views of a sealed build."""
    if not is_sealed(build, parquet):
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


def _copy_whole(source: Path, target: Path) -> None:
    """A copy of a file, or of a folder of folders of files, that is complete once it has its name."""
    temporary = target.with_name(f".{target.name}.part")
    try:
        if source.is_dir():
            for file in _files(source):
                copied = temporary / file.relative_to(source)
                copied.parent.mkdir(parents=True, exist_ok=True)
                _copy(file, copied)
            for folder in (*(path for path in temporary.iterdir() if path.is_dir()), temporary):
                _sync_folder(folder)
        else:
            _copy(source, temporary)
        os.rename(temporary, target)
    except OSError:
        _remove(temporary)
        raise


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


def _follow(marts: Path) -> None:
    """Moves the link to the Parquet that belongs to the published version, or was there when it was published."""
    link, current = parquet_of(marts), current_version(marts)
    number = _number(marts, current) if current else 0
    fitting = [version for version in versions(link) if _number(link, version) <= number]
    if fitting:
        _point(link, fitting[-1])
    elif current_version(link):
        link.unlink()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_leftovers(marts: Path, current: Path | None) -> list[Path]:
    half = (path for path in marts.parent.iterdir() if path.name.startswith(f".{marts.stem}."))
    leftovers = [path for path in half if path.name.endswith((".part", ".link"))]
    number = _number(marts, current) if current else 0
    newer = [
        version for name in (marts, parquet_of(marts)) for version in versions(name) if _number(name, version) > number
    ]
    for path in (*leftovers, *newer):
        _remove(path)
    return newer


def _prune(marts: Path, keep: int) -> list[Path]:
    # The current version is the newest one here, and `keep` is at least 1.
    surplus = [version for name in (marts, parquet_of(marts)) for version in versions(name)[:-keep]]
    for version in surplus:
        _remove(version)
    return surplus


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
