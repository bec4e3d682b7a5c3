"""Comparisons as text for a terminal, and as the table `rpt_changes` of the published file."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from orchestration.lib.build import history
from orchestration.lib.changes import publications
from orchestration.lib.changes.comparison import ROWS, Comparison, compare
from orchestration.lib.changes.publications import Made, attached
from orchestration.lib.errors import UserError, reason_of
from orchestration.lib.publish import list_versions
from orchestration.lib.publish.versions import current_version
from orchestration.lib.settings import Settings
from orchestration.lib.terminal import agreeing, counted, printable, table

CHANGES = {
    "version_before": ("BIGINT", "The version that readers saw before."),
    "channel_path": ("VARCHAR", "Channel path of the touches; null for touches without a channel."),
    "campaign_name": ("VARCHAR", "Their campaign; `(none)` if blank."),
    "model": ("VARCHAR", "Attribution model; null for calls and touches, which no model concerns."),
    "cause": ("VARCHAR", "`landed rows`, `rules`, or `both`; `explanation` names them."),
    "calls": ("BIGINT", "Change of the number of calls that count."),
    "touches": ("BIGINT", "Change of the number of touches."),
    "positions": ("BIGINT", "Change of the number of touches with a share of an opportunity."),
    "revenue": ("DECIMAL(18, 2)", "Change of the revenue of won opportunities."),
    "pipeline_revenue": ("DECIMAL(18, 2)", "Change of the revenue of open opportunities."),
    "explanation": ("VARCHAR", "The landed rows by table, and the changed rules."),
}
DESCRIPTION = (
    "One row per channel path, campaign, attribution model and cause: what the last publication changed. The sum over"
    " all causes is the difference of the two versions; `make compare` lists single rows."
)
# The model whose revenue the sentence of a preview names.
MODEL = "full_path"
LISTED = 20
LONGEST_RULE = 200
PLURALS = {"touchpoint": "touchpoints", "opportunity": "opportunities", "call": "calls"}


def write_changes(settings: Settings, file: Path, warn: Callable[[str], None]) -> None:
    """Writes `rpt_changes` into a version that nobody sees yet; empty if there is nothing to compare it with."""
    shown = current_version(settings.marts)
    with history.warehouse(settings) as con, attached(con, file, "after", read_only=False):
        publications.described_table(con, "rpt_changes", CHANGES, DESCRIPTION)
        try:
            if shown is None:
                return
            with attached(con, shown, "before"):
                if publications.has_table(con, "before", "publications"):
                    _insert(compare(con, settings))
        except Exception as error:
            # Whatever it is: a failed explanation must not prevent the publication.
            warn(f"Warning: rpt_changes is empty: the version before could not be compared ({reason_of(error)}).")


def _insert(comparison: Comparison) -> None:
    landed, rules = ", ".join(landed_summary(comparison)), "; ".join(rules_summary(comparison))
    comparison.con.execute(
        f"""
        INSERT INTO after.rpt_changes BY NAME
        SELECT
            $version AS version_before, *,
            CASE cause WHEN 'landed rows' THEN $landed WHEN 'rules' THEN $rules ELSE $landed || '; ' || $rules END
                AS explanation
        FROM ({comparison.changes()})
        """,
        {"version": comparison.before.version, "landed": landed, "rules": rules},
    )


def landed_summary(comparison: Comparison) -> list[str]:
    """Newly landed rows by table and kind of change."""
    found = comparison.con.execute(
        "SELECT table_name, change, count(*) FROM all_landed_rows GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    return [f"{count:,} {change} in {name}" for name, change, count in found]


def rules_summary(comparison: Comparison, listed: int = LISTED) -> list[str]:
    """The changed rules, shortened: an update of the project can change hundreds, and a seed can contain texts."""
    more = len(comparison.rules) - listed
    found = [str(rule) for rule in comparison.rules[:listed]]
    found = [text if len(text) <= LONGEST_RULE else f"{text[: LONGEST_RULE - 1]}…" for text in found]
    return found + ([f"and {counted(more, 'more change')}"] if more > 0 else [])


def chosen(settings: Settings, before: str | None, after: str | None) -> tuple[Path, Path] | None:
    """The two files that a user names, or else the shown version and the one before. None if there is only one."""
    seen = [version for version in list_versions(settings.marts) if version.is_unchanged]
    if not seen:
        raise UserError(f"Nothing is published at {settings.marts} yet. Run `make build` first.")
    shown = next((version.path for version in seen if version.is_shown), seen[-1].path)
    to = _file(settings, after) if after else shown
    if before:
        return _file(settings, before), to
    numbers = {version.path: version.entry.number for version in seen}
    if to not in numbers:
        return shown, to
    earlier = [one.path for one in seen if one.entry.number < numbers[to] and not one.entry.is_withdrawn]
    return (earlier[-1], to) if earlier else None


def _file(settings: Settings, name: str) -> Path:
    """A version by its number, a preview or a replay by its name."""
    marts = settings.marts
    for version in list_versions(marts):
        if name in (str(version.entry.number), f"{version.entry.number:06}", version.path.name):
            return version.path
    if name.split(".")[0] in ("preview", "replay") and "/" not in name:
        beside = marts.with_name(f"{marts.stem}.{name}{marts.suffix}")
        if beside.exists():
            return beside
    raise UserError(
        f"There is no version {name!r}. Allowed: a number of `make versions`, `preview`, or a replay such as"
        " `replay.2026-03-03`. A version whose marts were removed can be replayed first."
    )


def report(comparison: Comparison, listed: int = LISTED) -> str:
    """The whole comparison."""
    lines = [f"From {_name(comparison.before)} to {_name(comparison.after)}.", ""]
    lines += [f"  landed: {line}" for line in landed_summary(comparison)] or ["  landed: nothing"]
    lines += [f"  rule: {rule}" for rule in rules_summary(comparison, listed)] or ["  rules: no change"]
    for title, rows in (
        ("Calls and touches by channel", _by_channel(comparison)),
        ("Credit by channel, campaign and model", _credit(comparison)),
    ):
        lines += ["", title, "", *_listed(rows, listed)]
    for kind in ROWS:
        lines += _rows(comparison, kind, listed)
    # Names come from the web: a line break or a control sequence of the terminal would forge a line.
    return "\n".join(map(printable, [*lines, ""]))


def sentences(comparison: Comparison) -> Iterator[str]:
    """What an edited rule would move, in words."""
    moves = comparison.con.execute(comparison.moves(), {"model": MODEL}).fetchall()
    for before, after, touches, revenue in moves[:LISTED]:
        money = f" and {revenue:,.2f} of won revenue" if revenue else ""
        number = f"{touches:,} {agreeing(touches, 'touch', 'touches')}"
        yield printable(f"This would move {number}{money} from {before} to {after}.")
    if not moves:
        yield "No touch that both versions have would move to another channel."
    if any(revenue for *_, revenue in moves):
        yield f"(Won revenue in the {MODEL.replace('_', ' ')} model.)"


def _name(made: Made) -> str:
    return f"version {made.version}" if made.version else f"the {made.reason[0].lower()}{made.reason[1:]}"


def _by_channel(comparison: Comparison) -> tuple[list[str], list[tuple[Any, ...]]]:
    found = comparison.con.execute(
        f"""
        WITH before AS ({comparison.sums("before", "channel_path")}),
        after AS ({comparison.sums("after", "channel_path")}),
        changes AS (
            SELECT channel_path, cause, sum(calls) AS calls, sum(touches) AS touches
            FROM ({comparison.changes()}) WHERE model IS NULL GROUP BY ALL
        )
        SELECT
            channel_path, cause,
            coalesce(before.calls, 0), coalesce(after.calls, 0), changes.calls::BIGINT,
            coalesce(before.touches, 0), coalesce(after.touches, 0), changes.touches::BIGINT
        FROM changes
        LEFT JOIN before USING (channel_path)
        LEFT JOIN after USING (channel_path)
        ORDER BY ALL
        """
    ).fetchall()
    header = ["channel", "cause", "calls before", "after", "change", "touches before", "after", "change"]
    return header, found


def _credit(comparison: Comparison) -> tuple[list[str], list[tuple[Any, ...]]]:
    found = comparison.con.execute(
        f"""
        SELECT channel_path, campaign_name, model, cause, positions, revenue, pipeline_revenue
        FROM ({comparison.changes()})
        WHERE model IS NOT NULL
        ORDER BY abs(revenue) + abs(pipeline_revenue) DESC, channel_path, campaign_name, model, cause
        """
    ).fetchall()
    return ["channel", "campaign", "model", "cause", "positions", "revenue", "pipeline revenue"], found


def _listed(rows: tuple[list[str], list[tuple[Any, ...]]], listed: int) -> list[str]:
    header, found = rows
    if not found:
        return ["  no change"]
    more = len(found) - listed
    return table(header, found[:listed]) + (
        [f"  and {counted(more, 'more row')} (ROWS={len(found)})"] if more > 0 else []
    )


def _rows(comparison: Comparison, kind: str, listed: int) -> list[str]:
    relation = f"({comparison.rows(kind)})"
    con = comparison.con
    con.execute(f"CREATE OR REPLACE TEMP TABLE differing_rows AS FROM {relation}")
    [(count,)] = con.execute("SELECT count(*) FROM differing_rows").fetchall()
    lines = ["", f"{count:,} changed {agreeing(count, kind, PLURALS[kind])}", ""]
    for row in con.execute(
        "SELECT id, change, before, after, cause, component FROM differing_rows LIMIT ?", [listed]
    ).fetchall():
        lines += _row(comparison, *row)
    return lines + ([f"  and {count - listed:,} more (ROWS={count})"] if count > listed else [])


def _row(
    comparison: Comparison,
    id: str,
    change: str,
    before: str | None,
    after: str | None,
    cause: str,
    component: int | None,
) -> Iterator[str]:
    yield f"  {id} {change}: {cause}"
    was, now = json.loads(before or "{}"), json.loads(after or "{}")
    if change == "changed":
        for name in sorted(was.keys() | now.keys()):
            yield f"      {name}: {was.get(name, '(none)')} -> {now.get(name, '(none)')}"
    landed = comparison.landed(component)
    for name, row, file, kind, fields in landed[:LISTED]:
        edited = f" ({', '.join(fields)})" if fields else ""
        yield f"      {name} {row} {kind}{edited}, {file}"
    if len(landed) > LISTED:
        yield f"      and {len(landed) - LISTED:,} more landed rows"
