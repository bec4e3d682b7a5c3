"""Runs dbt in this process: one start-up, one parsed manifest, results as plain data.

dbt itself is imported where it is called: a run with nothing to build needs none of it.
"""

import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from orchestration.lib import lock, own_settings, terminal
from orchestration.lib.build import spark_requirements
from orchestration.lib.errors import UserError, known_reason
from orchestration.lib.settings import Settings

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest
    from dbt_common.events.base_types import EventMsg

# The files that dbt parses.
PROJECT_FILES = ("dbt_project.yml", "profiles.yml")
PROJECT_FOLDERS = ("models", "macros", "seeds", "tests/generic", "tests/singular")
PROJECT_SUFFIXES = frozenset({".sql", ".yml", ".yaml", ".csv", ".md"})
MANIFEST = "manifest.json"
# The variable that a project is parsed for.
TRACKER = "web_tracker"
# What dbt remembers of the last parse, so that it parses only changed files.
PARSE_CACHE = "partial_parse.msgpack"


class DbtError(UserError):
    """dbt could not start, or a node failed. The message is dbt's own if it cannot contain data."""


@dataclass(frozen=True)
class NodeResult:
    """The outcome of one seed, model or test."""

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

    @property
    def lacked_memory(self) -> bool:
        return any("Out of Memory" in node.message for node in self.failed)

    @property
    def unfinished(self) -> list[str]:
        """The names of the nodes that failed, and of those that dbt skipped for them."""
        return [node.name for node in self.nodes if node.failed or node.status == "skipped"]

    def followed_by(self, other: "BuildResult") -> "BuildResult":
        """The result with the later outcome of the nodes that another call built again."""
        again = {node.unique_id for node in other.nodes}
        return BuildResult((*(node for node in self.nodes if node.unique_id not in again), *other.nodes))

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
    threads: int | None = None,
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
    if command in ("build", "run-operation"):
        # Only `parse` writes the manifest, and not in place.
        line.append("--no-write-json")
    if select:
        # `cautious`: only tests whose tables are all built; others would read what this call does not build.
        line += [f"--indirect-selection={indirect_selection}", "--select", *select]
    if exclude:
        line += ["--exclude", *exclude]
    for resource_type in exclude_types:
        line += ["--exclude-resource-type", resource_type]
    if threads is not None:
        line += ["--threads", str(threads)]
    # One parse serves every value of a variable, except that other web trackers have sources and seeds of their own.
    given = {**own_settings.variables(settings), **(variables or {})}
    if command == "parse":
        given = {name: value for name, value in given.items() if name == TRACKER}
    if given:
        line += ["--vars", json.dumps(given)]
    if full_refresh:
        line.append("--full-refresh")
    return line


def parse(settings: Settings, target_dir: Path | None = None) -> "Manifest":
    """The parsed project. dbt itself parses only what changed since the last call with the same target folder."""
    target = target_dir or settings.target_dir
    with _parse_lock(target):
        return _parse(settings, target)


def read_manifest(settings: Settings) -> Mapping[str, Any]:
    """The parsed project as plain data, from the last parse if no file that dbt reads is newer.

    Several processes may ask at once: one of them parses, the others wait and read its result.
    """
    path = settings.target_dir / MANIFEST
    manifest = _current_manifest(settings, path)
    if manifest is None:
        with _parse_lock(settings.target_dir):
            manifest = _current_manifest(settings, path)
            if manifest is None:
                _parse(settings, settings.target_dir)
                manifest = json.loads(path.read_text(encoding="utf-8"))
    return manifest


