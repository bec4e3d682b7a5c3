"""The build: records its start, restricts what staging reads, runs dbt, and records its end.

run(plan, engine)    builds and tests what was planned; every caller goes through it
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from orchestration.lib import crm_rules, landing, own_settings, publish
from orchestration.lib.build import dbt, history
from orchestration.lib.build.components import Graph
from orchestration.lib.build.planning import Plan
from orchestration.lib.landing import store
from orchestration.lib.settings import Settings
from orchestration.lib.terminal import counted

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest as ParsedProject

# The materialization of models that every session depends on (macros/materializations.sql): an incremental build that
# would change one of them stops there.
GLOBAL = "global_table"
# Models of optional features name in `meta.needs` the landed tables and seeds of which one must have rows. Without any,
# they are empty, and an incremental build leaves them so: a build of few rows took a tenth longer.
UNUSED = "unused"
# What an incremental build runs. Views and seeds are unchanged; tests of theirs alone are left to full refreshes.
REBUILT = ("config.materialized:one_statement_table", "config.materialized:by_component")
REBUILT += ("config.materialized:summed", f"config.materialized:{GLOBAL}", "test_type:singular")
# Spark's views end with the process; no model or test of stored data reads those among the marts.
REBUILT_ON = {
    "duckdb": REBUILT,
    "spark": (*REBUILT, "config.materialized:table", "path:models/intermediate,config.materialized:view"),
}


class Engine(Protocol):
    """What surrounds dbt on the engine that builds the models."""

    @property
    def settings(self) -> Settings: ...

    @property
    def adds_unaffected_rows(self) -> bool:
        """Whether `collect` adds the unaffected rows to stored marts; dbt then writes the affected ones alone."""
        ...

    def offer_inputs(self, plan: Plan) -> None:
        """Provides what dbt reads: the inputs and, for an incremental build, the stored tables."""
        ...

    def leave_out(self, manifest: "ParsedProject") -> None:
        """Removes from the parsed project what `collect` builds and tests."""
        ...

    def collect(self, plan: Plan, manifest: "ParsedProject", **options: Any) -> dbt.BuildResult:
        """Brings the built marts into the file that is published, and builds and tests there what was left out.

        If nothing failed, keeps what the next build needs. `manifest` is the project without what was left out, with
        models of unused features materialized `unused`; `options` are those of call_dbt.
        """
        ...


@dataclass(frozen=True)
class Outcome:
    """What was actually built: the plan can have become a full refresh."""

    plan: Plan
    result: dbt.BuildResult
    recomputed: Mapping[str, int] = field(default_factory=dict)  # rows that an incremental build read, per table

    def __str__(self) -> str:
        rows = [f"{counted(count, 'row')} of {table}" for table, count in self.recomputed.items() if count]
        return f"Recomputed the components of all new rows: {', '.join(rows)}." if rows else "Recomputed everything."


def run(
    plan: Plan,
    engine: Engine,
    *,
    parse: "Callable[[], ParsedProject] | None" = None,
    is_whole: bool = True,
    select: Sequence[str] = (),
    variables: Mapping[str, Any] | None = None,
    notify: Callable[[str], None] = lambda message: None,
    **options: Any,
) -> Outcome:
    """Builds and tests what was planned; `options` are those of dbt.build.

    New rows can turn out to change how every session is read: an incremental build then becomes a full refresh. Models
    that run out of memory side by side are built again, one at a time. `notify` reports either. Only a build of the
    whole project without a failed node is recorded as finished and marked for publishing; after any other, the next
    build resumes its work. `parse` returns a new parsed project for each dbt call, because dbt changes the one that it
    gets.
    """
    settings = engine.settings
    graph = Graph(landing.tables(settings), settings)
    parse_all = parse or (lambda: dbt.parse(settings))

    def parse_own() -> "ParsedProject":
        manifest = parse_all()
        if is_whole:
            engine.leave_out(manifest)
        return manifest

    recomputed = _begin(settings, plan, graph, is_whole=is_whole and not select)
    engine.offer_inputs(plan)
    manifest = parse_own()
    changes: dict[str, str] = {
        node.name: node.config.meta["change"]
        for node in manifest.nodes.values()
        if node.resource_type == "model" and node.config.materialized == GLOBAL
    }
    how: dict[str, Any] = {"full_refresh": True, "select": select, "variables": dict(variables or {})}
    if plan.kind == "incremental":
        _leave_unused(settings, manifest, graph)
        rebuilt = REBUILT_ON[settings.target]
        from_finished = is_whole and not select and not plan.resumes
        how = {
            "select": [f"{name},{kind}" for name in select for kind in rebuilt] if select else rebuilt,
            "indirect_selection": "cautious" if select else "eager",
            "variables": {
                **(variables or {}),
                "incremental_build": True,
                "from_finished_build": from_finished,
                "affected_rows_alone": is_whole and engine.adds_unaffected_rows,
            },
        }
    result = call_dbt(settings, parse_own, manifest=manifest, notify=notify, **{**options, **how})
    changed = [text for node in result.failed if (text := changes.get(node.name)) and text in node.message]
    if changed and plan.kind == "incremental":
        plan = replace(plan, kind="full", reason=changed[0].rstrip("."))
        notify(str(plan))
        return run(
            plan, engine, parse=parse, is_whole=is_whole, select=select, variables=variables, notify=notify, **options
        )
    if result.ok and is_whole:
        result = result.followed_by(engine.collect(plan, manifest, variables=variables, notify=notify, **options))
    if result.ok and is_whole:
        # In this order: a build that counts as finished can be published.
        publish.mark_audited(settings.marts_build, settings.parquet_build, str(plan).rstrip("."))
        _finish(settings, plan, graph)
    return Outcome(plan, result, recomputed)


def call_dbt(
    settings: Settings,
    parse: "Callable[[], ParsedProject]",
    *,
    manifest: "ParsedProject | None" = None,
    notify: Callable[[str], None] = lambda message: None,
    **how: Any,
) -> dbt.BuildResult:
    """Calls dbt.build with the options `how`. What ran out of memory side by side is built again, one at a time."""
    result = dbt.build(settings, manifest=manifest or parse(), **how)
    if not result.lacked_memory:
        return result
    notify("Out of memory: building what failed again, one table at a time.")
    alone = {**how, "select": result.unfinished, "indirect_selection": "cautious", "threads": 1}
    # By now, stored marts can contain rows of this build.
    alone["variables"] = {**(how.get("variables") or {}), "from_finished_build": False}
    return result.followed_by(dbt.build(settings, manifest=parse(), **alone))


def _begin(settings: Settings, plan: Plan, graph: Graph, is_whole: bool) -> dict[str, int]:
    """Records the start and prepares the inputs; returns how many rows of each table an incremental build reads."""
    with history.warehouse(settings) as con:
        crm_rules.check_fields(settings, graph.tables, con)
        history.record_start(con, plan.kind, plan.through_load, plan.fingerprint)
        publish.revoke_audit(settings.marts_build)
        if plan.kind == "incremental":
            return graph.offer_affected(con, plan.after_load)
        graph.offer_all(con)
        if is_whole and settings.target == "duckdb":
            # A full refresh starts from nothing. Otherwise a table whose model was removed would stay and be published.
            for schema in ("staging", "intermediate", "feeds"):
                con.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
            for file in (settings.marts_build, settings.marts_build.with_name(f"{settings.marts_build.name}.wal")):
                file.unlink(missing_ok=True)
        return {}


def _leave_unused(settings: Settings, manifest: "ParsedProject", graph: Graph) -> None:
    """Gives models of features that are not used a materialization that an incremental build does not select."""
    optional: list[tuple[Any, list[str]]] = [
        (node, needs)
        for node in manifest.nodes.values()
        if node.resource_type == "model" and (needs := node.config.meta.get("needs"))
    ]
    needed = {name for _, needs in optional for name in needs}
    with history.warehouse(settings) as con:
        used = {table.folder for table in graph.tables if table.folder in needed and store.count_rows(con, table) > 0}
    used |= {name for name in needed if "/" not in name and own_settings.has_rows(settings, name)}
    for node, needs in optional:
        if not used & set(needs):
            node.config.materialized = UNUSED


def _finish(settings: Settings, plan: Plan, graph: Graph) -> None:
    with history.warehouse(settings) as con:
        with store.transaction(con):
            if plan.kind == "full":
                graph.replace_links(con)
            else:
                graph.delete_obsolete_links(con, plan.after_load)
            history.record_finish(con, plan.fingerprint, plan.seeds)
        # Between builds, staging shows every row.
        graph.offer_all(con)
