"""Mutation tests: plants each bug that incremental builds are known for, and the sequences find every one."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as with_changes
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import Macro

from orchestration.lib.build import components
from orchestration.lib.build.components import Graph
from orchestration.lib.landing.contract import SourceTable, quote
from orchestration.lib.landing.store import raw_table
from tests.incremental.change_scenarios import name_of_scenario
from tests.incremental.full_refreshes import Observed, Plant, differences, node
from tests.incremental.replays import Plan, arrive, draw_replay, take
from tests.properties.compare import KEYS

pytestmark = pytest.mark.slow

SEED, DATASETS = 1, 60
Patch = Callable[[pytest.MonkeyPatch], None]
EVENT_TIMES = {
    "sessions": "EVENT_DATE",
    "page_views": "EVENT_DATE",
    "form_submits": "EVENT_DATE",
    "Task": "CreatedDate",
}


def forget_links(*kinds: str) -> Patch:
    """Rows that name such a thing are not linked to it."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        links = Graph._links

        def without(graph: Graph, *given: Any, **options: Any) -> str:
            tables = [
                with_changes(table, links=tuple(link for link in table.links if link.kind not in kinds))
                for table in graph.tables
            ]
            return links(Graph(tables, graph.settings), *given, **options)

        monkeypatch.setattr(Graph, "_links", without)

    return patch


def forget_links_of_the_last_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row leaves the component that it belonged to, and that one is not computed again."""
    offer = Graph.offer_affected

    def offer_affected(graph: Graph, con: duckdb.DuckDBPyConnection, after: int) -> dict[str, int]:
        graph.delete_obsolete_links(con, after)
        return offer(graph, con, after)

    monkeypatch.setattr(Graph, "offer_affected", offer_affected)


def read_a_component_partly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an affected component only the newly landed sessions are read."""
    offer = Graph.offer_affected

    def offer_affected(graph: Graph, con: duckdb.DuckDBPyConnection, after: int) -> dict[str, int]:
        rows = offer(graph, con, after)
        con.execute("DELETE FROM input_web.sessions WHERE _load_id <= ?", [after])
        return rows

    monkeypatch.setattr(Graph, "offer_affected", offer_affected)


