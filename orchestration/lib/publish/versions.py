"""The versions of a published path, their numbers, and the link to one of them."""

import os
import re
import time
from pathlib import Path

from orchestration.lib.publish.errors import PublishError
from orchestration.lib.publish.files import point_link, remove


def parquet_of(path: Path) -> Path:
    """The marts as Parquet beside the published file, or beside a version of it."""
    return path.with_suffix(".parquet")


def versions(marts: Path) -> list[Path]:
    """All versions of the published file, oldest first."""
    if not marts.parent.is_dir():
        return []
    found = [path for path in marts.parent.iterdir() if number_of(marts, path) and not path.is_symlink()]
    return sorted(found, key=lambda version: number_of(marts, version))


def current_version(marts: Path) -> Path | None:
    """The version that readers see."""
    if marts.is_symlink() and number_of(marts, marts.parent / os.readlink(marts)):
        return marts.parent / os.readlink(marts)
    if os.path.lexists(marts):
        raise PublishError(
            f"{marts} was not published by this project (it would be a link to a version beside it). Move it away, or"
            " set CALL_ATTRIBUTION_MARTS to another path. Nothing was changed."
        )
    return None


def next_version(marts: Path, current: Path | None) -> Path:
    numbers = [number_of(marts, version) for version in versions(marts)] + (
        [number_of(marts, current)] if current else []
    )
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    return marts.with_name(f"{marts.stem}.{max(numbers, default=0) + 1:06}.{stamp}{marts.suffix}")


def number_of(marts: Path, path: Path) -> int:
    """The number of a version of these marts; 0 for every other path."""
    name = re.escape(marts.stem) + r"\.(\d{6,})\.\d{8}T\d{6}Z" + re.escape(marts.suffix)
    match = re.fullmatch(name, path.name)
    return int(match[1]) if match and path.parent == marts.parent else 0


def follow_parquet(marts: Path) -> None:
    """Moves the Parquet link to the newest Parquet version that is not newer than the published file."""
    link, current = parquet_of(marts), current_version(marts)
    number = number_of(marts, current) if current else 0
    fitting = [version for version in versions(link) if number_of(link, version) <= number]
    if fitting:
        point_link(link, fitting[-1])
    elif current_version(link):
        link.unlink()


def remove_leftovers(marts: Path, current: Path | None) -> list[Path]:
    half = (path for path in marts.parent.iterdir() if path.name.startswith(f".{marts.stem}."))
    leftovers = [path for path in half if path.name.endswith((".part", ".link"))]
    number = number_of(marts, current) if current else 0
    newer = [
        version
        for name in (marts, parquet_of(marts))
        for version in versions(name)
        if number_of(name, version) > number
    ]
    for path in (*leftovers, *newer):
        remove(path)
    return newer


def prune(marts: Path, keep: int) -> list[Path]:
    # The current version is the newest one here, and `keep` is at least 1.
    surplus = [version for name in (marts, parquet_of(marts)) for version in versions(name)[:-keep]]
    for version in surplus:
        remove(version)
    return surplus
