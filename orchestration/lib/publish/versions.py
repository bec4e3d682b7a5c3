"""The versions of a published path, their numbers, and the link to one of them."""

import os
import re
import time
from pathlib import Path

from orchestration.lib.publish.errors import PublishError
from orchestration.lib.publish.files import point_link


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
    if is_own_link(marts):
        return marts.parent / os.readlink(marts)
    if os.path.lexists(marts):
        raise PublishError(
            f"{marts} was not published by this project (it would be a link to a version beside it). Move it away, or"
            " set CALL_ATTRIBUTION_MARTS to another path. Nothing was changed."
        )
    return None


def is_own_link(marts: Path) -> bool:
    """Whether the published path is a link to a version beside it."""
    return marts.is_symlink() and number_of(marts, marts.parent / os.readlink(marts)) > 0


def new_version(marts: Path, highest: int) -> Path:
    """A path with a number above `highest`, the highest so far, and above all that exist."""
    number = max([highest, *(number_of(marts, version) for version in versions(marts))]) + 1
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    return marts.with_name(f"{marts.stem}.{number:06}.{stamp}{marts.suffix}")


def number_of(marts: Path, path: Path) -> int:
    """The number of a version of these marts; 0 for every other path."""
    match = re.fullmatch(_pattern(marts), path.name)
    return int(match[1]) if match and path.parent == marts.parent else 0


def _pattern(marts: Path) -> str:
    return re.escape(marts.stem) + r"\.(\d{6,})\.\d{8}T\d{6}Z" + re.escape(marts.suffix)


def follow_parquet(marts: Path) -> None:
    """Moves the Parquet link to the newest Parquet version that is not newer than the published file."""
    link, version = parquet_of(marts), fitting_parquet(marts, current_version(marts))
    if version:
        point_link(link, version)
    elif current_version(link):
        link.unlink()


def fitting_parquet(marts: Path, version: Path | None) -> Path | None:
    """The newest Parquet version that is not newer than a version of the file."""
    number, link = (number_of(marts, version) if version else 0), parquet_of(marts)
    return next((one for one in reversed(versions(link)) if number_of(link, one) <= number), None)


def preview_of(marts: Path) -> Path:
    """The marts as edited rules would make them."""
    return marts.with_name(f"{marts.stem}.preview{marts.suffix}")


def replay_of(marts: Path, through: str, rules: str = "") -> Path:
    """The marts as of a day or a load, with today's rules or those of a version."""
    return marts.with_name(f"{marts.stem}.replay.{through}{f'.rules-{rules}' if rules else ''}{marts.suffix}")


def rebuilt(marts: Path) -> list[Path]:
    """The previews and replays that exist."""
    name = rf"{re.escape(marts.stem)}\.(preview|replay\.[\w.-]+){re.escape(marts.suffix)}"
    return [path for path in marts.parent.glob("*") if re.fullmatch(name, path.name)]


def partial_files(marts: Path) -> list[Path]:
    """Leftovers of interrupted publications: copies, links and records that were never renamed.

    Only those of this published path, because another one can be in the same folder.
    """
    if not marts.parent.is_dir():
        return []
    copies = "|".join(_pattern(name) for name in (marts, parquet_of(marts)))
    links = "|".join(re.escape(name.name) for name in (marts, parquet_of(marts)))
    # Release 0.1.0 named them without a random part.
    record = re.escape(f"..{marts.name}.versions") + r"\.\w+\.part"
    own = re.compile(rf"\.(?:{copies})(?:\.\w+)?\.part(?:\.wal)?|\.(?:{links})(?:\.\w+)?\.link|{record}")
    return [path for path in marts.parent.iterdir() if own.fullmatch(path.name)]


def surplus(marts: Path, keep: int) -> list[Path]:
    """The versions beyond the newest `keep`, oldest first, in both forms."""
    return [version for name in (marts, parquet_of(marts)) for version in versions(name)[:-keep]]
