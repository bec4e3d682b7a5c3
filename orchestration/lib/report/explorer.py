"""What the page's explorer holds: the daily report and the calls to report, small enough to be inside the page.

Numbers are columns, names are codes into lists, and all of it is compressed. Figures are sums of these rows, so they
equal SQL on the marts for every period and selection.
"""

import base64
import gzip
import json
from typing import Any

import duckdb

# The explorer's rows, compressed and as text. The library that draws has 0.9 MB, and the page may have 5 MiB.
LARGEST = 3 * 1024**2
# How many names of channel paths, campaigns, keywords and landing pages the page has: the first that fits.
NAMES = (
    (300, 2000, 2000, 1000), (200, 500, 500, 200), (100, 200, 200, 100), (60, 100, 50, 50), (60, 50, 20, 20),
    (40, 30, 10, 5), (40, 20, 1, 1), (30, 1, 1, 1), (10, 1, 1, 1), (3, 1, 1, 1),
)  # fmt: skip
# More rows than this never fit. Fewer are compressed to see.
MOST_ROWS = 900_000
# The provider can do nothing with more; the query on the page gives them all.
MOST_CALLS = 2000
# Longer names belong to SQL, not to a page.
LONGEST_NAME = 300

MODELS = {
    "first_touch": ("First touch", "All credit goes to the touch that first brought the person."),
    "lead_creation": ("Lead creation", "All credit goes to the touch that made the person a lead."),
    "u_shaped": (
        "U-shaped",
        "Most credit goes in equal parts to the first touch and to the touch that created the lead; the rest to what"
        " happened between them.",
    ),
    "w_shaped": (
        "W-shaped",
        "Most credit goes in equal parts to the first touch, the touch that created the lead and the touch that"
        " created the opportunity; the rest to what happened between them.",
    ),
    "full_path": (
        "Full path",
        "Most credit goes in equal parts to the first touch and to those that created the lead, created the opportunity"
        " and closed the deal; the rest to what happened between them.",
    ),
    "custom": ("Custom", "Your company's own weights."),
}
DIMENSIONS = {"path": "channel_path", "campaign": "campaign_name", "keyword": "keyword_text", "page": "landing_page"}
KINDS = ("revenue", "pipeline_revenue")
MONEY = [f"{model}_{kind}" for model in MODELS for kind in KINDS]

TO_REPORT = """
SELECT
    coalesce(call_started_at, task_called_at, task_created_at) AS called_at,
    replace(upper(finding[1]) || finding[2:], '_', ' ') AS finding,
    crm_task_id,
    other_crm_task_id,
    provider,
    provider_call_id,
    explanation
FROM rpt_call_provider_reconciliation
UNION ALL
SELECT
    fct_calls.called_at,
    CASE WHEN is_malformed THEN 'Malformed BizibleId' ELSE docs_verdicts.title END,
    fct_calls.crm_task_id,
    NULL,
    NULL,
    NULL,
    CASE
        WHEN is_malformed THEN 'The BizibleId does not have the documented form (32 hex digits).'
        ELSE docs_verdicts.explanation
    END
FROM (
    SELECT *, bizible_id IS NOT NULL AND NOT is_bizible_id_wellformed AND NOT is_deleted AS is_malformed FROM fct_calls
) AS fct_calls
INNER JOIN docs_verdicts ON fct_calls.verdict = docs_verdicts.verdict
WHERE is_malformed OR docs_verdicts.is_for_provider
ORDER BY called_at DESC NULLS LAST, finding, crm_task_id
"""

# Days on which a channel with costs has costs or calls.
COSTS = """
WITH costs AS (
    SELECT cost_date AS day, channel, sum(cost) AS cost
    FROM fct_costs
    WHERE cost <> 0
    GROUP BY ALL
),

calls AS (
    SELECT day, channel, sum(calls) AS calls
    FROM rpt_daily
    WHERE calls > 0 AND channel IN (SELECT channel FROM costs)
    GROUP BY ALL
)

SELECT day, channel, coalesce(cost, 0) AS cost, coalesce(calls, 0) AS calls
FROM costs
FULL JOIN calls USING (day, channel)
ORDER BY day, channel
"""
# Channels with costs that the page names; a spend sheet can name thousands.
MOST_COSTLY = 50


