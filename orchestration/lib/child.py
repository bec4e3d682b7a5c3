"""Runs a module of the project as a process of its own, within limits of time and memory.

Native code and libraries can wait for a server for ever, or take all memory. A thread cannot be ended while it does; a
process can.
"""

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from orchestration.lib.errors import PROJECT_DIR, UserError


class ChildError(UserError):
    """The process ended without a result; the message gives the reason."""


class TookTooLong(ChildError):
    """The process has used its time and was ended."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"it took longer than {seconds:.0f} s")


class NoAnswer(ChildError):
    """The process ended itself, because a single answer took too long."""


def run(
    module: str, *arguments: str, seconds: float, memory: int, cpu_seconds: int | None = None, task: bytes = b""
) -> bytes:
    """What the module printed. Secrets belong in `task`, which it reads: every user of the machine sees arguments."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=PROJECT_DIR,
            input=task,
            stdout=subprocess.PIPE,
            # Its errors quote the data.
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            preexec_fn=lambda: limit(memory, cpu_seconds),
        )
    except subprocess.TimeoutExpired:
        raise TookTooLong(seconds) from None
    if done.returncode == -signal.SIGALRM:
        raise NoAnswer("it waited too long for an answer")
    if done.returncode:
        reason = f"signal {-done.returncode}" if done.returncode < 0 else f"code {done.returncode}"
        cpu = f"{cpu_seconds} CPU seconds, " if cpu_seconds else ""
        raise ChildError(f"its process ended with {reason} (limits: {cpu}{memory >> 20:,} MB)")
    return done.stdout


def limit(memory: int, cpu_seconds: int | None = None) -> None:
    """Limits this process."""
    # Not the address space: the report's drawing library reserves 36 GB of it.
    limits = {resource.RLIMIT_DATA: memory, resource.RLIMIT_CPU: cpu_seconds, resource.RLIMIT_CORE: 0}
    for kind, most in limits.items():
        if most is None:
            continue
        _, hard = resource.getrlimit(kind)
        # The user's own limit can be lower, and raising it is an error.
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))


def end_with(parent: int) -> None:
    """Ends this process soon after the one that started it: a killed run must not continue to write.

    The parent says its own number. It can be gone before this process could ask for it.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.2)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def answered_within(seconds: int) -> Iterator[None]:
    """Ends this process if the block takes longer; `run` reports it. An exception would not leave native code."""
    # A parent that ignores or blocks the signal passes that on.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
