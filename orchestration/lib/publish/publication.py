"""Publishing and rolling back."""

import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from orchestration.lib import lock
from orchestration.lib.files import remove
from orchestration.lib.publish import record
from orchestration.lib.publish.audit import audited_build, is_audited, state_of
from orchestration.lib.publish.errors import PublishError, user_facing_errors
from orchestration.lib.publish.files import copy_complete, point_link
from orchestration.lib.publish.record import Entry, Record
from orchestration.lib.publish.versions import (
    current_version,
    fitting_parquet,
    follow_parquet,
    is_own_link,
    new_version,
    number_of,
    parquet_of,
    partial_files,
    rebuilt,
    surplus,
    versions,
)
from orchestration.lib.settings import Settings


@dataclass(frozen=True)
class Published:
    """The result of a publication."""

    version: Path
    size: int
    tables: int
    seconds: float
    removed: tuple[Path, ...]


@dataclass(frozen=True)
class Version:
    """A kept version as `make versions` lists it."""

    path: Path
    entry: Entry
    is_shown: bool
    is_unchanged: bool


def published_version(build: Path, marts: Path, parquet: Path | None = None) -> Path | None:
    """The version that readers see, if the audited build was published before; None if it must be published.

    That is the build's own version or, after a rollback, another one, which stays until a new build. A version that
    somebody changed does not count.
    """
    current = current_version(marts)
    if current is None or not is_audited(build, parquet):
        return None
    known = record.read(marts).published(current)
    is_ours = known.has_published(state_of(build, parquet))
    return current if is_ours and record.is_unchanged(marts, current, known.of(current)) else None


Describe = Callable[[Path, int, str], None]


def publish(
    build: Path,
    marts: Path,
    keep: int,
    parquet: Path | None = None,
    mode: int = Settings.marts_mode,
    describe: Describe = lambda copy, number, reason: None,
) -> Published:
    """Publishes the audited build; after a crash at any point, readers see the old or the new version.

    `describe` may add to the copy, given its number and why it was built, before anybody sees it.

    The next publication removes the leftovers of a crash: a partial copy, or a version that was never published. The
    file contains personal data and nobody writes it: `mode` says who may read it.
    """
    started = time.monotonic()
    audited = audited_build(build, parquet)
    with user_facing_errors(marts.parent, "CALL_ATTRIBUTION_MARTS"), _locked(marts):
        current = current_version(marts)
        current_version(parquet_of(marts))
        known = record.read_or_begin(marts, current)
        removed = _remove_leftovers(marts, current, known)
        for version in versions(marts):
            if stat.S_IMODE(version.stat().st_mode) != mode:
                version.chmod(mode)  # Release 0.1.0 let everybody read them, or the setting was changed.
        version = new_version(marts, known.highest)
        if parquet:
            copy_complete(parquet, parquet_of(version), mode)
        number = number_of(marts, version)
        copy_complete(build, version, mode, lambda copy: describe(copy, number, audited.reason))
        entry = record.entry_of(
            marts, version, build=audited.state, reason=audited.reason, tables=audited.tables, rows=audited.rows
        )
        # Before readers see the version: from then on, every change of it is noticed.
        known = known.of_kept(marts).add(entry)
        record.write(marts, known)
        _show(marts, version)
        for old in surplus(marts, keep):
            remove(old)
            removed.append(old)
        # If this fails, the next run publishes again, which is harmless.
        with suppress(OSError):
            record.write(marts, known.published(version).of_kept(marts))
        return Published(version, version.stat().st_size, audited.tables, time.monotonic() - started, tuple(removed))


