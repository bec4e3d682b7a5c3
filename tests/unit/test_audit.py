"""`make audit`: vulnerable, not vulnerable, and not known are three outcomes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.lib.settings import PROJECT_DIR

# What pip-audit does: it ends with 1 if it finds something, and also if it cannot look.
PIP_AUDIT = """
import sys
assert "--strict" in sys.argv
lock = open(sys.argv[-1]).read()
if "bad" in lock:
    print("Name Version ID\\nbad 1.0 CVE-1")
    sys.exit("Found 1 known vulnerability in 1 package")
if "offline" in lock:
    sys.exit("ERROR:pip_audit:Could not connect to PyPI's vulnerability feed")
print("No known vulnerabilities found", file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("locks", "code", "said"),
    [
        (["good"], 0, "good: no known vulnerability."),
        (["good", "bad"], 1, "bad 1.0 CVE-1"),
        (["offline", "good"], 3, "offline: not checked, because the database of vulnerabilities cannot be read"),
        (["bad", "offline"], 1, "offline: not checked"),
    ],
)
def test_the_outcome_of_an_audit(tmp_path: Path, locks: list[str], code: int, said: str) -> None:
    (tmp_path / "pip_audit.py").write_text(PIP_AUDIT)
    for lock in locks:
        (tmp_path / lock).write_text(lock)
    done = subprocess.run(
        [sys.executable, str(PROJECT_DIR / "scripts" / "audit.py"), *locks],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == code
    assert said in done.stdout + done.stderr
