"""How the figures are drawn: Vega-Lite specifications, turned into SVG that follows the page's colours.

Colours are CSS variables, so that one picture serves light, dark and paper.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import altair as alt
import vl_convert

Rows = Sequence[dict[str, Any]]
Legend = tuple[tuple[str, str], ...]

INK, MUTED, LINE = "var(--ink)", "var(--muted)", "var(--line)"
BLUE, ORANGE, GREEN, GREY = "var(--blue)", "var(--orange)", "var(--green)", "var(--grey)"


@dataclass(frozen=True)
class Size:
    """The width of a picture. Text keeps its size, so phones get separate pictures."""

    width: int
    is_narrow: bool


ElementTree.register_namespace("", "http://www.w3.org/2000/svg")

WIDE = Size(900, False)
NARROW = Size(330, True)


def svg(chart: alt.TopLevelMixin) -> str:
    """The picture as SVG without ids, sizes and roles of its own: the page adds its description and width."""
    picture = ElementTree.fromstring(vl_convert.vegalite_to_svg(_styled(chart).to_dict()))
    for element in picture.iter():
        for name, value in list(element.attrib.items()):
            if name == "role" or name.startswith("aria-"):
                del element.attrib[name]
            else:
                element.set(name, re.sub(r"\d+\.\d{2,}", lambda number: f"{float(number[0]):.1f}", value))
    _, _, width, height = picture.attrib["viewBox"].split()
    picture.attrib.clear()
    for name, value in {
        "viewBox": f"0 0 {width} {height}",
        "style": f"max-width: {width}px",
        "focusable": "false",
        "aria-hidden": "true",
    }.items():
        picture.set(name, value)
    return ElementTree.tostring(picture, encoding="unicode")


def _styled(chart: Any) -> Any:
    return (
        chart.configure(font="system-ui, sans-serif", background="transparent")
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=INK, titleColor=MUTED, gridColor=LINE, domain=False, ticks=False, labelFontSize=13,
            titleFontSize=12, titleFontWeight="normal", labelPadding=6, labelLimit=150,
        )
        .configure_legend(disable=True)
        .configure_text(color=INK, fontSize=12, limit=600)
    )  # fmt: skip


def _data(rows: Rows) -> alt.Data:
    return alt.Data(values=[{name: _plain(value) for name, value in row.items()} for row in rows])


def _plain(value: Any) -> Any:
    """Pictures can round, because the table beside them has the exact numbers."""
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date | datetime) else value


def _short_day(value: datetime | str) -> str:
    return f"{value:%d %b %y}" if isinstance(value, datetime) else value


def _names(field: str, rows: Rows, **more: Any) -> alt.Y:
    """An axis of names in the order of the rows. Its width is fixed, and names are shortened to it."""
    order = list(dict.fromkeys(row[field] for row in rows))
    axis = alt.Axis(minExtent=158, maxExtent=158, labelLimit=_limit(158))
    return alt.Y(f"{field}:N", sort=order, title=None, axis=axis, **more)


def _limit(room: int) -> float:
    """The length at which a label in so much room is shortened: readers' fonts can be wider than the measured one."""
    return 0.75 * room


def _amounts(size: Size) -> alt.Axis:
    # Without the expression, the zero of an axis in millions is "0M".
    return alt.Axis(tickCount=4 if size.is_narrow else 6, labelExpr="format(datum.value, '~s')")


def _whole_numbers(most: float) -> alt.Axis:
    """An axis of counts. Few of them have no ticks between 0, 1 and 2."""
    return alt.Axis(tickCount=max(1, min(5, int(most))), format=",d")


def _colours(field: str, legend: Legend) -> alt.Color:
    return alt.Color(
        f"{field}:N", scale=alt.Scale(domain=[label for label, _ in legend], range=[colour for _, colour in legend])
    )


OUTCOMES: Legend = (
    ("matched to a session", BLUE),
    ("touchpoint of its own", GREEN),
    ("counted already", GREY),
    ("not usable", ORANGE),
)
SCENARIOS: Legend = (("without call tracking", GREY), ("with call tracking", BLUE))
ANCHORS: Legend = (("from the session's start", BLUE), ("from its last activity", ORANGE))
MATCHES: Legend = (("matched to a session", BLUE), ("not matched", ORANGE))
TOUCH_TYPES: Legend = (("Web Visit", GREY), ("Web Form", GREEN), ("Web Chat", ORANGE), ("Phone Call", BLUE))


# Beside the bars of a figure whose labels are above them, in pixels.
LABELS = 60


def won(rows: Rows, size: Size) -> Any:
    whole = [{**row, "revenue": round(row["revenue"])} for row in rows]
    bars, rest = _counted(whole, "touches", "revenue", size)
    return _of_height(alt.layer(bars.encode(color=alt.value(BLUE)), *rest), size, rows)


