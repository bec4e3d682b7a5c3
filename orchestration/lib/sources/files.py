"""Immutable files in the landing folder: complete under their names, or absent."""

import errno
import json
import os
import re
import stat
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

from orchestration.lib.files import remove as remove_any
from orchestration.lib.files import sync_folder

T = TypeVar("T")

# A time in the name of a file, to the microsecond, UTC.
STAMP = "%Y%m%dT%H%M%S%fZ"


def stamp(moment: datetime) -> str:
    """A time as `STAMP` writes it, but with four digits of the year, which `strftime` does not pad."""
    return f"{moment.year:04}{moment:%m%dT%H%M%S%f}Z"


def write_atomically(path: Path, fill: Callable[[Path], T]) -> T:
    """Lets `fill` write a .part file, which landing ignores, then renames it in one step."""
    part = part_of(path)
    result = fill(part)
    keep(part, path)
    return result


def part_of(path: Path) -> Path:
    """The partial file of a file, in a folder that exists. What is there, perhaps another user's link, is removed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    remove_any(part)
    return part


def keep(part: Path, path: Path) -> None:
    """Gives a partial file its name. File and folder are synced: after a power failure it is complete or absent."""
    with open(part, "rb") as file:
        os.fsync(file.fileno())
    os.replace(part, path)
    sync_folder(path.parent)


def open_regular(path: Path, flags: int) -> int:
    """Opens a file of the run itself. A link, whose target would be written to, or a pipe is an OSError."""
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "Not a regular file", str(path))
    return descriptor


def clear_parts(folder: Path, names: re.Pattern[str]) -> None:
    """Removes partial files of a killed run; partial files with other names belong to other programs."""
    for part in folder.glob("*.part"):
        if names.fullmatch(part.stem):
            part.unlink()


def name_of_id(source_id: str) -> str:
    """A source's id as part of a file name: letters, digits and -, everything else as %XX. Never a path."""
    return re.sub(rb"[^0-9A-Za-z-]", lambda found: b"%%%02X" % ord(found[0]), source_id.encode()).decode()


def id_of_name(part: str) -> str:
    """The id that `name_of_id` encoded."""
    return unquote(part)


def write_json(path: Path, value: dict[str, Any]) -> None:
    write_atomically(path, lambda part: part.write_text(json.dumps(value, indent=1), encoding="utf-8"))


def remove(path: Path) -> None:
    if path.parent.exists():
        path.unlink(missing_ok=True)
        sync_folder(path.parent)
