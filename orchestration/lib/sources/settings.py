"""Settings that all live sources share."""

import re
from collections.abc import Mapping

from orchestration.lib.sources.errors import LiveSourceError


def budget(environ: Mapping[str, str], name: str, default: int) -> int:
    """The number of API calls that a run may make."""
    value = environ.get(name, "").strip() or str(default)
    if not re.fullmatch(r"[1-9]\d{0,6}", value):
        raise LiveSourceError(f"{name} is {value!r}. Allowed: a whole number from 1 to 9999999.")
    return int(value)
