"""Lines and tables for a terminal; lines have the time since the command started."""

import shlex
import sys
import time
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

_STARTED = time.monotonic()


def report(message: str) -> None:
    """Prints one line at once, also into a pipe."""
    print(stamped(message), flush=True)


def complain(message: object) -> None:
    """Prints an error that the user can act on."""
    print(f"\n{message}", file=sys.stderr, flush=True)


def command(name: str) -> str:
    """A command of the environment that runs, from the current folder: `.venv/bin/dbt`, unless VENV names another."""
    path, here = Path(sys.executable).with_name(name), Path.cwd()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def agreeing(number: int, singular: str, plural: str) -> str:
    """The word that agrees with a number: `1 value is`, `2 values are`."""
    return singular if number == 1 else plural


def stamped(message: str) -> str:
    return f"{time.monotonic() - _STARTED:7.1f} s  {message}"


def table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    """Lines of a table: text to the left, numbers to the right."""
    cells = [list(map(printable, header)), *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    numeric = [all(_is_number(row[column]) for row in rows) for column in range(len(header))]

    def line(row: Sequence[str]) -> str:
        aligned = (
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(row, widths, numeric, strict=True)
        )
        return "  " + "  ".join(aligned).rstrip()

    return [line(cells[0]), line(["-" * width for width in widths]), *(line(row) for row in cells[1:])]


def printable(text: str) -> str:
    """The text with control characters escaped: a line break in a file's name would forge a line of a log."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _cell(value: Any) -> str:
    if value is None:
        return "(none)"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:,}" if isinstance(value, int | Decimal) else printable(str(value))


def _is_number(value: Any) -> bool:
    """Python counts True and False as numbers."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
