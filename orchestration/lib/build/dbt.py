"""Runs dbt in this process: one start-up, one parsed manifest, results as plain data.

dbt itself is imported where it is called: a run with nothing to build needs none of it.
"""

import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.lib.errors import UserError
from orchestration.lib.settings import Settings

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest
    from dbt_common.events.base_types import EventMsg

# What changes the parsed project.
PROJECT_FILES = ("dbt_project.yml", "profiles.yml")
PROJECT_FOLDERS = ("models", "macros", "seeds", "tests/generic", "tests/singular")
PROJECT_SUFFIXES = frozenset({".sql", ".yml", ".yaml", ".csv", ".md"})


class DbtError(UserError):
    """dbt could not start or a node of it failed; the message is dbt's own, without its log."""


@dataclass(frozen=True)
class NodeResult:
    """What became of one seed, model or test."""

    unique_id: str
    name: str
    resource_type: str
    status: str
    seconds: float
    failures: int | None
    message: str

    @property
    def failed(self) -> bool:
        return self.status in ("error", "fail", "runtime error")

    @property
    def warned(self) -> bool:
        return self.status == "warn"


@dataclass(frozen=True)
class BuildResult:
    """All nodes of one dbt call, in the order in which they ended."""

    nodes: tuple[NodeResult, ...]

    @property
    def failed(self) -> tuple[NodeResult, ...]:
        return tuple(node for node in self.nodes if node.failed)

    @property
    def warned(self) -> tuple[NodeResult, ...]:
        return tuple(node for node in self.nodes if node.warned)

    @property
    def ok(self) -> bool:
        return not self.failed

    def count(self, *resource_types: str) -> int:
        return sum(node.resource_type in resource_types and node.status != "skipped" for node in self.nodes)

    def require_success(self) -> "BuildResult":
        """Raises one error that names every failed node."""
        if not self.ok:
            raise DbtError("\n".join(f"{node.resource_type} {node.name}: {node.message}" for node in self.failed))
        return self


def arguments(
    command: str,
    settings: Settings,
    *,
    target_dir: Path,
    operands: Sequence[str] = (),
    select: Sequence[str] = (),
    exclude: Sequence[str] = (),
    exclude_types: Sequence[str] = (),
    variables: Mapping[str, Any] | None = None,
    full_refresh: bool = False,
    indirect_selection: str = "cautious",
) -> list[str]:
    """The command line of one dbt call.

    No log: results carry dbt's messages, and writing every event twice costs a tenth of a small build.
    """
    line = [
        "--log-level=none",
        "--log-level-file=none",
        f"--log-path={target_dir}",
        "--no-send-anonymous-usage-stats",
        "--no-version-check",
        *command.split(),
        *operands,
        f"--project-dir={settings.project_dir}",
        f"--profiles-dir={settings.project_dir}",
        f"--target={settings.target}",
        f"--target-path={target_dir}",
    ]
    if command == "build":
        line.append("--no-write-json")
    if select:
        # `cautious`: only tests whose tables are all built; others would read what this call does not build.
        line += [f"--indirect-selection={indirect_selection}", "--select", *select]
    if exclude:
        line += ["--exclude", *exclude]
    for resource_type in exclude_types:
        line += ["--exclude-resource-type", resource_type]
    if variables:
        line += ["--vars", json.dumps(variables)]
    if full_refresh:
        line.append("--full-refresh")
    return line


def parse(settings: Settings, target_dir: Path | None = None) -> "Manifest":
    """The parsed project. dbt itself parses only what changed since the last call with the same target folder."""
    target = target_dir or settings.target_dir
    return _invoke(arguments("parse", settings, target_dir=target), settings).result


def check_variables(settings: Settings) -> None:
    """Stops on a variable with a value that no rule knows, before any work is done."""
    # On DuckDB, whatever the target: it answers at once, and the variables are the same.
    settings = replace(settings, target="duckdb")
    line = arguments("run-operation", settings, target_dir=settings.target_dir, operands=("validate_vars",))
    outcome = _invoke(line, settings)
    if not outcome.success:
        raise DbtError(_without_trace(outcome.result.results[0].message))


