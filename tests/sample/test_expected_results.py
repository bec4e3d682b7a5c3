"""The sample dataset's expected results against every row of the marts, in both directions."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from orchestration.lib.sample import write_sample
from orchestration.lib.sample.credit import MODELS
from tests.harness import Project

# Mart -> its expected results, and the key by which actual and expected rows are paired.
MARTS = {
    "fct_calls": ("calls", ("crm_task_id",)),
    "fct_touchpoints": ("touchpoints", ("touchpoint_id",)),
    "fct_person_touchpoints": ("person_touchpoints", ("email", "touchpoint_id")),
    "fct_buyer_touchpoints": ("buyer_touchpoints", ("lead_id", "contact_id", "touchpoint_id")),
    "fct_attribution_touchpoints": ("attribution_touchpoints", ("opportunity_id", "touchpoint_id")),
    "fct_campaign_members": ("campaign_members", ("campaign_member_id",)),
    "rpt_unattributed_opportunities": ("unattributed_opportunities", ("opportunity_id",)),
    "rpt_calls_by_channel": ("calls_by_channel", ("channel_path",)),
    "rpt_revenue_by_channel": ("revenue_by_channel", ("channel_path", "marketing_touch_type", "touchpoint_position")),
    "rpt_match_quality_daily": ("match_quality_daily", ("call_date", "verdict")),
    "rpt_blank_type_policy": ("blank_type_policy", ("policy",)),
}
# Without a session and a touchpoint, the rules say nothing about the nearest session (R1.8).
OPEN_FOR_NONE = {"candidate_session_count", "nearest_session_id", "seconds_to_nearest_session"}
SHOWN = 15

SUMS = {
    f"{model}_{kind}": f"coalesce(sum({model}_revenue) filter ({state}), 0)"
    for model in MODELS
    for kind, state in (("revenue", "is_won"), ("pipeline_revenue", "not is_closed"))
}
REVENUE = ", ".join(f"{total} as {name}" for name, total in SUMS.items())
COUNTED = ("people", "opportunities", "won_opportunities", *SUMS)

# What the reports have to say about the planted rows.
REPORTS = f"""
create view credited as
select attribution_touchpoints.*, channel_path, marketing_touch_type, crm_task_id
from attribution_touchpoints
inner join touchpoints using (touchpoint_id);

create view calls_by_channel as
select
    channel_path, calls, calls_merged, calls_merged_secondary, calls_separate,
    {", ".join(f"coalesce({name}, 0) as {name}" for name in COUNTED)}
from (
    select
        coalesce(channel_path, 'Other') as channel_path,
        count(*) as calls,
        count(*) filter (verdict = 'merged') as calls_merged,
        count(*) filter (verdict = 'merged_secondary') as calls_merged_secondary,
        count(*) filter (verdict like 'separate%') as calls_separate
    from calls
    left join touchpoints using (session_id)
    where not is_none and duplicate_of_task_id is null
    group by all
)
left join (
    select channel_path, count(distinct email) as people
    from person_touchpoints inner join touchpoints using (touchpoint_id)
    where crm_task_id is not null
    group by all
) using (channel_path)
left join (
    select
        channel_path,
        count(distinct opportunity_id) as opportunities,
        count(distinct opportunity_id) filter (is_won) as won_opportunities,
        {REVENUE}
    from credited
    where crm_task_id is not null
    group by all
) using (channel_path);

create view revenue_by_channel as
select
    channel_path,
    marketing_touch_type,
    touchpoint_position,
    count(distinct touchpoint_id) as touchpoints,
    count(distinct opportunity_id) as opportunities,
    {REVENUE}
from credited
group by all;

create view match_quality_daily as
select called_at::date as call_date, verdict, count(*) as calls
from calls
where verdict <> 'none_not_a_call'
group by all;

-- Every planted call with a blank Type says call elsewhere.
create view blank_type_policy as
select
    policy,
    policy = 'web_visit' as is_in_force,
    (select count(*) from calls where not is_none and duplicate_of_task_id is null) as calls,
    count(distinct touchpoint_id) as phone_calls,
    sum(revenue) as won_revenue
