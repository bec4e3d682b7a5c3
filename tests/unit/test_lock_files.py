"""The lock files: an installation must not depend on what was released since."""

import re

import pytest

from tests.harness import PROJECT_DIR

PIN = re.compile(r"^([a-z0-9._-]+)(\[[a-z0-9, _-]+\])?==([^ ;]+)", re.MULTILINE | re.IGNORECASE)
LOCK_FILES = sorted(path.name for path in PROJECT_DIR.glob("requirements*.lock"))


@pytest.mark.parametrize("name", LOCK_FILES)
def test_pins_with_extras_are_also_pinned_without_them(name: str) -> None:
    """Otherwise pip takes the newest version where the name alone is required, and refuses it as not pinned."""
    pins = PIN.findall((PROJECT_DIR / name).read_text(encoding="utf-8"))
    assert len(pins) > 5
    assert {(package, version) for package, _, version in pins} == {
        (package, version) for package, extras, version in pins if not extras
    }
