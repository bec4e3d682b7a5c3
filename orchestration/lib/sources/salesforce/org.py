"""A connection to one org: signs in, signs in again when the session ends, and explains errors in plain words."""

import base64
from decimal import Decimal
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import BaseModel, StringConstraints

from orchestration.lib.sources.answers import read_answer
from orchestration.lib.sources.errors import LiveSourceError, NotFound, Refused, SignInRefused, WrongAnswer
from orchestration.lib.sources.http import Answer, RetrySession, Save
from orchestration.lib.sources.salesforce.credentials import (
    CLIENT_ID,
    CLIENT_SECRET,
    DOMAIN,
    INSTANCE,
    PRIVATE_KEY_FILE,
    USERNAME,
    Credentials,
    is_of_salesforce,
)

T = TypeVar("T")

API_VERSION = "59.0"
SOURCE = "Salesforce"
TOKEN_PATH = "/services/oauth2/token"
# An assertion is used once, at once.
ASSERTION_SECONDS = 180

# Codes that help a user. Any other code is not shown, because a server can put anything in its place.
KNOWN_CODES = frozenset(
    {
        "API_CURRENTLY_DISABLED",
        "API_DISABLED_FOR_ORG",
        "EXCEEDED_ID_LIMIT",
        "FUNCTIONALITY_NOT_ENABLED",
        "INSUFFICIENT_ACCESS",
        "INVALIDENTITY",
        "INVALID_BATCH_SIZE",
        "INVALID_FIELD",
        "INVALID_JOB",
        "INVALID_LOCATOR",
        "INVALID_QUERY_LOCATOR",
        "INVALID_SESSION_ID",
        "INVALID_TYPE",
        "MALFORMED_QUERY",
        "METHOD_NOT_ALLOWED",
        "NOT_FOUND",
        "OPERATION_TOO_LARGE",
        "QUERY_TIMEOUT",
        "QUERY_TOO_COMPLICATED",
        "REQUEST_LIMIT_EXCEEDED",
        "SERVER_UNAVAILABLE",
        "UNKNOWN_EXCEPTION",
        "URL_NOT_RESET",
    }
)
# https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_flow_errors.htm
KNOWN_SIGN_IN_CODES = frozenset(
    {
        "app_not_found",
        "inactive_org",
        "inactive_user",
        "invalid_app_access",
        "invalid_client",
        "invalid_client_credentials",
        "invalid_client_id",
        "invalid_grant",
        "invalid_request",
        "invalid_scope",
        "rate_limit_exceeded",
        "unauthorized_client",
        "unsupported_grant_type",
    }
)


class Token(BaseModel):
    """The answer to a sign-in."""

    # It becomes a header, so no line breaks.
    access_token: Annotated[str, StringConstraints(pattern=r"^[!-~]+$")]
    instance_url: str


class SignInError(BaseModel):
    error: str


class ApiError(BaseModel):
    """Salesforce's error, in every API a list of these."""

    errorCode: str


class Org:
    """One org. Its session retries, counts API calls and bounds times and sizes."""

    def __init__(self, credentials: Credentials, session: RetrySession) -> None:
        self.session = session
        self._credentials = credentials
        self._token, self.host = self._sign_in()

    @property
    def calls(self) -> int:
        return self.session.calls

    def get(self, path: str, expected: type[T], **params: str) -> T:
        # A rate is exact: 0.1 stays 0.1.
        return read_answer(expected, self._call("GET", path, params=params), SOURCE, path, parse_float=Decimal)

    def post(self, path: str, expected: type[T], body: dict[str, str]) -> T:
        return read_answer(expected, self._call("POST", path, json=body), SOURCE, path)

    def download(self, path: str, save: Save, **params: str) -> None:
        """Passes the headers and the CSV body to `save`, which a broken connection calls again."""
        self._call("GET", path, params=params, save=save)

    def _call(self, method: str, path: str, save: Save | None = None, **arguments: object) -> Answer:
        url = f"https://{self.host}/services/data/v{API_VERSION}/{path}"
        for is_second in (False, True):
            headers = {"Authorization": f"Bearer {self._token}", "Accept": "text/csv" if save else "application/json"}
            answer = self.session.request(method, url, headers=headers, save=save, **arguments)
            if answer.status != 401:
                break
            if is_second:
                raise SignInRefused(
                    f"{SOURCE} ({self._credentials.host}) ends each session immediately. Check the session settings "
                    "and IP ranges of the connected app and of its user."
                )
            self._token, self.host = self._sign_in()
        if answer.status >= 300:
            raise _refused(_code(answer), path, answer.status)
        return answer

    def _sign_in(self) -> tuple[str, str]:
        """The access token, and the host that it is for."""
        given = self._credentials
        form, headers = {"grant_type": "client_credentials"}, {}
        if given.private_key_file:
            form = {
                "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
                "assertion": _assertion(given, int(self.session.clock.now().timestamp())),
            }
        else:
            pair = f"{given.client_id}:{given.client_secret}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        answer = self.session.request("POST", f"https://{given.host}{TOKEN_PATH}", data=form, headers=headers)
        if answer.status != 200:
            raise _sign_in_refused(given, answer)
        try:
            token = read_answer(Token, answer, f"{SOURCE} ({given.host})", "the sign-in")
        except WrongAnswer as failure:
            problem = str(failure)
        else:
            return token.access_token, _instance(token.instance_url, given)
        # It concerns every table.
        raise SignInRefused(problem)


