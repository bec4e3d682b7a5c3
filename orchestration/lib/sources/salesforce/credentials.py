"""The credentials for Salesforce: OAuth client credentials or JWT, from the environment."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.lib.sources.errors import LiveSourceError, SettingMissing
from orchestration.lib.sources.settings import budget

PREFIX = "CALL_ATTRIBUTION_SALESFORCE_"
DOMAIN, CLIENT_ID, CLIENT_SECRET = PREFIX + "DOMAIN", PREFIX + "CLIENT_ID", PREFIX + "CLIENT_SECRET"
USERNAME, PRIVATE_KEY_FILE = PREFIX + "USERNAME", PREFIX + "PRIVATE_KEY_FILE"
INSTANCE = PREFIX + "INSTANCE"
API_BUDGET = PREFIX + "API_BUDGET"
# A first extraction of five million Tasks takes about 200 calls, an hourly run 60 to 80.
DEFAULT_API_BUDGET = 1000
HOST_NAME = r"[a-z0-9][a-z0-9.-]*"
# Domains on which only Salesforce can give out names. The last one is its platform in China.
OF_SALESFORCE = ("salesforce.com", "force.com", "salesforce.mil", "sfcrmproducts.cn")


@dataclass(frozen=True)
class Credentials:
    """Everything needed to sign in. Secrets are never printed."""

    domain: str  # the org's address, without .salesforce.com
    client_id: str = field(repr=False)
    client_secret: str | None = field(default=None, repr=False)
    username: str | None = None
    private_key_file: Path | None = None
    instance: str | None = None  # a host that may get the token although it is not Salesforce's
    api_budget: int = DEFAULT_API_BUDGET

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Credentials | None":
        """None if Salesforce is not configured at all; an incomplete configuration is an error."""
        values = {
            name: environ.get(name, "").strip()
            for name in (DOMAIN, CLIENT_ID, CLIENT_SECRET, USERNAME, PRIVATE_KEY_FILE, INSTANCE)
        }
        if not any(values.values()):
            return None
        is_jwt = bool(values[USERNAME] or values[PRIVATE_KEY_FILE])
        wanted = [DOMAIN, CLIENT_ID, *((USERNAME, PRIVATE_KEY_FILE) if is_jwt else (CLIENT_SECRET,))]
        missing = [name for name in wanted if not values[name]]
        if missing:
            raise SettingMissing("Salesforce", missing)
        key_file = Path(values[PRIVATE_KEY_FILE]).expanduser() if is_jwt else None
        if key_file and not key_file.is_file():
            raise LiveSourceError(f"{PRIVATE_KEY_FILE} names {key_file}, which does not exist.")
        return cls(
            domain=_domain(values[DOMAIN], is_jwt),
            client_id=values[CLIENT_ID],
            client_secret=None if is_jwt else values[CLIENT_SECRET],
            username=values[USERNAME] or None if is_jwt else None,
            private_key_file=key_file,
            instance=_host(values[INSTANCE]),
            api_budget=budget(environ, API_BUDGET, DEFAULT_API_BUDGET),
        )

    @property
    def host(self) -> str:
        """The host that signs in."""
        return self.domain if is_of_salesforce(self.domain) else f"{self.domain}.salesforce.com"

    @property
    def audience(self) -> str:
        """The audience of a JWT: production or sandbox, whatever the org's address."""
        name = "test" if self.domain == "test" or ".sandbox" in self.domain else "login"
        return f"https://{name}.salesforce.com"


def is_of_salesforce(host: str) -> bool:
    return re.fullmatch(HOST_NAME, host) is not None and host.endswith(tuple(f".{domain}" for domain in OF_SALESFORCE))


def _domain(value: str, is_jwt: bool) -> str:
    """`acme.my` from any form of the org's address."""
    domain = re.sub(r"^https?://", "", value.lower()).split("/")[0].removesuffix(".salesforce.com")
    if not re.fullmatch(HOST_NAME, domain):
        raise LiveSourceError(f"{DOMAIN} is {value!r}. Allowed: the org's address, such as acme.my.salesforce.com.")
    if domain in ("login", "test") and not is_jwt:
        raise LiveSourceError(
            f"{DOMAIN} is {value!r}, but client credentials only work at the org's own address (Setup, My Domain), "
            "such as acme.my.salesforce.com."
        )
    return domain


def _host(value: str) -> str | None:
    host = value.lower()
    if host and not re.fullmatch(HOST_NAME, host):
        raise LiveSourceError(f"{INSTANCE} is {value!r}. Allowed: a host name, such as crm.acme.com.")
    return host or None