def verdicts(rows: Rows, size: Size) -> Any:
    bars, rest = _counted(rows, "title", "calls", size)
    return _of_height(alt.layer(bars.encode(color=_colours("outcome", OUTCOMES)), *rest), size, rows)


def to_raise(rows: Rows, size: Size) -> Any:
    bars, rest = _counted(rows, "finding", "findings", size)
    return _of_height(alt.layer(bars.encode(color=alt.value(ORANGE)), *rest), size, rows)


def impact(rows: Rows, size: Size) -> Any:
    order = [row["channel"] for row in rows]
    base = alt.Chart(_data(rows)).encode(y=alt.Y("channel:N", sort=order, axis=None))
    # Above the line, where long names fit.
    names = base.mark_text(align="left", dy=-14, fontSize=13, limit=_limit(size.width)).encode(
        text="channel:N", x=alt.value(0)
    )
    lines = base.mark_rule(strokeWidth=3, color=LINE).encode(
        x=alt.X("without_calls:Q", title="won revenue, full path", axis=_amounts(size)), x2="with_calls:Q"
    )
    points = [
        base.transform_calculate(scenario=f"'{label}'")
        .mark_point(filled=True, size=110, opacity=1)
        .encode(x=alt.X(f"{field}:Q"), color=_colours("scenario", SCENARIOS))
        for field, (label, _) in zip(("without_calls", "with_calls"), SCENARIOS, strict=True)
    ]
    return _of_height(alt.layer(lines, *points, names), size, rows)


def window(rows: Rows, size: Size) -> Any:
    labels = dict(zip(("session_start", "last_activity"), (label for label, _ in ANCHORS), strict=True))
    named = [{**row, "anchor": labels[row["anchor"]]} for row in rows]
    hours = "datum.value >= 60 ? datum.value / 60 + 'h' : datum.value"
    axis = alt.Axis(
        labelExpr=hours, labelAngle=0, labelOverlap=False, grid=False, labelFontSize=9 if size.is_narrow else 13
    )
    base = alt.Chart(_data(named)).encode(x=alt.X("window_minutes:O", title="window, minutes and hours (h)", axis=axis))
    lines = base.mark_line(point={"size": 45, "filled": True}, strokeWidth=2.5).encode(
        y=alt.Y("tied_calls:Q", title="matched calls", axis=_whole_numbers(max(row["tied_calls"] for row in rows))),
        color=_colours("anchor", ANCHORS),
    )
    in_force = base.transform_filter("datum.is_in_force").mark_rule(strokeDash=[4, 4], color=MUTED)
    return alt.layer(in_force, lines).properties(width=size.width - 60, height=240)


def quality(rows: Rows, size: Size) -> Any:
    share = (
        alt.Chart(_data(rows))
        .mark_line(strokeWidth=2.5, color=BLUE)
        .encode(
            x=_days(rows, size),
            y=alt.Y(
                "match_rate:Q",
                title="matched in 28 days, %",
                scale=alt.Scale(domain=[0, 100]),
                axis=alt.Axis(tickCount=5),
            ),
        )
        .properties(width=size.width - 60, height=130)
    )
    most = max(row["matched"] + row["not_matched"] for row in rows)
    days = (
        alt.Chart(_data(_long(rows, "call_date", ("matched", "not_matched"), MATCHES)))
        .mark_bar(width=max(0.6, min(8, (size.width - 60) / len(rows) - 0.5)))
        .encode(
            x=_days(rows, size),
            y=alt.Y("value:Q", title="calls a day", axis=_whole_numbers(most)),
            color=_colours("series", MATCHES),
        )
        .properties(width=size.width - 60, height=110)
    )
    # Few calls have no rate.
    return alt.vconcat(share, days, spacing=18) if any(row["match_rate"] is not None for row in rows) else days


def delay(rows: Rows, size: Size) -> Any:
    minutes = [float(row["longest_minutes"]) for row in rows]
    scale = alt.Scale(type="symlog", domain=[min(0, *minutes), max(1, *minutes)])
    axis = alt.Axis(values=[0, 1, 10, 60, 600, 1440, 10080], labelExpr="datum.value")
    return (
        alt.Chart(_data(rows))
        .mark_point(filled=True, size=28, color=ORANGE, opacity=0.85)
        .encode(
            x=_days(rows, size),
            y=alt.Y("longest_minutes:Q", title="minutes, longest of the day", scale=scale, axis=axis),
        )
        .properties(width=size.width - 60, height=180)
    )


