"""The dbt models, seeds and tests: one dbt build."""

import json
from collections.abc import Iterator, Mapping, Set
from typing import Any

import dagster as dg
from dagster_dbt import (
    DagsterDbtTranslator,
    DagsterDbtTranslatorSettings,
    dbt_assets,
    group_from_dbt_resource_props_fallback_to_directory,
)

from orchestration.lib import dbt, engines, publish
from orchestration.lib.progress import NodeProgress
from orchestration.lib.runs import explained
from orchestration.lib.settings import Settings

MANIFEST = json.loads(dbt.manifest_json(Settings.from_environment()).read_text(encoding="utf-8"))


AssetKeys = Set[dg.AssetKey]
CheckKeys = Set[dg.AssetCheckKey]


class _Translator(DagsterDbtTranslator):
    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The layer: staging, intermediate, marts, seeds."""
        return group_from_dbt_resource_props_fallback_to_directory(dbt_resource_props)

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """The same on every engine: a mart is named after its schema in the published file."""
        key = super().get_asset_key(dbt_resource_props)
        return dg.AssetKey(["main", *key.path[1:]]) if key.path[0] == "marts" else key


TRANSLATOR = _Translator(DagsterDbtTranslatorSettings(enable_source_tests_as_checks=True))


@dbt_assets(
    manifest=MANIFEST,
    name="models",
    exclude="resource_type:unit_test",
    dagster_dbt_translator=TRANSLATOR,
    required_resource_keys={"writer"},
)
def models(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Builds the marts and audits them; only a whole build without a failed test is sealed for publishing."""
    settings: Settings = context.resources.writer
    select = selected_nodes(context.selected_asset_keys, context.selected_asset_check_keys) if context.is_subset else ()
    with explained(context):
        publish.unseal(settings.marts_build)
        engines.prepare(settings, whole=not context.is_subset)
        result = dbt.build(settings, select=select, on_node=NodeProgress(context.log.info, MANIFEST))
        yield from events(result, context.selected_asset_keys, context.selected_asset_check_keys)
        result.require_success()
        if not context.is_subset:
            engines.collect(settings)
            publish.seal(settings.marts_build, settings.parquet_build)


def selected_nodes(assets: AssetKeys, checks: CheckKeys) -> list[str]:
    """The names of the seeds, models and tests that a user chose."""
    names = [
        node["name"]
        for node in MANIFEST["nodes"].values()
        if node["resource_type"] in ("model", "seed") and TRANSLATOR.get_asset_key(node) in assets
    ]
    return names + [check.name for check in checks]


def events(
    result: dbt.BuildResult, assets: AssetKeys, checks: CheckKeys
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """What Dagster records of a dbt build: an asset for every built node, a check for every test."""
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
