"""Running stand-ins, and clients that find them and do not wait."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from orchestration.lib.landing.contract import SourceTable, read_sources
from orchestration.lib.settings import PROJECT_DIR
from orchestration.lib.sources.http import Answer, Clock, RetrySession
from orchestration.lib.sources.salesforce.credentials import Credentials
from orchestration.lib.sources.salesforce.org import Org
from tests.live.salesforce_org import CLIENT_ID, CLIENT_SECRET, HOST, SalesforceOrg
from tests.live.standin import StandIn

CREDENTIALS = Credentials(domain="acme.my", client_id=CLIENT_ID, client_secret=CLIENT_SECRET)


class Killed(BaseException):
    """The process dies."""


class KilledSession(RetrySession):
    """Dies instead of making its n-th request."""

    kill_at: int | None = None

    def _once(self, *args: Any, **kwargs: Any) -> Answer:
        if self.calls == self.kill_at:
            raise Killed
        return super()._once(*args, **kwargs)


class Waits(list[float]):
    """A clock's sleep that notes how long it was asked to wait."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """The server of a test module; its apps are put in by the tests."""
    hosts = [
        HOST,
        "login.salesforce.com",
        "api.calltrackingmetrics.com",
        "api.callrail.com",
        "acme.invoca.net",
        "hooks.slack.com",
    ]
    server = StandIn(tmp_path_factory.mktemp("standin"), dict.fromkeys(hosts, SalesforceOrg()))
    with pytest.MonkeyPatch.context() as patch, server.running():
        patch.setenv("REQUESTS_CA_BUNDLE", str(server.ca_file))
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            patch.delenv(name, raising=False)
            patch.delenv(name.lower(), raising=False)
        yield server


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def clock(waits: Waits) -> Clock:
    return Clock(sleep=waits, now=lambda: datetime(2026, 1, 1, tzinfo=UTC), jitter=lambda: 1.0)


@pytest.fixture
def sf(standin: StandIn) -> SalesforceOrg:
    """An org with a Task object that has all that the contract names."""
    standin.reset()
    org = SalesforceOrg()
    for table in salesforce_tables().values():
        org.add_object(table.name, [column.name for column in table.columns])
    standin.apps[HOST] = standin.apps["login.salesforce.com"] = org
    return org


@pytest.fixture
def connect(sf: SalesforceOrg, clock: Clock) -> Callable[..., Org]:
    def build(credentials: Credentials = CREDENTIALS, budget: int = 1000) -> Org:
        session = KilledSession("Salesforce", budget, "CALL_ATTRIBUTION_SALESFORCE_API_BUDGET", clock)
        return Org(credentials, session)

    return build


@pytest.fixture
def landing_dir(tmp_path: Path) -> Path:
    return tmp_path / "landing"


def salesforce_tables() -> dict[str, SourceTable]:
    return {table.name: table for table in read_sources(PROJECT_DIR) if table.source == "salesforce"}


@pytest.fixture
def task() -> SourceTable:
    return salesforce_tables()["Task"]
