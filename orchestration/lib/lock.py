"""One writer at a time, across every process of the machine."""

import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from orchestration.lib.errors import UserError, reason_of


@contextmanager
def exclusive(path: Path, purpose: str, on_wait: Callable[[str], None] = lambda message: None) -> Iterator[None]:
    """Holds the lock file. If another process holds it, reports which one (once) and waits for it.

    The kernel drops the lock with the process that held it, however that ends, so nothing has to be cleaned up. The
    file stays: removing it would let two waiters lock two different files of one name.
    """
    descriptor = _open(path)
    try:
        if not _try_lock(descriptor):
            holder = os.pread(descriptor, 1000, 0).decode(errors="replace") or "another run"
            on_wait(f"Waiting for {holder}.")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        # The holder's name is only for information: a full disk fails later, with a message of its own.
        with suppress(OSError):
            os.ftruncate(descriptor, 0)
            since = time.strftime("%H:%M:%S", time.gmtime())
            os.pwrite(descriptor, f"{purpose} (process {os.getpid()}, since {since} UTC)".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    """Refuses a link, because its target would be written to."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise UserError(f"{path} is a link, so it is not used as a lock file. Remove it.") from error
        if isinstance(error, PermissionError):
            raise UserError(
                f"{path} cannot be written: it or its folder belongs to another user. Run as that user, or set"
                " paths of your own (docs/settings.md)."
            ) from error
        raise UserError(
            f"{path} cannot be written: {reason_of(error)}. Correct its path, or make room there."
        ) from error


def is_held(path: Path) -> bool:
    """Whether another process (or another part of this one) holds the lock file now."""
    if not path.exists():
        return False
    descriptor = _open(path)
    try:
        return not _try_lock(descriptor)
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
