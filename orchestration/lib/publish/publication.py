"""Publishing and rolling back."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from orchestration.lib import lock
from orchestration.lib.publish.audit import audited_tables, is_audited, state_of
from orchestration.lib.publish.errors import PublishError, user_facing_errors
from orchestration.lib.publish.files import copy_complete, point_link
from orchestration.lib.publish.versions import (
    current_version,
    follow_parquet,
    next_version,
    number_of,
    parquet_of,
    prune,
    remove_leftovers,
    versions,
)


@dataclass(frozen=True)
class Published:
    """The result of a publication."""

    version: Path
    size: int
    tables: int
    seconds: float
    removed: tuple[Path, ...]


def published_version(build: Path, marts: Path, parquet: Path | None = None) -> Path | None:
    """The version that readers see, if the audited build was published before; None if it must be published.

    That is the build's own version, or an older one after a rollback: it stays until a new build.
    """
    current = current_version(marts)
    marker = marker_of(marts)
    if current is None or not current.exists() or not is_audited(build, parquet) or not marker.exists():
        return None
    return current if marker.read_text(encoding="utf-8") == state_of(build, parquet) else None


def publish(build: Path, marts: Path, keep: int, parquet: Path | None = None) -> Published:
    """Publishes the audited build; after a crash at any point, readers see the old or the new version.

    The next publication removes the leftovers of a crash: a partial copy, or a version that was never published. It
    also removes versions that were rolled back, so that a later rollback does not return to them.
    """
    started = time.monotonic()
    tables = audited_tables(build, parquet)
    with user_facing_errors(marts.parent, "CALL_ATTRIBUTION_MARTS"), _locked(marts):
        current = current_version(marts)
        current_version(parquet_of(marts))
        removed = remove_leftovers(marts, current)
        version = next_version(marts, current)
        for source, target in ((parquet, parquet_of(version)), (build, version)):
            if source:
                copy_complete(source, target)
        point_link(marts, version)
        follow_parquet(marts)
        # Without the marker the next run publishes again, which is harmless.
        with suppress(OSError):
            marker_of(marts).write_text(state_of(build, parquet), encoding="utf-8")
        removed += prune(marts, keep)
        return Published(version, version.stat().st_size, tables, time.monotonic() - started, tuple(removed))


def rollback(marts: Path) -> tuple[Path, Path]:
    """Publishes the version before the current one again; returns both."""
    with user_facing_errors(marts.parent, "CALL_ATTRIBUTION_MARTS"), _locked(marts):
        current = current_version(marts)
        if current is None:
            raise PublishError(f"Nothing is published at {marts} yet. Run `make build` first.")
        older = [version for version in versions(marts) if number_of(marts, version) < number_of(marts, current)]
        if not older:
            raise PublishError(f"{current.name} is the oldest kept version: no earlier version is left.")
        point_link(marts, older[-1])
        follow_parquet(marts)
        return current, older[-1]


def marker_of(marts: Path) -> Path:
    """The publish marker: the state of the last published build, written when readers see it."""
    return marts.with_name(f".{marts.name}.published")


@contextmanager
def _locked(marts: Path) -> Iterator[None]:
    # Not the writer's lock: a rollback does not wait for a build.
    with lock.exclusive(marts.parent / f".{marts.name}.lock", "a publication"):
        yield
