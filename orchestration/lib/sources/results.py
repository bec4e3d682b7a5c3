"""What the extraction of one table returned, or its error in our own words."""

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from orchestration.lib.landing.contract import SourceTable
from orchestration.lib.sources.errors import LiveSourceError, QuotaExceeded, SignInRefused, Unreachable
from orchestration.lib.terminal import counted

# These errors concern the whole system, so its remaining tables are skipped.
FOR_THE_WHOLE_SOURCE = (QuotaExceeded, SignInRefused, Unreachable)


@dataclass(frozen=True)
class ExtractionResult:
    """What one extraction of a live table returned: files, rows, notes or an error."""

    table: SourceTable
    files: tuple[str, ...] = ()
    rows: int = 0
    notes: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None
    concerns_whole_source: bool = False

    def __str__(self) -> str:
        if self.error:
            return f"{self.table.folder}: {self.error}"
        remarks = "".join(f", {name.replace('_', ' ')} {value}" for name, value in self.notes.items() if value)
        return f"{self.table.folder}: {counted(self.rows, 'row')} in {counted(len(self.files), 'new file')}{remarks}"


def attempt(table: SourceTable, work: Callable[[SourceTable], ExtractionResult]) -> ExtractionResult:
    """Extracts one table. Whatever happens, the next ones are extracted too. Errors contain no foreign text."""
    try:
        return work(table)
    except FOR_THE_WHOLE_SOURCE as failure:
        return ExtractionResult(table, error=str(failure), concerns_whole_source=True)
    except LiveSourceError as failure:
        return ExtractionResult(table, error=str(failure))
    except OSError as failure:
        return ExtractionResult(table, error=f"{failure.filename}: {failure.strerror}")
    except duckdb.Error:
        # An error of the warehouse, not of the source: a retry can help.
        raise
    except Exception as failure:
        last = traceback.extract_tb(failure.__traceback__)[-1]
        place = f"{Path(last.filename).name}:{last.lineno}"
        return ExtractionResult(
            table,
            error=f"{table.folder} stopped at {place} with {type(failure).__name__}, which is a fault of this program. "
            "Fetched data is kept. Please report this message.",
        )