def rollback(marts: Path, to: str | None = None) -> tuple[Path, Path]:
    """Publishes another kept version, earlier or later. Returns the versions that were shown before and are shown now.

    Without a name, it is the previous version. A version from which a user rolled back has to be named.
    """
    with user_facing_errors(marts.parent, "CALL_ATTRIBUTION_MARTS"), _locked(marts):
        current = current_version(marts)
        if current is None:
            raise PublishError(f"Nothing is published at {marts} yet. Run `make build` first.")
        known = record.read_or_begin(marts, current)
        version = _named(marts, to, known) if to else _before(marts, current, known)
        forms = [one for one in (version, fitting_parquet(marts, version)) if one]
        if not all(record.is_intact(one, known.of(one)) for one in forms):
            raise PublishError(
                f"{version.name} was damaged or changed after its publication, so it is not published again."
                " `make versions` lists the others; choose one with `make rollback TO=...`. Nothing was changed."
            )
        record.write(marts, known.rolled_back_to(number_of(marts, version)))
        _show(marts, version)
        return current, version


def list_versions(marts: Path) -> list[Version]:
    """All kept versions that readers have seen, oldest first."""
    current = current_version(marts)
    known = record.read_or_begin(marts, current)
    return [
        Version(path, entry, path == current, record.is_unchanged(marts, path, entry))
        for path, entry in _seen(marts, known)
    ]


def _seen(marts: Path, known: Record) -> list[tuple[Path, Entry]]:
    entries = ((path, known.of(path)) for path in versions(marts))
    return [(path, entry) for path, entry in entries if entry and entry.published_at]


def _named(marts: Path, wanted: str, known: Record) -> Path:
    """The version that a user named by its number or its file name."""
    for version, entry in _seen(marts, known):
        if wanted in (version.name, version.stem, f"{entry.number:06}", str(entry.number)):
            return version
    raise PublishError(
        f"There is no version {wanted!r}. `make versions` lists those that are kept. Nothing was changed."
    )


def _before(marts: Path, current: Path, known: Record) -> Path:
    number = number_of(marts, current)
    older = [path for path, entry in _seen(marts, known) if entry.number < number and not entry.is_withdrawn]
    if not older:
        raise PublishError(
            f"{current.name} is the oldest kept version: no earlier version is left."
            " To publish one that you rolled back from, name it: `make versions`, `make rollback TO=...`."
        )
    return older[-1]


def own_files(marts: Path) -> list[Path]:
    """Everything that publishing has put beside the published path, but no file of the user."""
    links = [name for name in (marts, parquet_of(marts)) if is_own_link(name)]
    every = [version for name in (marts, parquet_of(marts)) for version in versions(name)]
    own = [*links, *every, *rebuilt(marts), *partial_files(marts)]
    return [*own, record.record_of(marts), _lock_of(marts), _earlier_marker(marts)]


def _show(marts: Path, version: Path) -> None:
    # Changes that a program wrote through the link belong to the version that was shown; DuckDB would apply them to
    # any.
    for log in record.write_ahead_logs(marts, version):
        log.unlink(missing_ok=True)
    point_link(marts, version)
    follow_parquet(marts)


def _remove_leftovers(marts: Path, current: Path | None, known: Record) -> list[Path]:
    """Removes partial files, and versions that no reader has seen."""
    for path in (*partial_files(marts), _earlier_marker(marts)):
        remove(path)
    seen = {entry.number for entry in known.entries if entry.published_at}
    number = number_of(marts, current) if current else 0
    unseen = [
        version
        for name in (marts, parquet_of(marts))
        for version in versions(name)
        if number_of(name, version) not in seen and number_of(name, version) > number
    ]
    for version in unseen:
        remove(version)
    return unseen


def _earlier_marker(marts: Path) -> Path:
    """The file that release 0.1.0 wrote instead of the record."""
    return marts.with_name(f".{marts.name}.published")


def _lock_of(marts: Path) -> Path:
    return marts.with_name(f".{marts.name}.lock")


@contextmanager
def _locked(marts: Path) -> Iterator[None]:
    # Not the writer's lock: a rollback does not wait for a build.
    with lock.exclusive(_lock_of(marts), "a publication"):
        yield