def packed(data: dict[str, Any]) -> str:
    """As the page reads it: compressed JSON in base64. Equal data give equal text."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()


def facts(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """The daily report with as many names as fit. `others` says how many names of each kind share one entry."""
    for name, column in DIMENSIONS.items():
        # A missing name comes first and is never among the others.
        connection.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE names_of_{name} AS
            SELECT
                {column} AS name,
                {"any_value(channel)" if name == "path" else "NULL"} AS channel,
                {"any_value(subchannel)" if name == "path" else "NULL"} AS subchannel,
                row_number() OVER (
                    ORDER BY {column} = '(none)' DESC, sum(calls) DESC, sum(touches) DESC, {column}
                ) AS place
            FROM rpt_daily
            GROUP BY {column}
            """
        )
    # Levels of detail with too many rows are left out before any rows are grouped: 30 million groups need over 1 GB. An
    # estimate is a few percent off.
    estimates = [f"approx_count_distinct(hash({', '.join(_keys(limits).values())}))" for limits in NAMES]
    estimated = connection.execute(f"SELECT {', '.join(estimates)} FROM {NAMED}").fetchall()[0]
    found, source = None, NAMED
    for limits, rows in zip(NAMES, estimated, strict=True):
        if rows > 1.25 * MOST_ROWS:
            continue
        connection.execute(_folded(source, limits))
        source = "explored"
        [(rows,)] = connection.execute("SELECT count(*) FROM explored").fetchall()
        found = None
        if rows <= MOST_ROWS:
            found = _columns(connection, limits)
            if len(packed(found)) <= LARGEST:
                break
    assert found is not None, "a page of three channels fits"
    return found


# The daily report with each name's place; money in cents.
NAMED = f"""(
    SELECT
        day - DATE '1970-01-01' AS day,
        {", ".join(f"names_of_{name}.place AS {name}" for name in DIMENSIONS)},
        marketing_touch_type,
        verdict,
        touches,
        calls,
        {", ".join(f"{measure} * 100 AS {measure}" for measure in MONEY)}
    FROM rpt_daily
    {" ".join(f"INNER JOIN names_of_{name} ON {column} = names_of_{name}.name" for name, column in DIMENSIONS.items())}
)"""


def _keys(limits: tuple[int, ...]) -> dict[str, str]:
    """What identifies a row with so many names: column and expression. The places after the limit are one."""
    places = {name: f"least({name}, {limit + 1})" for name, limit in zip(DIMENSIONS, limits, strict=True)}
    return {"day": "day", **places, "marketing_touch_type": "marketing_touch_type", "verdict": "verdict"}


def _folded(source: str, limits: tuple[int, ...]) -> str:
    """Rows of `explored`, from the daily report or from rows with more names."""
    measures = ["touches", "calls", *MONEY]
    return f"""
        CREATE OR REPLACE TEMP TABLE explored AS
        SELECT
            {", ".join(f"{key} AS {name}" for name, key in _keys(limits).items())},
            {", ".join(f"cast(sum({measure}) AS bigint) AS {measure}" for measure in measures)}
        FROM {source}
        GROUP BY ALL
    """


