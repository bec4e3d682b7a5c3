"""What the page shows: for every figure a question, a query that an analyst can run, and how to draw and read
the answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from orchestration.lib.report import charts, explorer

Row = dict[str, Any]
Rows = Sequence[Row]

MISSING = "\N{EN DASH}"


@dataclass(frozen=True)
class Column:
    """A column of a figure's table: heading, field, and how a value is written."""

    heading: str
    field: str
    write: Callable[[Any], str] = str
    is_number: bool = False


@dataclass(frozen=True)
class Figure:
    """One question and its answer."""

    key: str
    title: str
    sql: str
    draw: Callable[[Rows, charts.Size], Any]
    read: Callable[[Rows], str]
    columns: tuple[Column, ...]
    without: str
    legend: charts.Legend = ()
    note: str = ""
    # For figures with one row per entry: the field that names it, and the one by which it is large.
    entry: str = ""
    size: str = ""


# Vega fails at about 1,000 names. Nobody reads 30 of them.
LARGEST = 30
# Three years of days: about two dots a pixel.
LAST = 1100


def drawn(figure: Figure, rows: Rows) -> tuple[Rows, str]:
    """The rows that a figure shows (its largest entries and the sum of the rest, or its last days), and a sentence that
    says so."""
    if not figure.entry:
        return rows[-LAST:], f"The last {count(LAST)} of {count(len(rows))} are drawn." if len(rows) > LAST else ""
    if len(rows) <= LARGEST:
        return rows, ""
    largest = sorted(rows, key=lambda row: -abs(row[figure.size] or 0))[:LARGEST]
    shown, others = _split(rows, largest)
    label = f"({count(len(others))} others)"
    summed = {name: _summed(name, others) for name in others[0]} | {figure.entry: label}
    return [*shown, summed], f"The {LARGEST} largest are shown; {count(len(others))} others are combined."


def _split(rows: Rows, chosen: Rows) -> tuple[list[Row], list[Row]]:
    ids = {id(row) for row in chosen}
    return [row for row in rows if id(row) in ids], [row for row in rows if id(row) not in ids]


def _summed(name: str, rows: Rows) -> Any:
    values = [row[name] for row in rows if row[name] is not None]
    return sum(values) if values and all(isinstance(value, int | float | Decimal) for value in values) else ""


def count(value: int | None) -> str:
    return MISSING if value is None else f"{value:,}"


def money(value: Decimal | None) -> str:
    return MISSING if value is None else f"{value:,.0f}"


def signed_money(value: Decimal | None) -> str:
    return MISSING if value is None else f"{value:+,.0f}".replace("-", "\N{MINUS SIGN}")


def percent(value: Decimal | float | None) -> str:
    return MISSING if value is None else f"{value:.1f} %"


def moment(value: datetime | str) -> str:
    """A time; DuckDB gives one that Python cannot hold (before the year 1) as text."""
    return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else str(value)


def day(value: datetime | str) -> str:
    """The day of a time."""
    return f"{value:%Y-%m-%d}" if isinstance(value, datetime) else str(value)


def minutes(value: int) -> str:
    return f"{value // 60} h" if value >= 60 and value % 60 == 0 else f"{value} min"


def words(value: str | None) -> str:
    return MISSING if value is None else value.replace("_", " ")


# Of fewer calls, a percentage says more than is known: one call of one is "100 %".
FEWEST_CALLS_OF_A_RATE = 20


def rate(part: int | Decimal, whole: int | Decimal) -> str:
    """How many of the calls, and from 20 calls on as a percentage too: `184 of 240 calls (77 %)`."""
    share = f" ({100 * part / whole:.0f} %)" if whole >= FEWEST_CALLS_OF_A_RATE else ""
    return f"{count(int(part))} of {count(int(whole))} calls{share}"


def _sum(rows: Rows, field: str, **conditions: str) -> Any:
    return sum(row[field] for row in rows if all(row[name] == value for name, value in conditions.items()))


def _top(rows: Rows, field: str) -> Row:
    return max(rows, key=lambda row: row[field])


# Every verdict has one of these outcomes, so the counts add up to all calls.
OUTCOMES = {
    "matched to a session": "match a session",
    "touchpoint of its own": "are touchpoints of their own",
    "counted already": "are duplicates of others",
    "not usable": "cannot be used",
}

# A deleted record without a BizibleId is mostly an email.
IS_CALL = """fct_calls.verdict <> 'none_not_a_call'
    AND (fct_calls.verdict <> 'none_deleted' OR fct_calls.bizible_id IS NOT NULL)"""