def check_variables(settings: Settings) -> None:
    """Stops on a variable with a value that is not allowed, before any work is done."""
    # On DuckDB, whatever the target: it starts fast, and the variables are the same.
    settings = replace(settings, target="duckdb")
    line = arguments("run-operation", settings, target_dir=settings.target_dir, operands=("validate_vars",))
    outcome = _invoke(line, settings)
    if not outcome.success:
        raise DbtError(repeatable(outcome.result.results[0].message))


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
    threads: int | None = None,
    on_node: Callable[[NodeResult], None] = lambda node: None,
) -> BuildResult:
    """Builds and tests the project, without unit tests, which test the SQL and not the data.

    A failed node is part of the result; only a call that could not run at all raises.
    """
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    if settings.config_dir is not None:
        manifest = manifest or parse(settings, target_dir)
        for node in manifest.nodes.values():
            own = own_settings.seed_file(settings, node.name)
            if node.resource_type == "seed" and own.parent == settings.config_dir:
                # Never an absolute path: dbt writes what it runs to the target folder under this path.
                node.root_path, node.original_file_path = str(own.parent), own.name
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
        threads=threads,
    )

    def report(event: "EventMsg") -> None:
        if event.info.name == "NodeFinished":
            on_node(_node_of_event(event))

    run = _invoke(line, settings, manifest=manifest, callbacks=[report])
    return BuildResult(tuple(_node_of_result(result) for result in run.result.results))


def document(settings: Settings) -> Path:
    """dbt's own documentation as one page that needs no server: every model, its columns, its tests and its SQL."""
    page = settings.target_dir / "static_index.html"
    with _scratch(settings.target_dir) as scratch:
        _invoke([*arguments("docs generate", settings, target_dir=scratch), "--static"], settings)
        os.replace(scratch / page.name, page)
    return page


def is_stale(settings: Settings, parsed: Path) -> bool:
    """Whether a file that dbt reads is newer than the last parse. Deleted files show in their folder's time."""
    if not parsed.exists():
        return True
    parsed_at = parsed.stat().st_mtime_ns
    return any(path.stat().st_mtime_ns > parsed_at for path in _project_paths(settings.project_dir))


def _parse(settings: Settings, target: Path) -> "Manifest":
    """Parses in a folder of its own and moves the result into place.

    dbt writes its manifest in place. In 3 of 8 tries, two processes that parsed at once left a broken file, and every
    later start failed.
    """
    # The time of the file is the start of the parse: files edited meanwhile are newer.
    started = time.time_ns()
    with _scratch(target) as scratch:
        parsed = _invoke(arguments("parse", settings, target_dir=scratch), settings).result
        os.utime(scratch / MANIFEST, ns=(started, started))
        for name in (PARSE_CACHE, MANIFEST):
            os.replace(scratch / name, target / name)
    return parsed


def _current_manifest(settings: Settings, path: Path) -> Mapping[str, Any] | None:
    """The manifest of the last parse; None if it is missing, older than the project or unreadable."""
    if is_stale(settings, path):
        return None
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(manifest, dict) or "nodes" not in manifest:
        return None
    tracker = _tracker_of(manifest)
    return manifest if tracker is None or tracker == own_settings.variables_in_effect(settings)[TRACKER] else None


def _tracker_of(manifest: Mapping[str, Any]) -> str | None:
    """The web tracker for which a project was parsed: that of the tables that staging reads."""
    read = {node for name in manifest["nodes"] if ".stg_web__" in name for node in manifest["parent_map"].get(name, ())}
    trackers = (
        manifest["sources"][node]["config"]["meta"].get("landing", {}).get("tracker")
        for node in read
        if node in manifest["sources"]
    )
    return next((tracker for tracker in trackers if tracker), None)


@contextmanager
def _scratch(target: Path) -> Iterator[Path]:
    """A temporary folder for what dbt writes, on the same disk as the target folder and with its parse cache."""
    target.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=target, prefix=".dbt-") as folder:
        if (target / PARSE_CACHE).exists():
            shutil.copyfile(target / PARSE_CACHE, Path(folder, PARSE_CACHE))
        yield Path(folder)


def _parse_lock(target: Path) -> AbstractContextManager[None]:
    return lock.exclusive(target / ".parse.lock", "a parse of the dbt project")


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
        spark_requirements.check()
    try:
        with _environment(settings.environment()):
            outcome = dbtRunner(manifest=manifest, callbacks=list(callbacks)).invoke(line)
    finally:
        # The adapter would keep the warehouse open for the next call and block all other readers. Its own function only
        # drops its reference: the exception of a failed call may hold another one (from Python 3.12).
        if environment := DuckDBConnectionManager._ENV:
            environment.close()
        DuckDBConnectionManager.close_all_connections()
    # If nodes failed, `success` is false but `result` is set.
    if outcome.result is None:
        message = str(outcome.exception or f"dbt did not run: {line}")
        raise DbtError(repeatable(message)) from outcome.exception
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
        message=repeatable(run.message, info.node_name),
    )


