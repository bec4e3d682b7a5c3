"""One client for all providers: it retries, counts API calls and keeps secrets out of messages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from orchestration.lib.sources.answers import read_answer
from orchestration.lib.sources.errors import Refused, SignInRefused
from orchestration.lib.sources.http import Pages, RetrySession

T = TypeVar("T")


@dataclass(frozen=True)
class Client:
    """Sends requests to one host. Its headers contain the credentials and are never printed."""

    name: str
    host: str
    headers: Mapping[str, str] = field(repr=False)
    settings: tuple[str, ...]  # what to check when the credentials are refused
    session: RetrySession = field(repr=False)

    def get(self, path: str, params: Mapping[str, str], expected: type[T]) -> T:
        """The answer. Credentials go to this host only, in headers: addresses end up in logs."""
        answer = self.session.request(
            "GET", f"https://{self.host}{path}", params=dict(params), headers=dict(self.headers)
        )
        if answer.status in (401, 403):
            raise SignInRefused(
                f"{self.name} refuses the credentials (HTTP {answer.status}). Check {', '.join(self.settings)}, "
                "and that they may read the account's calls."
            )
        if answer.status != 200:
            raise Refused(
                f"{self.name} refuses {path} (HTTP {answer.status}). Check {', '.join(self.settings)}. If they are "
                "right, ask the provider's support about this request.",
                str(answer.status),
            )
        return read_answer(expected, answer, self.name, path)

    def pages(self) -> Pages:
        return self.session.pages()