def _columns(connection: duckdb.DuckDBPyConnection, limits: tuple[int, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {"others": {}}
    for (name, _), limit in zip(DIMENSIONS.items(), limits, strict=True):
        rows = connection.execute(
            f"SELECT name, channel, subchannel FROM names_of_{name} WHERE place <= {limit} ORDER BY place"
        ).fetchall()
        [(names,)] = connection.execute(f"SELECT count(*) FROM names_of_{name}").fetchall()
        found["others"][name] = max(names - limit, 0)
        others = [f"({names - limit:,} others)"] if names > limit else []
        if name == "path":
            found["channels"] = [shortened(channel) for _, channel, _ in rows] + others
            found["subchannels"] = [shortened(subchannel or "(none)") for _, _, subchannel in rows] + others
        else:
            found[f"{name}s"] = [shortened(label) for label, _, _ in rows] + others
    for name in ("marketing_touch_type", "verdict"):
        rows = connection.execute(f"SELECT DISTINCT {name} FROM explored ORDER BY 1").fetchall()
        found[f"{name}s"] = [value for (value,) in rows]
    order = "ORDER BY path, marketing_touch_type, verdict, campaign, keyword, page, day"
    codes = [*DIMENSIONS, "day", "touches", "calls"]
    selected = connection.execute(
        f"""
        SELECT
            {", ".join(f"list({code} {order})" for code in codes)},
            list(list_position({_texts(found["marketing_touch_types"])}, marketing_touch_type) - 1 {order}),
            list(list_position({_texts(found["verdicts"])}, verdict) - 1 {order})
        FROM explored
        """
    ).fetchall()[0]
    found["rows"] = dict(zip([*codes, "type", "verdict"], (column or [] for column in selected), strict=True))
    # Most rows have no money.
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE paid AS SELECT row_number() OVER ({order}) - 1 AS row, {', '.join(MONEY)}"
        " FROM explored"
    )
    money = connection.execute(
        f"""
        SELECT list(row ORDER BY row), {", ".join(f"list({name} ORDER BY row)" for name in MONEY)}
        FROM paid
        WHERE {" OR ".join(f"{name} <> 0" for name in MONEY)}
        """
    ).fetchall()[0]
    found["money"] = dict(zip(["row", *MONEY], (column or [] for column in money), strict=True))
    return found


def _texts(values: list[str]) -> str:
    return "[" + ", ".join("'" + value.replace("'", "''") + "'" for value in values) + "]::varchar[]"


def quality(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """Calls by day and verdict, those without a touch too. A call without a time belongs to no day."""
    return connection.execute(
        """
        SELECT call_date - DATE '1970-01-01', verdict, cast(sum(calls) AS bigint)
        FROM rpt_match_quality_daily
        WHERE call_date IS NOT NULL
        GROUP BY ALL
        ORDER BY ALL
        """
    ).fetchall()


def costs(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """Costs (in micros) and calls by day and channel; the channels with the least costs are one."""
    rows = connection.execute(
        f"""
        WITH days AS ({COSTS}),

        channels AS (
            SELECT channel, row_number() OVER (ORDER BY sum(cost) DESC, channel) AS place
            FROM days
            GROUP BY channel
        )

        SELECT
            day - DATE '1970-01-01',
            CASE
                WHEN place <= {MOST_COSTLY} THEN channel
                ELSE format('({{:,}} others)', (SELECT count(*) FROM channels) - {MOST_COSTLY})
            END AS named,
            cast(sum(cost) * 1000000 AS bigint),
            cast(sum(calls) AS bigint)
        FROM days INNER JOIN channels USING (channel)
        GROUP BY day, named
        ORDER BY day, named
        """
    ).fetchall()
    return [(day, shortened(channel), micros, calls) for day, channel, micros, calls in rows]


def calls_to_report(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """The newest calls with a finding, and how many there are. Nothing that identifies a person."""
    rows = connection.execute(
        f"""
        SELECT
            called_at::date - DATE '1970-01-01',
            coalesce(strftime(called_at, '%Y-%m-%d %H:%M'), ''),
            finding, crm_task_id, other_crm_task_id, provider, provider_call_id, explanation
        FROM ({TO_REPORT})
        ORDER BY called_at DESC NULLS LAST, finding, crm_task_id, provider_call_id
        LIMIT {MOST_CALLS}
        """
    ).fetchall()
    [(count,)] = connection.execute(f"SELECT count(*) FROM ({TO_REPORT})").fetchall()
    return {
        "all": count,
        "rows": [[shortened(value) if isinstance(value, str) else value for value in row] for row in rows],
    }


def shortened(text: str) -> str:
    """What a page can show of a name, which can have any length and any character."""
    text = "".join(
        "\N{REPLACEMENT CHARACTER}" if _is_unprintable(character) else character
        for character in text[: LONGEST_NAME + 1]
    )
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1]}…"


def _is_unprintable(character: str) -> bool:
    return (
        (character < " " and character not in "\t\n\r")
        or "\ud800" <= character <= "\udfff"
        or character in "\ufffe\uffff"
    )
