"""The build history: which builds started, which finished, and the fingerprint of the last finished one.

An interrupted build (killed, or with a failed model or test) publishes nothing; the next one resumes its work.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from orchestration.lib.build.fingerprint import digest
from orchestration.lib.errors import UserError, reason_of
from orchestration.lib.landing import store
from orchestration.lib.settings import Settings


@dataclass(frozen=True)
class FinishedBuild:
    """The last build that finished: the load id up to which it includes every row, and a digest of its fingerprint."""

    through_load: int
    fingerprint: str


def read(con: duckdb.DuckDBPyConnection) -> tuple[FinishedBuild | None, list[str]]:
    """The last finished build, and the kinds of the interrupted builds after it."""
    last = con.execute(
        """
        SELECT build_id, through_load, fingerprint FROM landing.builds
        WHERE finished_at IS NOT NULL
        ORDER BY build_id DESC LIMIT 1
        """
    ).fetchone()
    later = con.execute("SELECT kind FROM landing.builds WHERE build_id > ?", [last[0] if last else 0]).fetchall()
    return FinishedBuild(*last[1:]) if last else None, [kind for (kind,) in later]


def read_fingerprint(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The parts of the last finished build's fingerprint."""
    return dict(con.execute("SELECT part, value FROM landing.build_parts").fetchall())


def read_seeds(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The texts of the seeds with which the last finished build was made."""
    return dict(con.execute("SELECT seed, text FROM landing.build_seeds").fetchall())


def record_start(con: duckdb.DuckDBPyConnection, kind: str, through_load: int, fingerprint: Mapping[str, str]) -> None:
    """Records a start. Until this build is recorded as finished, the next one has to resume its work."""
    con.execute(
        """
        INSERT INTO landing.builds
        SELECT coalesce(max(build_id), 0) + 1, $kind, $through_load, $fingerprint, $now, NULL FROM landing.builds
        """,
        {"kind": kind, "through_load": through_load, "fingerprint": digest(fingerprint), "now": store.utc_now()},
    )


def record_finish(con: duckdb.DuckDBPyConnection, fingerprint: Mapping[str, str], seeds: Mapping[str, str]) -> None:
    """Records that the last started build is built and tested: the next incremental build begins after its rows."""
    con.execute(
        """
        UPDATE landing.builds SET finished_at = $now
        WHERE build_id = (SELECT max(build_id) FROM landing.builds)
        """,
        {"now": store.utc_now()},
    )
    if read_fingerprint(con) != fingerprint:
        con.execute("DELETE FROM landing.build_parts")
        con.execute(
            "INSERT INTO landing.build_parts SELECT unnest($parts::VARCHAR[]), unnest($values::VARCHAR[])",
            {"parts": list(fingerprint), "values": list(fingerprint.values())},
        )
        con.execute("DELETE FROM landing.build_seeds")
        con.execute(
            "INSERT INTO landing.build_seeds SELECT unnest($names::VARCHAR[]), unnest($texts::VARCHAR[])",
            {"names": list(seeds), "texts": list(seeds.values())},
        )


@contextmanager
def warehouse(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse; errors of its disk become one message in a user's words."""
    with store.connect(settings.warehouse, settings.duckdb_memory) as con:
        try:
            yield con
        except duckdb.Error as error:
            raise UserError(f"{settings.warehouse}: {reason_of(error)}") from error
