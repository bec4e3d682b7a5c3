"""Files that are complete under their names, or absent; and how the project's own YAML files are read."""

import os
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

# Written in C where the package has it: dbt_project.yml takes 4 ms instead of 35, and a run reads it several times.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> Any:
    """The content of one of the project's own files."""
    return yaml.load(path.read_text(encoding="utf-8"), _LOADER)


def temporary_name(target: Path, suffix: str) -> Path:
    """A hidden name beside the target that no other process uses."""
    return target.with_name(f".{target.name}.{secrets.token_hex(4)}.{suffix}")


def write_text(target: Path, text: str, mode: int = 0o600) -> None:
    """Replaces a file in one step; after a power failure it is the old or the new one."""
    part = temporary_name(target, "part")
    try:
        with open(part, "w", encoding="utf-8") as file:
            file.write(text)
            os.fchmod(file.fileno(), mode)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(target.parent)


def restrict(paths: Iterable[Path]) -> None:
    """Removes other users' rights that an earlier version of this project, or a program of the user, has given."""
    for path in paths:
        if path.exists() and not path.is_symlink() and path.stat().st_uid == os.geteuid():
            path.chmod(path.stat().st_mode & 0o700)


def sync_folder(folder: Path) -> None:
    """Makes new and changed names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(path: Path) -> None:
    """Removes a file, a link, or a folder with everything in it. Does nothing if it does not exist."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