VERDICTS = Figure(
    key="verdicts",
    title="What happened to each call?",
    sql=f"""
SELECT
    fct_calls.verdict,
    docs_verdicts.title,
    docs_verdicts.outcome,
    count(*) AS calls
FROM fct_calls
INNER JOIN docs_verdicts ON fct_calls.verdict = docs_verdicts.verdict
WHERE {IS_CALL}
GROUP BY ALL
ORDER BY calls DESC, fct_calls.verdict
""",
    draw=charts.verdicts,
    read=lambda rows: (
        f"Of {count(_sum(rows, 'calls'))} calls in Salesforce, "
        + ", ".join(
            f"{count(_sum(rows, 'calls', outcome=outcome))} {words_of_outcome}"
            for outcome, words_of_outcome in OUTCOMES.items()
        )
        + "."
    ),
    columns=(
        Column("Verdict", "title"),
        Column("Outcome", "outcome"),
        Column("Calls", "calls", count, True),
    ),
    without="No Task that is a call has been landed yet.",
    legend=charts.OUTCOMES,
    note="explain_call('00T…') explains one of them.",
)

TO_RAISE = Figure(
    key="to-raise",
    title="What should the call tracking provider fix?",
    sql=f"""
SELECT
    finding,
    count(*) AS findings,
    any_value(explanation) AS explanation
FROM ({explorer.TO_REPORT})
GROUP BY finding
ORDER BY findings DESC, finding
""",
    draw=charts.to_raise,
    read=lambda rows: (
        f"{count(_sum(rows, 'findings'))} findings; the most frequent is “{_top(rows, 'findings')['finding']}”."
    ),
    columns=(
        Column("Finding", "finding"),
        Column("Calls", "findings", count, True),
        Column("What it means", "explanation"),
    ),
    entry="finding",
    size="findings",
    without="Nothing: every call has its id and its time, and the provider's log agrees with Salesforce.",
)

WON = Figure(
    key="won",
    title="How much of the won revenue comes with a call?",
    sql="""
WITH with_a_call AS (
    SELECT DISTINCT credits.opportunity_id
    FROM fct_attribution_touchpoints AS credits
    INNER JOIN fct_touchpoints AS touches ON credits.touchpoint_id = touches.touchpoint_id
    WHERE touches.crm_task_id IS NOT NULL
)

SELECT
    CASE
        WHEN with_a_call.opportunity_id IS NOT NULL THEN 'a touch that a call made'
        WHEN opportunities.is_attributed THEN 'other touches only'
        ELSE 'no known touch (unattributed)'
    END AS touches,
    count(*) AS opportunities,
    coalesce(sum(opportunities.amount), 0) AS revenue
FROM fct_opportunities AS opportunities
LEFT JOIN with_a_call ON opportunities.opportunity_id = with_a_call.opportunity_id
WHERE opportunities.is_won
GROUP BY ALL
ORDER BY revenue DESC, touches
""",
    draw=charts.won,
    read=lambda rows: (
        f"{count(_sum(rows, 'opportunities'))} won opportunities with {money(_sum(rows, 'revenue'))} in all: "
        + ", ".join(f"{count(row['opportunities'])} with {row['touches']} ({money(row['revenue'])})" for row in rows)
        + "."
    ),
    columns=(
        Column("Won opportunities with", "touches"),
        Column("Opportunities", "opportunities", count, True),
        Column("Won revenue", "revenue", money, True),
    ),
    without="No opportunity has been won yet.",
    note="A call with a blank Type counts as a call. rpt_unattributed_opportunities shows why deals have no touch.",
)

IMPACT = Figure(
    key="impact",
    title="What is call tracking worth?",
    sql="""
SELECT
    channel,
    sum(revenue_without) AS without_calls,
    sum(revenue_with) AS with_calls,
    sum(revenue_difference) AS difference
FROM (
    SELECT channel, revenue_without, revenue_with, revenue_difference
    FROM rpt_call_integration_impact_by_channel
    WHERE model = 'full_path'
    UNION ALL
    -- Won without any known touch, with call tracking or not.
    SELECT '(unattributed)', amount, amount, 0
    FROM fct_opportunities
    WHERE is_won AND NOT is_attributed AND amount IS NOT NULL
)
GROUP BY channel
HAVING sum(revenue_with) <> 0 OR sum(revenue_without) <> 0
ORDER BY difference DESC, channel
""",
    draw=charts.impact,
    read=lambda rows: (
        "Without call tracking, the same data credits other channels. With it,"
        f" {_top(rows, 'difference')['channel']} gains {money(_top(rows, 'difference')['difference'])} and"
        f" {min(rows, key=lambda row: row['difference'])['channel']} changes by"
        f" {signed_money(min(rows, key=lambda row: row['difference'])['difference'])}."
    ),
    columns=(
        Column("Channel", "channel"),
        Column("Without calls", "without_calls", money, True),
        Column("With calls", "with_calls", money, True),
        Column("Difference", "difference", signed_money, True),
    ),
    without="No won opportunity has both a touch and an amount yet.",
    legend=charts.SCENARIOS,
    entry="channel",
    size="difference",
    note="Won revenue in the full path model. Including (unattributed), both sides sum to all won revenue.",
)