def follow_no_further_than_one_link(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a new row names is affected, and not what is connected with that."""
    whole = components.find_connected_nodes

    def find_connected_nodes(con: duckdb.DuckDBPyConnection, start: str) -> None:
        whole(con, start, f"(FROM landing.links WHERE row_node IN ({start}))")

    monkeypatch.setattr(components, "find_connected_nodes", find_connected_nodes)


def watermark_by_event_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is newer than everything so far counts as new, whenever it landed."""

    def landed(graph: Graph, after: int, tables: Sequence[SourceTable] | None = None) -> str:
        def is_new(table: SourceTable) -> str:
            if table.name not in EVENT_TIMES:
                return f"_load_id > {after}"
            time = f"try_cast({quote(EVENT_TIMES[table.name])} AS TIMESTAMP)"
            return f"{time} > (SELECT max({time}) FROM {raw_table(table)} WHERE _load_id <= {after})"

        return " UNION ".join(
            f"SELECT {components.node(table)} AS node FROM {raw_table(table)} WHERE {is_new(table)}"
            for table in tables or graph.tables
        )

    monkeypatch.setattr(Graph, "_landed", landed)


def leave_rows_behind(manifest: Manifest) -> None:
    """Rows are replaced by those computed again with the same key; where none comes, the old one stays."""
    replace(
        manifest.macros["macro.call_attribution.replace_affected_rows"],
        "delete from {{ relation }} where {{ key.column }} in {{ affected_keys(key.kinds) }};",
        "delete from {{ relation }} where {{ key.column }} in"
        " (select {{ key.column }} from {{ affected_relation(model.name) }});",
    )


def delete_by_a_column_that_can_be_null(manifest: Manifest) -> None:
    """Rows are deleted by a key that some of them do not have, and inserted all the same."""
    key = node(manifest, "fct_buyer_touchpoints").config.meta["component_key"]
    assert "coalesce" in key["column"]
    key["column"] = "contact_id"
    macro = manifest.macros["macro.call_attribution.keep_affected_rows"]
    replace(macro, "where {{ key.column }} is null or {{ key.column }} not in", "where {{ key.column }} not in")


@dataclass(frozen=True)
class Bug:
    """A bug in the code or in the SQL of an incremental build."""

    patch: Patch = lambda monkeypatch: None
    sql: Plant = lambda manifest: None
    is_drawn: bool = True  # else a scenario of one kind of change finds it: drawn datasets rarely have that change


BUGS: Mapping[str, Bug] = {
    "watermark by event time": Bug(watermark_by_event_time),
    "only the direct neighbours recomputed": Bug(follow_no_further_than_one_link),
    "a link between cookies forgotten": Bug(forget_links("cookie")),
    "an identity link forgotten": Bug(forget_links("email")),
    "a link between CRM records forgotten": Bug(forget_links("salesforce_id")),
    "a link between parts of a call in the log forgotten": Bug(forget_links("call_id"), is_drawn=False),
    "the links of the last build forgotten": Bug(forget_links_of_the_last_build, is_drawn=False),
    "a component partly read": Bug(read_a_component_partly),
    "rows of a stored mart left behind": Bug(sql=leave_rows_behind),
    "a null key doubled": Bug(sql=delete_by_a_column_that_can_be_null),
}


def leave_out_reports(manifest: Manifest) -> None:
    """Facts are enough to find a bug by; what is made of them would take as long again."""
    for name, made in list(manifest.nodes.items()):
        is_report = made.resource_type == "model" and made.name.startswith(("rpt_", "biz_", "docs_", "feed_"))
        if is_report or made.resource_type == "test":
            del manifest.nodes[name]
    manifest.unit_tests.clear()


def replace(macro: Macro, text: str, other: str) -> None:
    assert text in macro.macro_sql, f"{macro.name} no longer says {text}"
    macro.macro_sql = macro.macro_sql.replace(text, other)


def test_each_planted_bug_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a bug both builds are equal; each planted bug makes some generated datasets differ."""
    before, then = draw_replay(SEED, DATASETS, Plan(steps=2)).steps
    project = Observed(tmp_path / "project")
    take(project, before, 0, {})
    arrive(project, then, 1)
    rebuilt = {fact: rows for fact, rows in project.full_refresh().items() if fact in KEYS}
    shutil.copytree(project.folder, tmp_path / "arrived")

    def datasets_that_differ(bug: Bug) -> set[int | None]:
        shutil.rmtree(project.folder)
        shutil.copytree(tmp_path / "arrived", project.folder)
        project.plant = lambda manifest: (leave_out_reports(manifest), bug.sql(manifest))
        with monkeypatch.context() as patch:
            bug.patch(patch)
            project.build_incrementally()
        assert project.plan.kind == "incremental"
        marts = project.marts()
        found = differences({fact: marts[fact] for fact in KEYS}, rebuilt)
        return {number for difference in found for number in difference.datasets()}

    assert not datasets_that_differ(Bug())
    for name, bug in BUGS.items():
        found = {number for number in datasets_that_differ(bug) if number is not None}
        drawn = {number for number in found if not name_of_scenario(number)}
        assert drawn if bug.is_drawn else found, f"not found: {name}"


COOKIE = "277d79d01678498fea067c9b631bf6df"


def test_a_global_change_treated_as_a_local_one_is_found(tmp_path: Path) -> None:
    """A page on a new host makes it ours, and every referrer on it internal, in components that did not change."""

    def session(name: str, cookie: str, page: str, referrer: str = "") -> dict[str, str]:
        times = {"ID": name, "COOKIE_ID": cookie, "EVENT_DATE": "2024-05-01 10:00:00"}
        return times | {
            "LANDING_PAGE_RAW": f"https://{page}/",
            "REFERRER_PAGE_RAW": referrer and f"https://{referrer}/",
        }

    def channel(project: Observed) -> list[tuple[Any, ...]]:
        rows = project.query("SELECT channel FROM fct_touchpoints WHERE session_id = 'referred'")
        return [tuple(row.values()) for row in rows]

    project = Observed(tmp_path)
    project.write("web/sessions", [session("referred", COOKIE, "own.example", "shop.example")])
    project.write("salesforce/Task", [{"Id": "00T000000000001", "bizible2__BizibleId__c": ""}])
    project.land()
    project.build_incrementally()
    assert channel(project) == [("Other",)]
    project.write("web/sessions", [session("new", "f" * 32, "shop.example")])
    project.land()
    shutil.copytree(tmp_path, tmp_path.with_name("again"))

    project.build_incrementally()
    assert (project.plan.kind, channel(project)) == ("full", [("Direct",)])
    assert "own hosts changed" in project.plan.reason

    planted = Observed(tmp_path.with_name("again"))
    planted.plant = lambda manifest: replace(
        manifest.macros["macro.call_attribution.raise_if_changed"], "compiled_code) > 0", "compiled_code) > 1000"
    )
    planted.build_incrementally()
    assert (planted.plan.kind, channel(planted)) == ("incremental", [("Other",)]), "the bug goes undetected"