def _assertion(given: Credentials, now: int) -> str:
    assert given.private_key_file is not None
    try:
        key = load_pem_private_key(given.private_key_file.read_bytes(), None)
        problem = "" if isinstance(key, RSAPrivateKey) else "is not an RSA key, the only kind that Salesforce accepts"
    except TypeError:
        key, problem = None, "is encrypted; write it without a passphrase: openssl pkey -in KEY -out FILE"
    except (ValueError, UnsupportedAlgorithm):
        key, problem = None, "contains no private key in PEM form"
    except OSError as failure:
        key, problem = None, f"cannot be read ({failure.strerror})"
    if problem or not isinstance(key, RSAPrivateKey):
        raise SignInRefused(f"The file of {PRIVATE_KEY_FILE} {problem}.")
    claims = {"iss": given.client_id, "sub": given.username, "aud": given.audience, "exp": now + ASSERTION_SECONDS}
    return jwt.encode(claims, key, algorithm="RS256")


def _instance(url: str, given: Credentials) -> str:
    """The host to which the token will be sent: Salesforce's, or the one that the user named."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    is_allowed = is_of_salesforce(host) or host in (given.host, given.instance)
    if parts.scheme != "https" or port not in (None, 443) or "@" in parts.netloc or not is_allowed:
        raise SignInRefused(
            f"{SOURCE} ({given.host}) names an instance that is not at https on a host of Salesforce. The run does not "
            f"connect to it. If the org has such an address of its own, set {INSTANCE} to that host name."
        )
    return host


def _sign_in_refused(given: Credentials, answer: Answer) -> LiveSourceError:
    reason = f"HTTP {answer.status}"
    if answer.status >= 400:
        try:
            code = read_answer(SignInError, answer, SOURCE, "the sign-in").error
        except WrongAnswer:
            code = ""
        if code in KNOWN_SIGN_IN_CODES:
            reason += f", {code}"
    else:
        reason += ", which is a redirect; a sign-in does not follow redirects" if answer.status >= 300 else ""
    to_check = f"{USERNAME}, {PRIVATE_KEY_FILE}" if given.private_key_file else CLIENT_SECRET
    return SignInRefused(
        f"{SOURCE} ({given.host}) refuses the sign-in ({reason}). Check {DOMAIN}, {CLIENT_ID} and {to_check}, that "
        "the flow is switched on in the connected app, with its user set, and that the user has approved the app or "
        "an administrator has pre-authorised it."
    )


def _code(answer: Answer) -> str:
    """The code of an error, if it is a known one."""
    try:
        errors = read_answer(list[ApiError], answer, SOURCE, "a request")
    except WrongAnswer:
        return ""
    return known_code(errors[0].errorCode) if errors else ""


def known_code(text: str) -> str:
    """The code at the start of a text, if it is a known one."""
    code = text.split(":")[0].strip()
    return code if code in KNOWN_CODES else ""


def _refused(code: str, what: str, status: int) -> Refused:
    reason = f"HTTP {status}" + (f", {code}" if code else "")
    if code == "REQUEST_LIMIT_EXCEEDED":
        return Refused(
            "The org's API calls for today are used up (Setup, Company Information, API Requests). Nothing is lost: "
            "the next run resumes where this one stopped. A less frequent schedule needs fewer calls.",
            code,
        )
    if code in ("API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED"):
        return Refused(f"The API is switched off for this org or user ({reason}): give the user 'API Enabled'.", code)
    if status == 404 or code in ("NOT_FOUND", "INVALID_TYPE"):
        return NotFound(f"{SOURCE} has no {what}, or the user may not see it ({reason}).", code)
    if status < 400:
        return Refused(f"{SOURCE} redirects {what} ({reason}), and no redirect is followed. Check {DOMAIN}.", code)
    return Refused(
        f"{SOURCE} refuses {what} ({reason}). Check the permissions of the user and of the connected app with "
        "`make check-salesforce`.",
        code,
    )
