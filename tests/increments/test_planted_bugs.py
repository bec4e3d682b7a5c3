"""The test of the test: bugs that increments are known for are planted in turn, and the sequences find each of them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import Macro

from tests.increments.rebuilds import Observed, Plant, differences, node, set_sql
from tests.increments.sequences import Plan, arrive, draw_sequence, take
from tests.increments.stories import name_of_story
from tests.properties.compare import KEYS

SEED, WORLDS = 1, 60
EVENT_TIMES = {
    "stg_web__sessions": "started_at",
    "stg_web__page_views": "viewed_at",
    "stg_web__form_submits": "submitted_at",
    "stg_salesforce__tasks": "created_at",
}


def watermark_by_event_time(manifest: Manifest) -> None:
    """What is newer than everything so far counts as new, whenever it arrived."""
    replace(manifest.macros["macro.call_attribution.arrived"], "is_new('staged')", "is_new(staging)")
    macro = manifest.macros["macro.call_attribution.is_new"]
    macro.macro_sql = (
        "{% macro is_new(relation) %}{% for staging, event_time in " + repr(EVENT_TIMES) + ".items() %}"
        "{% if staging.endswith(relation) %}{{ event_time }} > "
        "(select max(touchpoint_date) from {{ last_build('fct_touchpoints') }}){% endif %}"
        "{% endfor %}{% endmacro %}"
    )


def only_the_changed_cookie(manifest: Manifest) -> None:
    """The cookie's sessions and calls are computed again, people and opportunities are not."""
    set_sql(manifest, "scope_emails", "{% call scope_of(['email']) %} select null as email {% endcall %}")
    set_sql(manifest, "scope_records", "{% call scope_of(['record_id']) %} select null as record_id {% endcall %}")
    set_sql(manifest, "scope_groups", "{% call scope_of(['group_id']) %} select null as group_id {% endcall %}")


def deletion_forgotten(manifest: Manifest) -> None:
    """Rows are replaced by those computed again with the same key; where none comes, the old one stays."""
    replace(
        manifest.macros["macro.call_attribution.rows_of_scope_replaced"],
        "{{ in_scope(meta.scope, meta.scope_column) }}",
        "{{ meta.scope_column }} in (select {{ meta.scope_column }} from {{ computed }})",
    )


def null_key_doubled(manifest: Manifest) -> None:
    """Rows are deleted by a key that some of them do not have, and inserted all the same."""
    meta = node(manifest, "fct_buyer_touchpoints").config.meta
    assert "coalesce" in meta["scope_column"]
    meta["scope_column"] = "contact_id"


def identity_change_ignored(manifest: Manifest) -> None:
    """People are found by the cookies on which something arrived, not by cookies that became theirs."""
    set_sql(
        manifest,
        "scope_emails",
        "{% call scope_of(['email']) %} select email from {{ ref('int_identity__cookies') }} "
        "where {{ in_scope('cookies', 'cookie_id') }} {% endcall %}",
    )


def leave_out_reports(manifest: Manifest) -> None:
    """Facts are enough to find a bug by; what is made of them would take as long again."""
    for name, made in list(manifest.nodes.items()):
        is_report = made.resource_type == "model" and made.name.startswith(("rpt_", "biz_", "docs_"))
        if is_report or made.resource_type == "test":
            del manifest.nodes[name]
    manifest.unit_tests.clear()


def replace(macro: Macro, text: str, other: str) -> None:
    assert text in macro.macro_sql, f"{macro.name} no longer says {text}"
    macro.macro_sql = macro.macro_sql.replace(text, other)


BUGS: Mapping[str, Plant] = {
    "watermark by event time": watermark_by_event_time,
    "only the changed cookie recomputed": only_the_changed_cookie,
    "a deletion forgotten": deletion_forgotten,
    "a null key doubled": null_key_doubled,
    "an identity change ignored": identity_change_ignored,
}


def test_each_planted_bug_is_found(tmp_path: Path) -> None:
    """A full build and an increment: right as it is, and with each of the bugs wrong in worlds that were drawn."""
    before, then = draw_sequence(SEED, WORLDS, Plan(steps=2)).steps
    project = Observed(tmp_path / "project")
    take(project, before, 0, {})
    arrive(project, then, 1)
    rebuilt = {fact: rows for fact, rows in project.rebuilt().items() if fact in KEYS}
    shutil.copytree(project.folder, tmp_path / "arrived")

    def worlds_that_differ(plant: Plant) -> set[int | None]:
        shutil.rmtree(project.folder)
        shutil.copytree(tmp_path / "arrived", project.folder)
        project.plant = lambda manifest: (leave_out_reports(manifest), plant(manifest))
        project.increment()
        assert project.plan.kind == "incremental"
        marts = project.marts()
        found = differences({fact: marts[fact] for fact in KEYS}, rebuilt)
        return {number for difference in found for number in difference.worlds()}

    assert not worlds_that_differ(lambda manifest: None)
    for name, plant in BUGS.items():
        drawn = {number for number in worlds_that_differ(plant) if number is not None and not name_of_story(number)}
        assert drawn, f"not found: {name}"
