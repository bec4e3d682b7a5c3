"""A connection to one org: signs in, signs in again when the session ends, and explains errors in plain words."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceError,
    SalesforceExpiredSession,
    SalesforceResourceNotFound,
)

from orchestration.lib.sources.errors import NotFound, Refused, SignInRefused
from orchestration.lib.sources.http import RetrySession
from orchestration.lib.sources.salesforce.credentials import (
    CLIENT_ID,
    CLIENT_SECRET,
    DOMAIN,
    PRIVATE_KEY_FILE,
    USERNAME,
    Credentials,
)

T = TypeVar("T")

API_VERSION = "59.0"


class Org:
    """One org, through simple-salesforce, with a session that retries and counts API calls.

    The client's own bulk2 handlers keep a page in memory, sleep between polls, cannot resume at a locator and do not
    check the number of records that the server announces; `download` leaves deleted rows out. So bulk.py runs jobs
    through the client's generic REST calls and streams pages to disk.
    """

    def __init__(self, credentials: Credentials, session: RetrySession) -> None:
        self.session = session
        self._credentials = credentials
        self._client = self._sign_in()

    @property
    def calls(self) -> int:
        return self.session.calls

    @property
    def host(self) -> str:
        return self._client.sf_instance

    def get(self, path: str, **params: str) -> Any:
        return self._call(lambda client: client.restful(path, params=params))

    def post(self, path: str, body: dict[str, str]) -> Any:
        return self._call(lambda client: client.restful(path, method="POST", json=body))

    def stream(self, path: str, **params: str) -> requests.Response:
        """An open response whose body is not read yet."""

        def open_stream(client: Salesforce) -> requests.Response:
            response = client.session.get(
                client.base_url + path,
                headers={**client.headers, "Accept": "text/csv"},
                params=params,
                stream=True,
            )
            if response.status_code == 401:
                response.close()
                raise SalesforceExpiredSession(path, 401, path, b"")
            if response.status_code >= 300:
                raise _refused(_codes(_json(response)), path, response.status_code)
            return response

        return self._call(open_stream)

    def _call(self, use: Callable[[Salesforce], T]) -> T:
        try:
            try:
                return use(self._client)
            except SalesforceExpiredSession:
                self._client = self._sign_in()
                return use(self._client)
        except SalesforceError as error:
            failure = error
        # Raised outside the handler: the client's exception contains addresses and the server's whole answer.
        if isinstance(failure, SalesforceExpiredSession):
            raise SignInRefused(
                f"Salesforce ({self._credentials.domain}) ends each session immediately. Check the session "
                "settings and IP ranges of the connected app and of its user."
            )
        raise _refused(
            _codes(failure.content),
            failure.resource_name,
            404 if isinstance(failure, SalesforceResourceNotFound) else failure.status,
        )

    def _sign_in(self) -> Salesforce:
        given = self._credentials
        try:
            if given.private_key_file:
                return Salesforce(
                    username=given.username,
                    consumer_key=given.client_id,
                    privatekey_file=str(given.private_key_file),
                    domain=given.audience,
                    instance_url=given.domain,
                    version=API_VERSION,
                    session=self.session,
                    parse_float=Decimal,
                )
            return Salesforce(
                consumer_key=given.client_id,
                consumer_secret=given.client_secret,
                domain=given.domain,
                version=API_VERSION,
                session=self.session,
                parse_float=Decimal,
            )
        except SalesforceAuthenticationFailed as error:
            reason = f"{error.code}: {error.auth_message}" if error.auth_message else str(error.code)
        except ValueError:
            reason = f"the file of {PRIVATE_KEY_FILE} does not contain a private key in PEM form"
        to_check = f"{USERNAME}, {PRIVATE_KEY_FILE}" if given.private_key_file else CLIENT_SECRET
        raise SignInRefused(
            f"Salesforce ({given.domain}.salesforce.com) refuses the sign-in ({_scrub(reason, given)}). Check "
            f"{DOMAIN}, {CLIENT_ID} and {to_check}, and that the flow is switched on in the connected app, with its "
            "user set."
        )


def _scrub(text: str, credentials: Credentials) -> str:
    for secret in (credentials.client_secret, credentials.client_id):
        if secret:
            text = text.replace(secret, "***")
    return text[:300]


def _json(response: requests.Response) -> Any:
    try:
        return response.json()
    except (ValueError, requests.exceptions.RequestException):
        return None


def _codes(content: Any) -> tuple[str, str]:
    """Salesforce's error code and message: a list of objects, in every API."""
    first = content[0] if isinstance(content, list) and content else content
    if isinstance(first, dict):
        return str(first.get("errorCode", "")), str(first.get("message", ""))
    return "", ""


def _refused(error: tuple[str, str], what: str, status: int) -> Refused:
    code, message = error
    reason = f"{code}: {message[:300]}" if code else f"HTTP {status}"
    if code == "REQUEST_LIMIT_EXCEEDED":
        return Refused(
            "The org's API calls for today are used up (Setup, Company Information, API Requests). Nothing is lost: "
            "the next run resumes where this one stopped. A less frequent schedule needs fewer calls.",
            code,
        )
    if code == "API_DISABLED_FOR_ORG" or code == "API_CURRENTLY_DISABLED":
        return Refused(f"The API is switched off for this org or user ({reason}): give the user 'API Enabled'.", code)
    if status == 404 or code in ("NOT_FOUND", "INVALID_TYPE"):
        return NotFound(f"Salesforce has no {what}, or the user may not see it ({reason}).", code)
    return Refused(f"Salesforce refuses {what} ({reason}).", code)
