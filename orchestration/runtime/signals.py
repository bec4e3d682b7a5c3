"""Which signals a process received, whatever handles them."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


class Stopped(KeyboardInterrupt):
    """A user or the system ended the command."""

    def __init__(self, number: int) -> None:
        self.number = number


@contextmanager
def received() -> Iterator[Callable[[], list[int]]]:
    """Collects the signals that stop a program during the block: Dagster and dbt handle them without reporting it."""
    reading, writing = os.pipe()
    for end in (reading, writing):
        os.set_blocking(end, False)
    earlier = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    numbers: list[int] = []

    def so_far() -> list[int]:
        with suppress(BlockingIOError):
            numbers.extend(os.read(reading, 1000))
        return [number for number in numbers if number in (signal.SIGINT, signal.SIGTERM)]

    try:
        yield so_far
    finally:
        signal.set_wakeup_fd(earlier)
        os.close(reading)
        os.close(writing)