WINDOW = Figure(
    key="window",
    title="What would another call window change?",
    sql="""
SELECT
    window_minutes,
    anchor,
    sum(tied_calls) AS tied_calls,
    sum(full_path_revenue) AS full_path_revenue,
    window_minutes = (
        SELECT cast(value AS integer) FROM docs_variables WHERE variable = 'call_session_window_minutes'
    )
    AND anchor = (
        SELECT trim(value, '"') FROM docs_variables WHERE variable = 'call_session_window_anchor'
    ) AS is_in_force
FROM rpt_call_window_sensitivity
GROUP BY window_minutes, anchor
ORDER BY anchor DESC, window_minutes
""",
    draw=charts.window,
    read=lambda rows: (
        " ".join(
            f"The window in force, {minutes(row['window_minutes'])}, matches {count(row['tied_calls'])} calls."
            for row in rows
            if row["is_in_force"]
        )
        + f" A window of {minutes(max(row['window_minutes'] for row in rows))} would match"
        f" {count(max(row['tied_calls'] for row in rows))}."
    ).strip(),
    columns=(
        Column("Counted from", "anchor", words),
        Column("Window", "window_minutes", minutes),
        Column("Matched calls", "tied_calls", count, True),
        Column("Won revenue of calls, full path", "full_path_revenue", money, True),
    ),
    without="No call matches a session yet.",
    legend=charts.ANCHORS,
)

QUALITY = Figure(
    key="quality",
    title="Is the match between calls and sessions getting better or worse?",
    sql="""
WITH days AS (
    SELECT
        call_date,
        coalesce(sum(calls) FILTER (verdict IN ('merged', 'merged_secondary')), 0) AS matched,
        coalesce(sum(calls) FILTER (
            verdict IN ('separate_outside_window', 'separate_unknown_bizible_id', 'none_without_bizible_id')
        ), 0) AS not_matched
    FROM rpt_match_quality_daily
    WHERE call_date IS NOT NULL
    GROUP BY call_date
    HAVING matched + not_matched > 0
)

SELECT
    call_date,
    matched,
    not_matched,
    sum(matched) OVER month AS matched_in_28_days,
    sum(matched + not_matched) OVER month AS calls_in_28_days,
    CASE
        WHEN calls_in_28_days >= 20 THEN 100 * matched_in_28_days / calls_in_28_days
    END AS match_rate
FROM days
WINDOW month AS (ORDER BY call_date RANGE BETWEEN INTERVAL 27 DAYS PRECEDING AND CURRENT ROW)
ORDER BY call_date
""",
    draw=charts.quality,
    read=lambda rows: (
        f"In the 28 days up to {rows[-1]['call_date']},"
        f" {rate(rows[-1]['matched_in_28_days'], rows[-1]['calls_in_28_days'])} matched a session; overall"
        f" {rate(_sum(rows, 'matched'), _sum(rows, 'matched') + _sum(rows, 'not_matched'))}."
    ),
    columns=(
        Column("Day", "call_date"),
        Column("Matched", "matched", count, True),
        Column("Not matched", "not_matched", count, True),
        Column("Calls in 28 days", "calls_in_28_days", lambda value: count(int(value)), True),
        Column("Matched in 28 days", "match_rate", percent, True),
    ),
    without="No call with a time has been landed yet.",
    legend=charts.MATCHES,
)

