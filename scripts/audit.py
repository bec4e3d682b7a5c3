"""Looks up every package of the lock files in PyPI's database of known vulnerabilities, with pip-audit.

Ends with 0 if it finds none, 1 if it finds some, and 3 if the database cannot be read, so that nothing is known.
"""

import subprocess
import sys

FOUND, UNREADABLE = 1, 3
# Strict: a package that the database does not answer for is not called safe. With hashes, pip-audit reads the packages
# from the file and asks no index for them.
COMMAND = [
    sys.executable,
    "-m",
    "pip_audit",
    "--strict",
    "--require-hashes",
    "--disable-pip",
    "--progress-spinner=off",
    "-r",
]


def main(locks: list[str]) -> int:
    outcomes = [audit(lock) for lock in locks]
    return FOUND if FOUND in outcomes else max(outcomes, default=0)


def audit(lock: str) -> int:
    done = subprocess.run([*COMMAND, lock], capture_output=True, text=True)
    if done.returncode == 0:
        print(f"{lock}: no known vulnerability.")
        return 0
    # pip-audit ends with 1 in both cases, and prints only findings as a table.
    if done.stdout.strip():
        print(f"{lock}:\n{done.stdout.rstrip()}")
        return FOUND
    reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
    print(f"{lock}: not checked, because the database of vulnerabilities cannot be read ({reason}).", file=sys.stderr)
    return UNREADABLE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
