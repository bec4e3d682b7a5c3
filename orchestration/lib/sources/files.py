"""Immutable files in the landing folder: complete under their names, or absent."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


def write_atomically(path: Path, fill: Callable[[Path], T]) -> T:
    """Lets `fill` write a .part file, which landing ignores, then renames it in one step.

    File and folder are synced: after a power failure the file is complete or absent.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    result = fill(part)
    with open(part, "rb") as file:
        os.fsync(file.fileno())
    os.replace(part, path)
    _sync_folder(path.parent)
    return result


def clear_parts(folder: Path, names: re.Pattern[str]) -> None:
    """Removes partial files of a killed run; partial files with other names belong to other programs."""
    for part in folder.glob("*.part"):
        if names.fullmatch(part.stem):
            part.unlink()


def write_json(path: Path, value: dict[str, Any]) -> None:
    write_atomically(path, lambda part: part.write_text(json.dumps(value, indent=1), encoding="utf-8"))


def read_json(path: Path) -> dict[str, Any] | None:
    """A state file, or None if it is missing or unreadable: the state saves work but is never required."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
