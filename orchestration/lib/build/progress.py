"""What a user sees while a command runs."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from orchestration.lib.build.dbt import NodeResult

SLOW_SECONDS = 5.0
BETWEEN_LINES_SECONDS = 3.0


class NodeProgress:
    """Reports a dbt build: warnings and slow nodes at once, counts every few seconds (and at the end of the run)."""

    def __init__(self, report: Callable[[str], None], manifest: Mapping[str, Any]) -> None:
        self._report = report
        self._nodes = manifest["nodes"]
        self._all = Counter(_kind(node["resource_type"]) for node in manifest["nodes"].values())
        self._done: Counter[str] = Counter()
        self._last_line = time.monotonic()

    def __call__(self, node: NodeResult) -> None:
        # Nodes that failed or were skipped for lack of memory run again.
        self._done[_kind(node.resource_type)] += not node.failed and node.status != "skipped"
        if node.failed:
            self._report(f"{node.resource_type} {node.name} failed")
        elif node.warned:
            self._report(f"Warning: {node.resource_type} {node.name}: {self._warning(node)}")
        elif node.seconds >= SLOW_SECONDS:
            self._report(f"{node.name} took {node.seconds:.1f} s")
        if time.monotonic() - self._last_line >= BETWEEN_LINES_SECONDS:
            self._last_line = time.monotonic()
            done = (f"{self._done[kind]} of {total} {kind}s" for kind, total in sorted(self._all.items()))
            self._report(f"dbt: {', '.join(done)}")

    def _warning(self, node: NodeResult) -> str:
        """The test's own text (`warning` in its meta), else dbt's message."""
        config = self._nodes.get(node.unique_id, {}).get("config") or {}
        return (config.get("meta") or {}).get("warning") or node.message


def _kind(resource_type: str) -> str:
    return "test" if resource_type == "test" else "table"