def build(
    settings: Settings,
    *,
    manifest: "Manifest | None" = None,
    target_dir: Path | None = None,
    select: Sequence[str] = (),
    exclude: Sequence[str] = (),
    exclude_types: Sequence[str] = (),
    variables: Mapping[str, Any] | None = None,
    full_refresh: bool = False,
    indirect_selection: str = "cautious",
    on_node: Callable[[NodeResult], None] = lambda node: None,
) -> BuildResult:
    """Builds and tests the project (unit tests stay out: they test the SQL, not the data).

    A failed node is part of the result; only a call that could not run at all raises.
    """
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    line = arguments(
        "build",
        settings,
        target_dir=target_dir or settings.target_dir,
        select=select,
        exclude=exclude,
        exclude_types=("unit_test", *exclude_types),
        variables=variables,
        full_refresh=full_refresh,
        indirect_selection=indirect_selection,
    )

    def report(event: "EventMsg") -> None:
        if event.info.name == "NodeFinished":
            on_node(_node_of_event(event))

    run = _invoke(line, settings, manifest=manifest, callbacks=[report])
    return BuildResult(tuple(_node_of_result(result) for result in run.result.results))


def document(settings: Settings) -> Path:
    """dbt's own documentation as one page that needs no server: every model, its columns, its tests and its SQL."""
    _invoke([*arguments("docs generate", settings, target_dir=settings.target_dir), "--static"], settings)
    return settings.target_dir / "static_index.html"


def is_stale(settings: Settings, parsed: Path) -> bool:
    """Whether a file that dbt reads is newer than what was parsed of it. Deleted files show in their folder's time."""
    if not parsed.exists():
        return True
    parsed_at = parsed.stat().st_mtime_ns
    return any(path.stat().st_mtime_ns > parsed_at for path in _project_paths(settings.project_dir))


def manifest_json(settings: Settings) -> Path:
    """The parsed project as a file, parsed again only when it is older than what dbt reads."""
    path = settings.target_dir / "manifest.json"
    if is_stale(settings, path):
        # The file's time is when the parse began: what is edited meanwhile is newer.
        started = time.time_ns()
        parse(settings)
        os.utime(path, ns=(started, started))
    return path


def freeze(manifest: "Manifest") -> bytes:
    """A parsed manifest to hand to other processes or to several builds (a build changes the one it is given).

    In dbt's own form: pickling a manifest shifts its fields by one.
    """
    return manifest.to_msgpack()


def thaw(frozen: bytes) -> "Manifest":
    from dbt.contracts.graph.manifest import Manifest

    manifest = Manifest.from_msgpack(frozen)
    manifest.build_flat_graph()
    return manifest


def _project_paths(project_dir: Path) -> Iterator[Path]:
    for name in PROJECT_FILES:
        yield project_dir / name
    for folder in PROJECT_FOLDERS:
        top = project_dir / folder
        for path in (top, *top.rglob("*")):
            if path.suffix in PROJECT_SUFFIXES or (path.is_dir() and path.name != "__pycache__"):
                yield path


def _invoke(
    line: list[str],
    settings: Settings,
    manifest: "Manifest | None" = None,
    callbacks: "Sequence[Callable[[EventMsg], None]]" = (),
) -> Any:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    if settings.target == "spark":
        from orchestration.lib.engines.spark import session

        session.check()
    try:
        with _environment(settings.environment()):
            outcome = dbtRunner(manifest=manifest, callbacks=list(callbacks)).invoke(line)
    finally:
        # The adapter keeps the warehouse open for the next call, which keeps every other reader of it out. Its own
        # function only drops its reference: the exception of a failed call may hold another one (from Python 3.12).
        if environment := DuckDBConnectionManager._ENV:
            environment.close()
        DuckDBConnectionManager.close_all_connections()
    # A call with failed nodes is no success either, but has a result.
    if outcome.result is None:
        message = str(outcome.exception or f"dbt did not run: {line}")
        raise DbtError(_without_trace(message)) from outcome.exception
    return outcome


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _node_of_event(event: "EventMsg") -> NodeResult:
    data: Any = event.data  # A protobuf message, whose fields no type checker knows.
    info, run = data.node_info, data.run_result
    return NodeResult(
        unique_id=info.unique_id,
        name=info.node_name,
        resource_type=info.resource_type,
        status=run.status,
        seconds=run.execution_time,
        failures=run.num_failures if info.resource_type == "test" else None,
        message=_without_trace(run.message),
    )


def _node_of_result(result: Any) -> NodeResult:
    return NodeResult(
        unique_id=result.node.unique_id,
        name=result.node.name,
        resource_type=str(result.node.resource_type),
        status=str(result.status),
        seconds=result.execution_time,
        failures=result.failures,
        message=_without_trace(result.message or ""),
    )


def _without_trace(message: str) -> str:
    """dbt's message without the macros that led to it: the user's file is named in its first line."""
    lines = (line for line in message.splitlines() if not re.match(r"\s*> (in macro|called by) ", line))
    return "\n".join(lines).strip()
