"""Alerts: a message to a webhook (in Slack's format) or by email.

An alert contains names of jobs, steps and assets, times and counts: no error text and no content of any row.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import duckdb

from orchestration.lib import mail
from orchestration.lib.errors import UserError, reason_of
from orchestration.lib.settings import SettingsError
from orchestration.lib.sources.errors import LiveSourceError
from orchestration.lib.sources.http import Clock, RetrySession

PREFIX = "CALL_ATTRIBUTION_ALERT_"
WEBHOOK, EMAIL, SENDER, SMTP = PREFIX + "WEBHOOK", PREFIX + "EMAIL", PREFIX + "SENDER", PREFIX + "SMTP"
SUBJECT = "Call attribution"
DAY = timedelta(days=1)


class AlertError(UserError):
    """An alert cannot be sent. The message contains neither the address, which is a secret, nor a server's text."""


@dataclass(frozen=True)
class Alerts:
    """Where alerts go."""

    webhook: str | None = field(default=None, repr=False)
    recipients: tuple[str, ...] = ()
    sender: str = ""
    smtp: SplitResult | None = field(default=None, repr=False)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Alerts | None":
        """None if neither a webhook nor an email address is set."""
        values = {name: environ.get(name, "").strip() for name in (WEBHOOK, EMAIL, SENDER, SMTP)}
        recipients = tuple(part.strip() for part in values[EMAIL].split(",") if part.strip())
        if not values[WEBHOOK] and not recipients:
            return None
        # The values are secrets, so the errors do not show them.
        if values[WEBHOOK] and not _is_address(values[WEBHOOK], ("https",)):
            raise SettingsError(WEBHOOK, "***", "an address that begins with https://")
        for name in (EMAIL, SENDER):
            if not values[name].isprintable():
                raise SettingsError(name, "***", "addresses in one line, separated by commas")
        if recipients and not _is_address(values[SMTP], ("smtp", "smtps")):
            raise SettingsError(SMTP, "***", "smtps://user:password@host:465 or smtp://host:25")
        return cls(
            webhook=values[WEBHOOK] or None,
            recipients=recipients,
            sender=values[SENDER] or next(iter(recipients), ""),
            smtp=urlsplit(values[SMTP]) if recipients else None,
        )

    def send(self, lines: Iterable[str], clock: Clock | None = None) -> list[str]:
        """Sends one message to every configured place, and returns what failed.

        Raises AlertError if no place accepted it: the same message is sent again then.
        """
        text = "\n".join(lines)
        failures: list[str] = []
        if self.webhook:
            try:
                self._post(text, clock)
            except AlertError as failure:
                failures.append(str(failure))
            except LiveSourceError as failure:
                failures.append(f"The webhook for alerts cannot be used ({type(failure).__name__}). Check {WEBHOOK}.")
        if self.smtp:
            subject = f"{SUBJECT}: {text.splitlines()[0]}"
            if problem := mail.send(self.smtp, self.sender, self.recipients, subject, text):
                failures.append(
                    f"The mail server does not accept the alert ({problem}). Check {SMTP}, {SENDER} and {EMAIL}."
                )
        if len(failures) == bool(self.webhook) + bool(self.smtp):
            # Not in a handler: the exceptions behind it quote servers.
            raise AlertError(" ".join(failures))
        return failures

    def _post(self, text: str, clock: Clock | None) -> None:
        with RetrySession("The webhook for alerts", budget=10, budget_setting=WEBHOOK, clock=clock) as session:
            answer = session.request("POST", str(self.webhook), json={"text": f"{SUBJECT}: {text}"})
        if answer.status >= 300:
            raise AlertError(f"The webhook refuses the alert (HTTP {answer.status}). Check {WEBHOOK}.")


def _is_address(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def day_without_calls(marts: Path, now: datetime | None = None) -> str | None:
    """A line if the newest published call is more than a day old. Tasks that are not calls do not count."""
    if not marts.exists():
        return None
    try:
        with duckdb.connect(str(marts), read_only=True) as connection:
            # Years that Python's datetime cannot hold arrive as text. Marts of earlier versions can have them.
            query = "SELECT max(called_at) FROM fct_calls WHERE is_counted AND year(called_at) BETWEEN 1 AND 9999"
            newest = connection.execute(query).fetchall()[0][0]
    except duckdb.Error as error:
        return f"The published marts cannot be read: {reason_of(error)}. `make rollback` publishes an earlier version."
    if newest is None or (now or datetime.now(UTC)) - newest.replace(tzinfo=UTC) <= DAY:
        return None
    return (
        f"No call for more than a day: the newest one in the published marts began at {newest:%Y-%m-%d %H:%M} UTC. "
        "Check call tracking, its integration with Salesforce, and the export or extraction of Tasks."
    )