def _node_of_result(result: Any) -> NodeResult:
    return NodeResult(
        unique_id=result.node.unique_id,
        name=result.node.name,
        resource_type=str(result.node.resource_type),
        status=str(result.status),
        seconds=result.execution_time,
        failures=result.failures,
        message=repeatable(result.message or "", result.node.name),
    )


# Errors that our macros raise are texts of this project (`raise_if`: a seed that is wrong).
_OURS = r"(seeds/.*|[\w.]+\ computed\ a\ row\ of\ a\ component\ that\ is\ not\ affected\.?)"
# What dbt writes about a test that found rows.
_FOUND = re.compile(r"Got ([\d,]+) results?, configured to ")
# What dbt and the engine write about a project or a seed: no row of the data.
# The first line of an engine's message names the kind of error. Kinds that quote values (conversions, constraints) are
# not listed.
_REPEATABLE = re.compile(
    rf"""
    (Compilation|Parsing|Dependency|Project|Profile|Usage|Selector)\ Error\b
    | Could\ not\ (set\ lock|parse)
    | ((Invalid\ Input|.*RuntimeException.*)\ ?(Error)?:?\ *)?(\[USER_RAISED_EXCEPTION\]\ )?
      {_OURS}
    | (OK|SUCCESS|PASS|SKIP|CREATE|INSERT|SELECT|UPDATE|DELETE)\b[\ \w]*$
    """,
    re.VERBOSE,
)
# Our own errors where Spark reports them, among the lines of a failed job.
_RAISED = re.compile(rf"RuntimeException: {_OURS}")
# The engine's errors about names in the SQL of the project. Their further lines quote the SQL.
_ABOUT_NAMES = re.compile(r"\s*((Binder|Catalog|Parser) Error: .*)")
_HEADING = re.compile(r"\s*((Database|Runtime|Compilation|Parsing) Error( in [\w ().:/-]+)?)\s*$")


def repeatable(message: str, node: str = "") -> str:
    """The part of dbt's message that cannot contain data, without the macros that led to it.

    The engine quotes values: `Could not convert string 'jane@...'`. Of such a message only the kind is repeated.
    """
    # An error of a hook begins with the hook's name.
    message = re.sub(r"^\S+\.on-run-(start|end)\.\d+ failed, error:\s*", "", message)
    lines = [line for line in message.splitlines() if not re.match(r"\s*> (in macro|called by) ", line)]
    heading = [match[1] for line in lines[:1] if (match := _HEADING.match(line))]
    body = "\n".join(lines[len(heading) :]).strip()
    if match := _FOUND.match(body):
        rows = terminal.counted(int(match[1].replace(",", "")), "row")
        return f"found {rows} where there should be none. `{terminal.command('dbt')} show --select {node}` lists them."
    if re.match(r"Variable '\w+' is ", body):
        # A setting of the user: no model is wrong (macro `variable`).
        return body
    if not body or _REPEATABLE.match(body) or any(text.startswith(("Compilation", "Parsing")) for text in heading):
        return "\n".join([*heading, *([body] if body else [])]).strip()
    if match := _ABOUT_NAMES.match(body) or _RAISED.search(body):
        return "\n".join([*heading, match[1]])
    if re.match(r"IO Error|.*\[Errno \d", body) and (known := known_reason(body)):
        return "\n".join([*heading, f"{known[0].upper()}{known[1:]}."])
    kind = re.match(r"[A-Z][A-Za-z ]{2,40}(?= Error\b)", body)
    command = f"`{terminal.command('dbt')} build --select {node}`" if node else "dbt itself"
    what = f"{kind[0].strip()} Error" if kind else "An error of the engine"
    return "\n".join([*heading, f"{what}. Its text can contain data and is not repeated; {command} shows it."])
