"""Models follow the data flow: each folder of models/intermediate reads earlier folders only, and none reads a mart."""

import re
from collections.abc import Iterator

from tests.harness import plain_manifest

FOLDERS = [
    "calls",
    "visits",
    "sessions",
    "crm_rules",
    "channels",
    "touchpoints",
    "identity",
    "crm_touches",
    "opportunities",
    "journeys",
    "positions",
    "credit",
    "costs",
]


def models() -> dict[str, tuple[str, ...]]:
    """The folders of every model below models/, by its name."""
    nodes = plain_manifest()["nodes"].values()
    return {
        node["name"]: tuple(node["original_file_path"].split("/")[1:-1])
        for node in nodes
        if node["resource_type"] == "model"
    }


def references() -> Iterator[tuple[str, str]]:
    """Every intermediate model with each model that it reads."""
    nodes = plain_manifest()["nodes"]
    for node in nodes.values():
        if node["resource_type"] == "model" and node["original_file_path"].startswith("models/intermediate/"):
            for read in node["depends_on"]["nodes"]:
                if read.startswith("model."):
                    yield node["name"], nodes[read]["name"]


def test_every_intermediate_model_belongs_to_a_folder_of_the_data_flow() -> None:
    layers = {name: folders for name, folders in models().items() if folders[0] == "intermediate"}
    assert {folders[1:] for folders in layers.values()} == {(folder,) for folder in FOLDERS}


def test_the_folder_is_the_prefix_of_its_models() -> None:
    layers = {name: folders for name, folders in models().items() if folders[0] == "intermediate"}
    assert [name for name, folders in layers.items() if not name.startswith(f"int_{folders[1]}__")] == []


def test_no_intermediate_model_reads_a_mart() -> None:
    layers = models()
    wrong = [pair for pair in references() if layers[pair[1]][0] not in ("staging", "intermediate")]
    assert wrong == []


def test_no_folder_reads_a_later_folder() -> None:
    layers = models()
    place = {name: FOLDERS.index(folders[1]) for name, folders in layers.items() if folders[0] == "intermediate"}
    assert [(model, read) for model, read in references() if read in place and place[read] > place[model]] == []


def test_sums_are_made_of_affected_rows_and_seeds() -> None:
    """An incremental build reads the affected rows of stored marts before and after it replaces them. Another table has
    to have the same rows both times, so no landed row may reach it."""
    nodes = plain_manifest()["nodes"]

    def reaches_landed_rows(name: str) -> bool:
        reads = nodes[name]["depends_on"].get("nodes", ()) if name in nodes else ()
        return name.startswith("source.") or any(map(reaches_landed_rows, reads))

    summed = [node for node in nodes.values() if node["config"]["materialized"] == "summed"]
    others = {
        name
        for node in summed
        for name in node["depends_on"]["nodes"]
        if nodes[name]["config"]["materialized"] != "by_component"
    }
    assert "rpt_daily" in {node["name"] for node in summed}
    assert [name for name in others if reaches_landed_rows(name)] == []


def test_every_column_of_a_report_of_sums_is_a_group_or_a_number() -> None:
    """A forgotten group would be summed. The key of the report is among its groups."""
    nodes = plain_manifest()["nodes"]
    summed = {name: node for name, node in nodes.items() if node["config"]["materialized"] == "summed"}
    keys = {
        node["attached_node"]: node["test_metadata"]["kwargs"].get("columns") or [node["column_name"]]
        for node in nodes.values()
        if node["resource_type"] == "test"
        and (node.get("test_metadata") or {}).get("name") in ("one_row_per", "one_row_per_key")
    }
    for name, node in summed.items():
        groups = node["config"]["meta"]["groups"]
        types = {column["name"]: column["data_type"] for column in node["columns"].values()}
        assert set(keys[name]) <= set(groups) <= set(types), node["name"]
        sums = [kind for column, kind in types.items() if column not in groups]
        assert [kind for kind in sums if not (kind or "bigint").startswith(("bigint", "decimal"))] == [], node["name"]


def test_macros_get_the_ref_of_their_model_for_stored_marts() -> None:
    """Otherwise an incremental build of a model that calls them stops (of_affected_components)."""
    manifest = plain_manifest()
    stored = {node["name"] for node in manifest["nodes"].values() if node["config"]["materialized"] == "by_component"}
    wrong = [
        macro["name"]
        for macro in manifest["macros"].values()
        if macro["package_name"] == "call_attribution"
        and stored & set(re.findall(r"\bref\('(\w+)'\)", macro["macro_sql"]))
        and not re.search(r"macro \w+\([^)]*\bref\b", macro["macro_sql"])
    ]
    assert wrong == []


def test_no_stored_table_and_no_test_of_one_reads_a_view_among_the_marts() -> None:
    """An incremental build on Spark leaves these views out (orchestration/lib/build/execution.py)."""
    nodes = plain_manifest()["nodes"]
    models = {name: node for name, node in nodes.items() if node["resource_type"] == "model"}
    views = {
        name
        for name, node in models.items()
        if node["original_file_path"].startswith("models/marts/")
        and node["config"]["materialized"] == "one_statement_view"
    }
    stored = models.keys() - views
    tests = {
        name
        for name, node in nodes.items()
        if node["resource_type"] == "test"
        and (not node.get("test_metadata") or stored & {*node["depends_on"]["nodes"]})
    }
    assert views
    assert [name for name in sorted(stored | tests) if views & {*nodes[name]["depends_on"]["nodes"]}] == []
