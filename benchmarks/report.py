"""What both benchmarks print: tables, the machine, and the path of the file."""

import os
import platform
from importlib.metadata import version
from pathlib import Path


class Table:
    """A Markdown table that is also readable as text: columns are padded, and numbers are right-aligned."""

    def __init__(self, *header: str) -> None:
        self._rows = [header]

    def add(self, *cells: str) -> None:
        self._rows.append(cells)

    def __str__(self) -> str:
        widths = [max(len(row[column]) for row in self._rows) for column in range(len(self._rows[0]))]

        def line(row: tuple[str, ...]) -> str:
            first, *others = zip(row, widths, strict=True)
            return "| " + " | ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]) + " |"

        header, *rows = self._rows
        rule = "|" + "|".join(["-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:])]) + "|"
        return "\n".join([line(header), rule, *map(line, rows)])


def seconds_text(seconds: float) -> str:
    return f"{seconds:,.2f}" if seconds < 10 else f"{seconds:,.1f}"


def size_text(size: float) -> str:
    return f"{size / 1e9:,.1f} GB" if size >= 1e8 else f"{size / 1e6:,.1f} MB"


def machine() -> str:
    """What the figures were measured on, without the machine's name."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    packages = ", ".join(f"{name} {version(package)}" for name, package in (("DuckDB", "duckdb"), ("dbt", "dbt-core")))
    return f"{len(os.sched_getaffinity(0))} cores, {size_text(memory)}, Python {platform.python_version()}, {packages}"


def save(report: str, path: Path) -> None:
    print(f"\n{report}\n")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(report + "\n", encoding="utf-8")
    print(f"Written to {path}")
