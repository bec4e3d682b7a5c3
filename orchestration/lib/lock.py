"""One writer at a time, across every process of the machine."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def exclusive(path: Path, purpose: str, on_wait: Callable[[str], None] = lambda message: None) -> Iterator[None]:
    """Holds the lock file; when someone else does, says who (once) and waits until he is done.

    The kernel drops the lock with the process that held it, however that ends, so nothing has to be cleaned up. The
    file stays: removing it would let two waiters lock two different files of one name.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a+", encoding="utf-8") as file:
        if not _try_lock(file.fileno()):
            file.seek(0)
            holder = file.read().strip() or "another run"
            on_wait(f"Waiting for {holder}, which is writing to {path.with_suffix('').name}.")
            fcntl.flock(file.fileno(), fcntl.LOCK_EX)
        file.truncate(0)
        file.write(f"{purpose} (process {os.getpid()}, since {time.strftime('%H:%M:%S', time.gmtime())} UTC)")
        file.flush()
        yield


def is_held(path: Path) -> bool:
    """Whether another process (or another part of this one) holds the lock file now."""
    if not path.exists():
        return False
    with open(path, "rb") as file:
        return not _try_lock(file.fileno())


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