def journey(rows: Rows, size: Size) -> Any:
    return _journey_down(rows, size) if size.is_narrow else _journey_across(rows, size)


def _journey_across(rows: Rows, size: Size) -> Any:
    """A timeline with a lane for every channel."""
    place = _names("channel", rows, scale=alt.Scale(type="point", padding=0.8))
    axis = alt.Axis(format="%d %b %y", tickCount=6, grid=False)
    base = alt.Chart(_data(rows)).encode(
        x=alt.X("touchpoint_date:T", title=None, scale=alt.Scale(type="utc", padding=40), axis=axis), y=place
    )
    line = base.mark_line(color=LINE, strokeWidth=2).encode(order="touchpoint_date:T")
    names = base.mark_text(dy=-22).encode(text="touchpoint_position:N")
    channels = len({row["channel"] for row in rows})
    return alt.layer(line, _touches(base), names).properties(width=size.width - 190, height=62 * channels + 30)


def _journey_down(rows: Rows, size: Size) -> Any:
    """One touch per line, because a phone has no space beside the dots."""
    listed = [
        {**row, "place": place, "label": f"{_short_day(row['touchpoint_date'])}, {row['channel']}"}
        for place, row in enumerate(rows)
    ]
    base = alt.Chart(_data(listed)).encode(
        y=alt.Y("place:O", axis=None, scale=alt.Scale(type="point", padding=0.6)), x=alt.value(18)
    )
    line = base.mark_line(color=LINE, strokeWidth=2).encode(order="place:O")
    room = {"align": "left", "dx": 24, "limit": _limit(size.width - 50)}
    when = base.mark_text(**room, dy=-8, fontSize=13).encode(text="label:N")
    names = base.mark_text(**room, dy=9, color=MUTED).encode(text="touchpoint_position:N")
    return alt.layer(line, _touches(base), when, names).properties(width=size.width - 20, height=54 * len(rows))


def _touches(base: alt.Chart) -> alt.Chart:
    return base.mark_point(filled=True, opacity=1).encode(
        size=alt.Size("full_path_percentage:Q", scale=alt.Scale(domain=[0, 100], range=[80, 900])),
        color=_colours("marketing_touch_type", TOUCH_TYPES),
    )


def _long(rows: Rows, key: str, fields: Sequence[str], legend: Legend) -> list[dict[str, Any]]:
    """One row for every field, named as the legend names it, in its order."""
    return [
        {key: row[key], "series": label, "value": row[field], "place": place}
        for row in rows
        for place, (field, (label, _)) in enumerate(zip(fields, legend, strict=True))
    ]


def _counted(rows: Rows, category: str, field: str, size: Size) -> tuple[Any, list[Any]]:
    """Bars with their number at the end. The label is above the bar, where long labels fit."""
    order = [row[category] for row in rows]
    scale = alt.Scale(paddingInner=0.62, paddingOuter=0.62)
    base = alt.Chart(_data(rows)).encode(y=alt.Y(f"{category}:N", sort=order, axis=None, scale=scale))
    # The number beside the longest bar is inside the picture too: 8 pixels per character, and a gap.
    largest = float(max(row[field] for row in rows) or 1)
    width = size.width - LABELS
    room = 8 * len(f"{largest:,.0f}") + 12
    longest = alt.Scale(nice=False, domainMax=largest * width / (width - room))
    bars = base.mark_bar().encode(x=alt.X(f"{field}:Q", axis=None, scale=longest))
    names = base.mark_text(align="left", dy=-17, fontSize=13).encode(text=f"{category}:N", x=alt.value(0))
    numbers = base.mark_text(align="left", dx=6, fontSize=13).encode(
        x=f"{field}:Q", text=alt.Text(f"{field}:Q", format=",")
    )
    return bars, [names, numbers]


def _of_height(chart: Any, size: Size, rows: Rows) -> Any:
    return chart.properties(width=size.width - LABELS, height=44 * len(rows))


def _days(rows: Rows, size: Size) -> alt.X:
    first, last = rows[0]["call_date"], rows[-1]["call_date"]
    ticks = 3 if size.is_narrow else 8
    axis: dict[str, Any] = {"format": "%b %Y", "tickCount": ticks}
    # Of some weeks, months would say too little, and Vega would label hours. Text: a day before the year 1.
    if not isinstance(first, str) and (days := (last - first).days + 1) <= 92:
        start = datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp() * 1000
        axis = {"format": "%d %b %y", "values": [start + day * 86_400_000 for day in range(0, days, -(-days // ticks))]}
    shown = alt.Axis(**axis, grid=False, title=None, labelOverlap="greedy", labelSeparation=24)
    return alt.X("call_date:T", axis=shown, scale=alt.Scale(type="utc"))
