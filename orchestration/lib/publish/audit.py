"""The mark of an audited build: its files as they were when all tests had passed."""

from pathlib import Path

import duckdb

from orchestration.lib.publish.errors import PublishError, user_facing_errors
from orchestration.lib.publish.files import files_of


def revoke_audit(build: Path) -> None:
    """Call it before anything writes to the build: the new content is not audited."""
    _mark_of(build).unlink(missing_ok=True)


def mark_audited(build: Path, parquet: Path | None = None) -> None:
    """Closes an audited build and records its state; only an audited build without later changes is published.

    Otherwise a model rebuilt by hand, or the result of a failed audit, could be published.
    """
    with user_facing_errors(build.parent, "CALL_ATTRIBUTION_WAREHOUSE"):
        with duckdb.connect(str(build), config={"autoinstall_known_extensions": "false"}) as connection:
            connection.execute("CHECKPOINT")
        if Path(f"{build}.wal").exists():
            raise PublishError(f"{build} is still open in another process. Close it and run again.")
        _mark_of(build).write_text(state_of(build, parquet), encoding="utf-8")


def is_audited(build: Path, parquet: Path | None = None) -> bool:
    """Whether the build passed its audit and was not modified since."""
    mark = _mark_of(build)
    return build.exists() and mark.exists() and mark.read_text(encoding="utf-8") == state_of(build, parquet)


def audited_tables(build: Path, parquet: Path | None) -> int:
    """The number of tables and views of an audited build."""
    if not is_audited(build, parquet):
        raise PublishError(
            f"{build} is not the result of a complete build that passed its tests, so it is not published."
            " Run `make build`."
        )
    with duckdb.connect(str(build), read_only=True) as connection:
        row = connection.execute("SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'main'").fetchone()
    return row[0] if row else 0


def _mark_of(build: Path) -> Path:
    return Path(f"{build}.audited")


def state_of(build: Path, parquet: Path | None) -> str:
    states = ((path, path.stat()) for path in (build, *files_of(parquet)) if path.exists())
    return "\n".join(f"{path.name} {state.st_size} {state.st_mtime_ns}" for path, state in states)
