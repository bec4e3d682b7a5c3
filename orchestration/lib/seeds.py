"""Reads the seeds that users edit, with the place of every row for messages."""

import csv
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


def read(seed: Path, columns: tuple[str, ...]) -> tuple[list[SeedRow], list[str]]:
    """The rows of a seed with trimmed cells, or why it cannot be read."""
    with seed.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        header = [name.strip() for name in next(reader, [])]
        if missing := [name for name in columns if name not in header]:
            return [], [
                f"{seed}, line 1: column {', '.join(missing)} is missing. The columns are {', '.join(columns)}."
            ]
        rows, problems = [], []
        for cells in reader:
            where = f"{seed}, line {reader.line_num}"
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                problems.append(
                    f"{where}: {len(cells)} cells under {len(header)} columns. Write one cell per column; put a cell "
                    "that contains a comma in quotes."
                )
                continue
            rows.append(SeedRow(where, dict(zip(header, (cell.strip() for cell in cells), strict=True))))
    return rows, problems
