"""One client for all providers: it retries, counts API calls and keeps secrets out of messages."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestration.lib.sources.errors import Refused, SignInRefused
from orchestration.lib.sources.http import RetrySession


@dataclass(frozen=True)
class Client:
    """Sends requests to one host. Its headers contain the credentials and are never printed."""

    name: str
    host: str
    headers: Mapping[str, str] = field(repr=False)
    settings: tuple[str, ...]  # what to check when the credentials are refused
    session: RetrySession = field(repr=False)

    def get(self, path: str, params: Mapping[str, str]) -> Any:
        """The JSON answer. Credentials go to this host only, in headers: addresses end up in logs."""
        response = self.session.get(
            f"https://{self.host}{path}", params=dict(params), headers=dict(self.headers), allow_redirects=False
        )
        if response.status_code in (401, 403):
            raise SignInRefused(
                f"{self.name} refuses the credentials (HTTP {response.status_code}). Check {', '.join(self.settings)}, "
                "and that they may read the account's calls."
            )
        if response.status_code != 200:
            raise Refused(
                f"{self.name} refuses {path} (HTTP {response.status_code}: {response.text[:200]!r}).",
                str(response.status_code),
            )
        try:
            return response.json()
        except json.JSONDecodeError:
            pass
        raise Refused(f"{self.name} answered {path} with a body that is not JSON.")
