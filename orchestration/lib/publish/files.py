"""Durable copies, links and removals."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

from orchestration.lib.files import remove, sync_folder, temporary_name

_CHUNK = 64 * 1024 * 1024


def files_of(folder: Path | None) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file()) if folder else []


def copy_complete(source: Path, target: Path, mode: int, complete: Callable[[Path], None] = lambda copy: None) -> None:
    """Copies a file or a folder tree; the copy gets its name when it is complete and has its mode.

    `complete` may add to the copy of a file.
    """
    temporary = temporary_name(target, "part")
    try:
        if source.is_dir():
            for file in files_of(source):
                copied = temporary / file.relative_to(source)
                copied.parent.mkdir(parents=True, exist_ok=True)
                _copy(file, copied)
                copied.chmod(mode)
            for folder in (*(path for path in temporary.iterdir() if path.is_dir()), temporary):
                folder.chmod(_folder_mode(mode))
                sync_folder(folder)
        else:
            _copy(source, temporary)
            complete(temporary)
            temporary.chmod(mode)
        os.rename(temporary, target)
    except BaseException:
        for path in (temporary, Path(f"{temporary}.wal")):
            remove(path)
        raise


def _folder_mode(mode: int) -> int:
    """Who may read a file may also enter its folder."""
    return 0o700 | mode | (mode & 0o444) >> 2


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


def point_link(marts: Path, version: Path) -> None:
    """Moves a published path to a version in one atomic step."""
    sync_folder(marts.parent)
    link = temporary_name(marts, "link")
    os.symlink(version.name, link)
    os.replace(link, marts)
    sync_folder(marts.parent)
