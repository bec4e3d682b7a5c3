"""The log of a run for a user at a terminal. Dagster's own record of the run contains everything."""

import logging
import sys

import dagster as dg

from orchestration.lib.terminal import stamped


def _console(_: dg.InitLoggerContext) -> logging.Logger:
    logger = logging.Logger("console", level=logging.INFO)
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_Stamped())
    # Dagster's own events belong in its record, and an error is printed once, at the end.
    handler.addFilter(lambda record: record.levelno < logging.ERROR and not _is_dagsters(record))
    logger.addHandler(handler)
    return logger


console = dg.LoggerDefinition(_console, description="One line per message, with the time since the start.")


def _is_dagsters(record: logging.LogRecord) -> bool:
    meta = getattr(record, "dagster_meta", {})
    message = meta.get("orig_message") or ""
    # If there is nothing to build, Dagster reports every test as a missing output and skips all that depends on it.
    remark = "did not yield or return expected outputs" in message or message.startswith("Skipping step ")
    return remark or meta.get("dagster_event") is not None


class _Stamped(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        # Dagster puts the run's id before every message and keeps the original beside it.
        meta = getattr(record, "dagster_meta", {})
        return stamped(meta.get("orig_message") or record.getMessage())
