"""The dbt models, seeds and tests: one dbt build, of everything or of what is affected by new rows."""

from collections.abc import Callable, Iterator, Mapping, Set
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets

from orchestration.lib import build, engines, publish, report
from orchestration.lib.build import dbt
from orchestration.lib.build.progress import NodeProgress
from orchestration.lib.changes import describe, publications
from orchestration.lib.errors import UserError
from orchestration.lib.settings import Settings
from orchestration.runtime.errors import user_facing_errors
from orchestration.runtime.process import MANIFEST

# The last asset of a run (defs/publish).
PUBLISHED = "published_marts"

AssetKeys = Set[dg.AssetKey]
CheckKeys = Set[dg.AssetCheckKey]


class BuildConfig(dg.Config):
    """How to build: `full: true` rebuilds and tests everything, even if nothing changed."""

    full: bool = False


class _Translator(DagsterDbtTranslator):
    """Names and groups of the assets that dbt builds."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The model's folder, one step of the data flow; staging and seeds are one group each."""
        folders = dbt_resource_props["fqn"][1:-1]
        if not folders:
            return "seeds"
        return "staging" if folders[0] == "staging" else folders[-1]

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """The same on every engine: a mart is named after its schema in the published file."""
        key = super().get_asset_key(dbt_resource_props)
        if key.path[0].startswith("all_"):  # the same landed tables, read whole
            return dg.AssetKey([key.path[0].removeprefix("all_"), *key.path[1:]])
        return dg.AssetKey(["main", *key.path[1:]]) if key.path[0] == "marts" else key


TRANSLATOR = _Translator(
    DagsterDbtTranslatorSettings(enable_source_tests_as_checks=True, enable_duplicate_source_asset_keys=True)
)


# Publishing waits for marts that every build makes: Dagster skips an asset if one of its inputs is not recorded.
MART_TABLES = [
    TRANSLATOR.get_asset_key(node)
    for node in MANIFEST["nodes"].values()
    if node["resource_type"] == "model"
    and "marts" in node["fqn"]
    and not node["config"]["materialized"].endswith("view")
    and not node["config"]["meta"].get("needs")
]


@dbt_assets(
    manifest=MANIFEST,
    name="models",
    exclude="resource_type:unit_test",
    dagster_dbt_translator=TRANSLATOR,
    required_resource_keys={"writer"},
)
def models(
    context: dg.AssetExecutionContext, config: BuildConfig
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Builds the marts and audits them; only a build of the whole project without a failed test can be published."""
    settings: Settings = context.resources.writer
    assets, checks = context.selected_asset_keys, context.selected_asset_check_keys
    progress = NodeProgress(context.log.info, MANIFEST)
    with user_facing_errors(context):
        if context.is_subset:
            result = build_subset(settings, assets, checks, progress)
        else:
            plan = build.plan(settings, MANIFEST, full=config.full)
            context.log.info(str(plan))
            if plan.kind == "nothing":
                ensure_published(context, settings)
                return
            outcome = build.run(plan, engines.of(settings), notify=context.log.info, on_node=progress)
            result = outcome.result
            if outcome.plan.kind == "incremental" and result.ok:
                context.log.info(str(outcome))
        yield from events(result, assets, checks)
        result.require_success()


def build_subset(settings: Settings, assets: AssetKeys, checks: CheckKeys, progress: NodeProgress) -> dbt.BuildResult:
    """Builds the assets that a user selected, or only tests them; the next run is a full refresh."""
    if settings.target == "spark":
        raise UserError("On Spark tables are built together: choose all of them, or run `make build`.")
    select = selected_nodes(assets, checks)
    if not assets:
        return dbt.build(settings, select=select, on_node=progress)
    plan = build.plan(settings, MANIFEST, full=True)
    return build.run(plan, engines.of(settings), is_whole=False, select=select, on_node=progress).result


def selected_nodes(assets: AssetKeys, checks: CheckKeys) -> list[str]:
    """The seeds and models that a user selected, with their ancestors, and the selected tests.

    After an incremental build some models contain only what it recomputed: no other model can be built on them.
    """
    names = [
        f"+{node['name']}"
        for node in MANIFEST["nodes"].values()
        if node["resource_type"] in ("model", "seed") and TRANSLATOR.get_asset_key(node) in assets
    ]
    return names + [check.name for check in checks]


def publish_build(settings: Settings, warn: Callable[[str], None]) -> publish.Published:
    """Publishes the audited build as the settings say, with what it was made from and what it changes."""

    def describe_version(copy: Path, number: int, reason: str) -> None:
        publications.write(settings, copy, number, reason)
        describe.write_changes(settings, copy, warn)

    return publish.publish(
        settings.marts_build,
        settings.marts,
        settings.keep_versions,
        settings.parquet_build,
        settings.marts_mode,
        describe_version,
    )


def ensure_published(context: dg.AssetExecutionContext, settings: Settings) -> None:
    """Checks that the published version is that of the last build, and republishes it if not.

    No table is recorded, so Dagster skips the rest of the run: recording every table and test would claim that they
    were built and tested, and takes longer than everything else.
    """
    published = publish.published_version(settings.marts_build, settings.marts, settings.parquet_build)
    version = published or publish_build(settings, context.log.warning).version
    context.log.info(f"{settings.marts} {'shows' if published else 'shows again'} {version.name}.")
    context.log_event(dg.AssetMaterialization(PUBLISHED, metadata={"version": version.name, "nothing_new": True}))
    if not report.is_current(settings):
        refresh_report(context, settings)


def refresh_report(context: dg.AssetExecutionContext, settings: Settings) -> report.Written | None:
    """Writes the report page. If that fails, the run warns and continues."""
    try:
        written = report.write(settings)
    except report.ReportError as error:
        context.log.warning(f"Warning: {error}")
        context.log_event(dg.AssetObservation("report_page", metadata={"problem": str(error)}))
        return None
    context.log.info(f"Report: {written.path}, {written.size / 1024:.0f} KiB, {written.figures} figures.")
    return written


def events(
    result: dbt.BuildResult, assets: AssetKeys, checks: CheckKeys
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Dagster's events for a dbt build: an asset for every built node, a check for every test."""
    checks_by_name = {check.name: check for check in checks}
    for node in result.nodes:
        metadata = {"seconds": node.seconds}
        if node.resource_type in ("model", "seed") and node.status == "success":
            key = TRANSLATOR.get_asset_key(MANIFEST["nodes"][node.unique_id])
            if key in assets:
                yield dg.MaterializeResult(asset_key=key, metadata=metadata)
        elif node.resource_type == "test" and node.status != "skipped" and (check := checks_by_name.get(node.name)):
            yield dg.AssetCheckResult(
                asset_key=check.asset_key,
                check_name=check.name,
                passed=not node.failed and not node.warned,
                severity=dg.AssetCheckSeverity.WARN if node.warned else dg.AssetCheckSeverity.ERROR,
                metadata=metadata | {"failures": node.failures or 0, "message": node.message},
            )


defs = dg.Definitions(assets=[models])
