"""The mark of an audited build: its files as they were when all tests had passed."""

import json
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.lib.publish.errors import PublishError, user_facing_errors
from orchestration.lib.publish.files import files_of


def revoke_audit(build: Path) -> None:
    """Call it before anything writes to the build: the new content is not audited."""
    _mark_of(build).unlink(missing_ok=True)


def mark_audited(build: Path, parquet: Path | None = None, reason: str = "") -> None:
    """Closes an audited build and records its state and why it was made; nothing else is published.

    Otherwise a model rebuilt by hand, or the result of a failed audit, could be published.
    """
    with user_facing_errors(build.parent, "CALL_ATTRIBUTION_WAREHOUSE"):
        with duckdb.connect(str(build), config={"autoinstall_known_extensions": "false"}) as connection:
            connection.execute("CHECKPOINT")
        if Path(f"{build}.wal").exists():
            raise PublishError(f"{build} is still open in another process. Close it and run again.")
        mark = {"state": state_of(build, parquet), "reason": reason}
        _mark_of(build).write_text(json.dumps(mark), encoding="utf-8")


def is_audited(build: Path, parquet: Path | None = None) -> bool:
    """Whether the build passed its audit and was not modified since."""
    return build.exists() and _read_mark(build).get("state") == state_of(build, parquet)


@dataclass(frozen=True)
class AuditedBuild:
    """An audited build: why it was made, its tables and views, and the rows of its tables."""

    state: str
    reason: str
    tables: int
    rows: int


def audited_build(build: Path, parquet: Path | None) -> AuditedBuild:
    """What an audited build contains; any other build is refused."""
    if not is_audited(build, parquet):
        raise PublishError(
            f"{build} is not the result of a complete build that passed its tests, so it is not published."
            " Run `make build`."
        )
    with duckdb.connect(str(build), read_only=True) as connection:
        names = connection.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'").fetchall()
        counts = [connection.table(f'main."{name}"').count("*").fetchall()[0][0] for (name,) in names]
    mark = _read_mark(build)
    return AuditedBuild(mark["state"], mark["reason"], len(names), sum(counts))


def _read_mark(build: Path) -> dict[str, str]:
    """Empty if there is no mark, or if it has another form, such as that of release 0.1.0."""
    try:
        mark = json.loads(_mark_of(build).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return mark if isinstance(mark, dict) else {}


def _mark_of(build: Path) -> Path:
    return Path(f"{build}.audited")


def state_of(build: Path, parquet: Path | None) -> str:
    states = ((path, path.stat()) for path in (build, *files_of(parquet)) if path.exists())
    return "\n".join(f"{path.name} {state.st_size} {state.st_mtime_ns}" for path, state in states)
