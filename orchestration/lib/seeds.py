"""Reads the seeds that users edit, with the place of every row for messages."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestration.lib.errors import UserError


class SeedError(UserError):
    """A seed cannot be used; the message says file, line and reason for each finding."""


@dataclass(frozen=True)
class SeedRow:
    """One row of a seed; `where` is its file and line."""

    where: str
    cells: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.cells.get(name, "")


def records(seed: Path) -> Iterator[tuple[str, list[str]]]:
    """The header and every record with text: its place (file and last line) and its trimmed cells.

    Raises SeedError on a file that is not CSV in UTF-8, and on blanks around a column's name, which would belong to the
    name. An engine would read a file that ends inside quotes as a seed without rows.
    """
    try:
        text = seed.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = 1 + error.object[: error.start].count(b"\n")
        raise SeedError(
            f"{seed}, line {line}: not UTF-8 text. Save it as CSV in UTF-8 (in Excel: CSV UTF-8, comma delimited)."
        ) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    has_header = False
    try:
        for cells in reader:
            trimmed = [cell.strip() for cell in cells]
            if not any(trimmed):
                continue
            where = f"{seed}, line {reader.line_num}"
            padded = [name for name, cell in zip(trimmed, cells, strict=True) if name and name != cell]
            if padded and not has_header:
                raise SeedError(f"{where}: remove the blanks around the name of column {', '.join(padded)}.")
            has_header = True
            yield where, trimmed
    except csv.Error:
        raise SeedError(
            f"{seed}, line {reader.line_num}: a quote is not closed, or text follows a closing quote. Quotes enclose a "
            "whole cell; write a quote inside them twice."
        ) from None


def missing_columns(header: Sequence[str], columns: Sequence[str]) -> str:
    """Why a header cannot be used; empty if it can. Columns beyond the known ones are ignored."""
    missing = [name for name in columns if name not in header]
    if not missing:
        return ""
    other = next((sign for sign in (";", "\t") if len(header) == 1 and sign in header[0]), None)
    advice = f" Separate the cells with commas, not with {other!r}." if other else ""
    return f"column {', '.join(missing)} is missing. The first line must name {', '.join(columns)}.{advice}"


def read(seed: Path, columns: tuple[str, ...], short_rows: bool = False) -> tuple[list[SeedRow], list[str]]:
    """The rows of a seed with trimmed cells, or why it cannot be read. With `short_rows`, missing cells are blank."""
    found = records(seed)
    where, header = next(found, (f"{seed}, line 1", []))
    if problem := missing_columns(header, columns):
        return [], [f"{where}: {problem}"]
    rows, problems = [], []
    for where, cells in found:
        if len(cells) == len(header) or (short_rows and len(cells) < len(header)):
            rows.append(SeedRow(where, dict(zip(header, cells, strict=False))))
        else:
            problems.append(
                f"{where}: {len(cells)} cells under {len(header)} columns. Write one cell per column; put a cell "
                "that contains a comma in quotes."
            )
    return rows, problems
