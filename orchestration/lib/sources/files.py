"""Immutable files in the landing folder: complete under their name, or not there."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


def write_whole(path: Path, fill: Callable[[Path], T]) -> T:
    """Lets `fill` write a .part file (landing leaves those alone), then gives it its name in one step.

    Both the file and the folder are synced: after a power cut the name stands for all of its bytes or is not there.
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
    """Removes what a killed run began to write; parts of other names are somebody else's."""
    for part in folder.glob("*.part"):
        if names.fullmatch(part.stem):
            part.unlink()


def write_json(path: Path, value: dict[str, Any]) -> None:
    write_whole(path, lambda part: part.write_text(json.dumps(value, indent=1), encoding="utf-8"))


def read_json(path: Path) -> dict[str, Any] | None:
    """A state file, or None when there is none or it cannot be read: the state is a short cut, never needed."""
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