from (values ('web_visit'), ('infer')) as policies(policy)
inner join touchpoints on crm_task_id is not null and (policy = 'infer' or not is_type_defaulted)
left join (
    select touchpoint_id, full_path_revenue as revenue from attribution_touchpoints where is_won
) using (touchpoint_id)
group by all;
"""


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A sample dataset, landed and built: its marts, and the expected results of each."""
    folder = tmp_path_factory.mktemp("dataset")
    project = Project(folder)
    write_sample(project.settings.landing_dir, folder / "expected", sessions=2_000)
    project.land()
    project.build(tests=True)
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute(f"attach '{project.settings.marts_build}' as marts (read_only)")
        for expected in (folder / "expected").glob("*.parquet"):
            con.execute(f"create view {expected.stem} as from read_parquet('{expected}')")
        con.execute(REPORTS)
        yield con


@pytest.mark.parametrize("mart", MARTS)
def test_every_row_is_as_planted(dataset: duckdb.DuckDBPyConnection, mart: str) -> None:
    differences = compare(dataset, mart)
    assert not differences, f"{mart} differs from what was planted:\n" + "\n".join(differences)


def test_costs_are_those_of_the_budget(dataset: duckdb.DuckDBPyConnection) -> None:
    """R16.2, R16.3: to the micro, month by month."""
    spent = """
        (
            select date_trunc('month', cost_date)::date as month, channel_path, campaign_name, sum(cost) as cost
            from marts.fct_costs
            group by all
        )
    """
    columns = "month, channel_path, campaign_name, cost"
    assert dataset.execute(f"select {columns} from {spent} except select {columns} from costs").fetchall() == []
    assert dataset.execute(f"select {columns} from costs except select {columns} from {spent}").fetchall() == []


def test_the_window_report_agrees_at_thirty_minutes(dataset: duckdb.DuckDBPyConnection) -> None:
    """R9: at 30 minutes from the session's start it equals the expected results."""
    [found] = dataset.execute(
        """
        select sum(tied_calls), sum(full_path_revenue) from marts.rpt_call_window_sensitivity
        where window_minutes = 30 and anchor = 'session_start'
        """
    ).fetchall()
    [planted] = dataset.execute(
        """
        select
            (select count(*) from calls where verdict in ('merged', 'merged_secondary')),
            (select sum(full_path_revenue) from credited where is_won and crm_task_id is not null)
        """
    ).fetchall()
    assert found == planted


def test_the_comparison_sees_what_is_wrong() -> None:
    with duckdb.connect() as con:
        con.execute("attach ':memory:' as marts")
        con.execute("create table calls (crm_task_id text, verdict text, is_none bool)")
        con.execute("create table marts.fct_calls (crm_task_id text, verdict text)")
        con.execute("insert into calls values ('a', 'x', false), ('b', 'x', false)")
        con.execute("insert into marts.fct_calls values ('a', 'y'), ('c', 'x')")
        assert sorted(compare(con, "fct_calls")) == [
            "row not found: 1 rows, for example ('b', None, None)",
            "row not planted: 1 rows, for example ('c', None, None)",
            "verdict: 1 rows, for example ('a', 'x', 'y')",
        ]


def compare(con: duckdb.DuckDBPyConnection, mart: str) -> list[str]:
    """Each kind of difference between a mart and its expected results: how often, and an example."""
    planted, key = MARTS[mart]
    found = f"marts.{mart}"
    columns = [column for column, *_ in con.execute(f"describe {planted}").fetchall()]
    paired = " and ".join(f"planted.{column} is not distinct from found.{column}" for column in key)

    def row_key(side: str) -> str:
        return f"concat_ws(' ', {', '.join(f'{side}.{column}' for column in key)}) as row_key"

    differences = [
        f"""
        select '{column}' as what, {row_key("planted")},
            planted.{column}::varchar as planted, found.{column}::varchar as found
        from {planted} as planted inner join {found} as found on {paired}
        where planted.{column} is distinct from found.{column}
            {"and not is_none" if column in OPEN_FOR_NONE else ""}
        """
        for column in columns
        if column not in key and column != "is_none"
    ]
    differences += [
        f"""
        select 'row {what}' as what, {row_key(one)}, null as planted, null as found
        from {left} as {one} anti join {right} as {other} on {paired}
        """
        for what, one, left, other, right in (
            ("not found", "planted", planted, "found", found),
            ("not planted", "found", found, "planted", planted),
        )
    ]
    rows = con.execute(
        f"""
        select what, count(*), min_by((row_key, planted, found), row_key)
        from ({" union all ".join(differences)}) group by what order by count(*) desc limit {SHOWN}
        """
    ).fetchall()
    return [f"{what}: {count} rows, for example {example}" for what, count, example in rows]
