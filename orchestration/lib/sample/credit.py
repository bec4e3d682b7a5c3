"""The credit of a generated opportunity, computed from its printed positions in exact fractions (R8.1, R8.2). It does
not use the models: it reads the positions that a journey states and applies the rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

# Weights in percent, and the positions between which middle touches lie. Without a range, every touch up to the close.
MODELS: dict[str, tuple[dict[str, Fraction], Fraction, tuple[str, str] | None]] = {
    "first_touch": ({"FT": Fraction(100)}, Fraction(0), None),
    "lead_creation": ({"LC": Fraction(100)}, Fraction(0), None),
    "u_shaped": ({"FT": Fraction(40), "LC": Fraction(40)}, Fraction(20), ("FT", "LC")),
    "w_shaped": (dict.fromkeys(("FT", "LC", "OC"), Fraction(30)), Fraction(10), ("FT", "OC")),
    "full_path": (dict.fromkeys(("FT", "LC", "OC", "Closed"), Fraction(45, 2)), Fraction(10), None),
    "custom": (dict.fromkeys(("FT", "LC", "OC"), Fraction(30)), Fraction(10), None),
}
PERCENTAGE_SCALE = 12


def held(position: str) -> frozenset[str]:
    """The positions that a printed position lists; Pending means Closed (R7.2)."""
    parts = frozenset(part.strip() for part in position.split(","))
    return parts - {"Pending"} | {"Closed"} if "Pending" in parts else parts


def shares(positions: Sequence[str], model: str) -> list[Fraction]:
    """Each touch's share of 1; touches are in their order."""
    weights, middle_weight, between = MODELS[model]
    touches = [held(position) for position in positions]
    where = {name: number for number, touch in enumerate(touches) for name in touch - {"Form"}}
    live = [name for name in weights if name in where]
    result = [Fraction(0)] * len(touches)
    if not live:
        result[where["FT"]] = Fraction(1)
        return result

    total, live_total = sum(weights.values()), sum(weights[name] for name in live)
    for name in live:
        result[where[name]] += weights[name] * total / live_total

    candidates = range(len(touches))
    if between is not None:
        start, end = (where.get(name) for name in between)
        candidates = range(start + 1, end) if start is not None and end is not None else range(0)
    middle = [number for number in candidates if "Form" in touches[number] and not touches[number] & set(live)]
    for number in middle or [where[name] for name in live]:
        result[number] += middle_weight / len(middle or live)
    return [share / 100 for share in result]


def largest_remainder(fractions: Sequence[Fraction], total: int) -> list[int]:
    """Splits a whole number by exact fractions that add up to 1; ties go to the touch that comes first (R8.3)."""
    exact = [share * total for share in fractions]
    parts = [int(value) for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda number: (parts[number] - exact[number], number))
    for number in by_remainder[: total - sum(parts)]:
        parts[number] += 1
    return parts


def percentages(fractions: Sequence[Fraction]) -> list[str]:
    """The shares as percentages of twelve decimals that add up to exactly 100."""
    units = largest_remainder(fractions, 100 * 10**PERCENTAGE_SCALE)
    return [f"{unit // 10**PERCENTAGE_SCALE}.{unit % 10**PERCENTAGE_SCALE:012d}" for unit in units]