DELAY = Figure(
    key="delay",
    title="How late do calls arrive in Salesforce?",
    sql="""
SELECT
    call_date,
    sum(calls) AS calls,
    sum(calls * average_delay_seconds) / sum(calls) / 60 AS average_minutes,
    max(longest_delay_seconds) / 60 AS longest_minutes
FROM rpt_match_quality_daily
WHERE call_date IS NOT NULL AND average_delay_seconds IS NOT NULL AND verdict <> 'none_deleted'
GROUP BY call_date
ORDER BY call_date
""",
    draw=charts.delay,
    read=lambda rows: (
        f"The longest delay of a day was {max(row['longest_minutes'] for row in rows):,.0f} minutes; on"
        f" {count(sum(row['longest_minutes'] <= 1 for row in rows))} of {count(len(rows))} days every call arrived"
        " within a minute."
    ),
    columns=(
        Column("Day", "call_date"),
        Column("Calls", "calls", count, True),
        Column("Average, minutes", "average_minutes", lambda value: f"{value:,.1f}", True),
        Column("Longest, minutes", "longest_minutes", lambda value: f"{value:,.1f}", True),
    ),
    without="No call with a time has been landed yet.",
    note="The delay is the time from the call to its Task. Tasks that were entered later stand out.",
)

JOURNEY = Figure(
    key="journey",
    title="The journey of one opportunity",
    sql="""
WITH chosen AS (
    SELECT credits.opportunity_id
    FROM fct_attribution_touchpoints AS credits
    INNER JOIN fct_touchpoints AS touches ON credits.touchpoint_id = touches.touchpoint_id
    GROUP BY credits.opportunity_id
    HAVING count(*) <= 12
    ORDER BY
        count(*) FILTER (touches.marketing_touch_type = 'Phone Call') > 0 DESC,
        bool_or(credits.is_won) DESC,
        count(*) DESC,
        credits.opportunity_id
    LIMIT 1
)

SELECT
    credits.opportunity_id,
    opportunities.NAME AS opportunity,
    touches.touchpoint_date,
    touches.channel,
    touches.marketing_touch_type,
    credits.touchpoint_position,
    credits.full_path_percentage,
    credits.full_path_revenue
FROM chosen
INNER JOIN fct_attribution_touchpoints AS credits ON chosen.opportunity_id = credits.opportunity_id
INNER JOIN fct_touchpoints AS touches ON credits.touchpoint_id = touches.touchpoint_id
LEFT JOIN biz_opportunities AS opportunities ON chosen.opportunity_id = opportunities.ID
ORDER BY touches.touchpoint_date, touches.touchpoint_id
""",
    draw=charts.journey,
    read=lambda rows: (
        f"{rows[0]['opportunity'] or rows[0]['opportunity_id']}: {len(rows)} touches from"
        f" {day(rows[0]['touchpoint_date'])} to {day(rows[-1]['touchpoint_date'])},"
        f" {sum(row['marketing_touch_type'] == 'Phone Call' for row in rows)} of them by phone. The larger the dot, the"
        " larger its share in the full path model."
    ),
    columns=(
        Column("When (UTC)", "touchpoint_date", moment),
        Column("Channel", "channel"),
        Column("Type", "marketing_touch_type"),
        Column("Position", "touchpoint_position"),
        Column("Full path share", "full_path_percentage", percent, True),
        Column("Revenue", "full_path_revenue", money, True),
    ),
    without="No opportunity has touches yet.",
    legend=charts.TOUCH_TYPES,
    note="explain_opportunity('006…') explains any other.",
)


@dataclass(frozen=True)
class Part:
    """A section with a template of its own, sections/<key>.html.j2."""

    key: str
    title: str


# The page's sections in their order.
SECTIONS: tuple[Figure | Part, ...] = (
    Part("explorer", "What changed, and where?"),
    TO_RAISE,
    Part("calls", "Which calls are these?"),
    WON,
    IMPACT,
    Part("costs", "What does a call cost?"),
    VERDICTS,
    QUALITY,
    DELAY,
    WINDOW,
    JOURNEY,
    Part("changes", "What did the last publication change, and why?"),
    Part("words", "What do the words mean?"),
    Part("settings", "Which settings are in effect?"),
)
FIGURES = tuple(section for section in SECTIONS if isinstance(section, Figure))

KEY_NUMBERS = f"""
SELECT
    count(*) FILTER ({IS_CALL}) AS calls,
    count(*) FILTER (verdict IN ('merged', 'merged_secondary')) AS tied_calls,
    (SELECT count(*) FROM fct_touchpoints WHERE session_id IS NOT NULL) AS sessions,
    (
        SELECT count(DISTINCT credits.opportunity_id)
        FROM fct_attribution_touchpoints AS credits
        INNER JOIN fct_touchpoints AS touches ON credits.touchpoint_id = touches.touchpoint_id
        WHERE credits.is_won AND touches.crm_task_id IS NOT NULL
    ) AS won_with_a_call,
    (SELECT min(touchpoint_date) FROM fct_touchpoints) AS first_touch,
    (SELECT max(touchpoint_date) FROM fct_touchpoints) AS last_touch
FROM fct_calls
"""
