"""Lines for a terminal, with the time since the command started."""

import sys
import time

_STARTED = time.monotonic()


def report(message: str) -> None:
    """Prints one line at once, also into a pipe."""
    print(stamped(message), flush=True)


def complain(message: object) -> None:
    """Prints an error that the user can do something about."""
    print(f"\n{message}", file=sys.stderr, flush=True)


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def agreeing(number: int, singular: str, plural: str) -> str:
    """The word that agrees with a number: `1 value is`, `2 values are`."""
    return singular if number == 1 else plural


def stamped(message: str) -> str:
    return f"{time.monotonic() - _STARTED:7.1f} s  {message}"
