"""Copies one table of an object store or a database in a process of its own, which ends when its time is used up.

A server can accept a connection and never answer, or send a byte a minute. The timeouts of the libraries do not cover
that, and some wait in native code, where nothing but the end of the process stops them. Files are complete or absent
whenever it ends.
"""

import json
import os
import pickle
import sys
from dataclasses import dataclass, field

from orchestration.lib import child
from orchestration.lib.landing.contract import SourceTable
from orchestration.lib.settings import Settings
from orchestration.lib.sources import databases, stores
from orchestration.lib.sources.configured import ObjectStore, Source
from orchestration.lib.sources.errors import LiveSourceError, Unreachable
from orchestration.lib.sources.results import ExtractionResult, attempt

# A chunk of rows, and the blocks of an object, are far smaller. An answer that never ends is not.
MEMORY = 4 * 1024**3
RESUMES = "Copied data is kept; the next run resumes there."


@dataclass(frozen=True)
class Job:
    """What the process has to copy, for which run. The address of a database contains its password."""

    source: Source
    table: SourceTable
    settings: Settings
    landed: list[str]
    url: str = field(default="", repr=False)
    run: int = field(default_factory=os.getpid)


def copy(job: Job, seconds: float) -> ExtractionResult:
    """Copies what is new of one table within the seconds that its source has left."""
    place, limits = job.source.place(job.table), job.settings.live
    try:
        answer = child.run("orchestration.lib.sources.copying", seconds=seconds, memory=MEMORY, task=pickle.dumps(job))
    except child.TookTooLong:
        raise Unreachable(
            f"{place}: the run has used its {limits.run_seconds:,} seconds for this source "
            f"(CALL_ATTRIBUTION_LIVE_RUN_SECONDS). {RESUMES}"
        ) from None
    except child.NoAnswer:
        raise Unreachable(
            f"{place}: the database did not answer within {limits.request_seconds:,} seconds "
            f"(CALL_ATTRIBUTION_LIVE_REQUEST_SECONDS). {RESUMES}"
        ) from None
    except child.ChildError as error:
        raise LiveSourceError(f"{place} cannot be copied: {error}. {RESUMES}") from None
    found = json.loads(answer)
    return ExtractionResult(job.table, **found | {"files": tuple(found["files"])})


def copied(job: Job) -> ExtractionResult:
    """The same in this process, without a time limit."""

    def work(table: SourceTable) -> ExtractionResult:
        if isinstance(job.source, ObjectStore):
            found = stores.copy(job.source, table, job.settings)
            return ExtractionResult(table, found.files, 0, {"bytes": found.bytes, "known_objects": found.known})
        rows = databases.copy(job.source, job.url, table, job.settings, job.landed)
        return ExtractionResult(
            table, rows.files, rows.rows, {"since": rows.since, "rows_dated_in_the_future": rows.ahead}
        )

    return attempt(job.table, work)


def main() -> None:
    """Reads the job and prints the result, and nothing else: libraries print too."""
    job: Job = pickle.load(sys.stdin.buffer)
    child.end_with(job.run)
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answer:
        os.dup2(2, 1)
        result = copied(job)
        fields = {name: value for name, value in vars(result).items() if name != "table"}
        json.dump(fields, answer)


if __name__ == "__main__":
    main()
