"""How single values are read: text, ids, times, numbers and addresses of web pages."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from urllib.parse import unquote_plus

# The characters with the Unicode property White_Space (R1.1).
WHITE_SPACE = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))

# How exports write a null.
WORDS_FOR_NULL = {"null", "none", "nan", "undefined", "#n/a", "(null)"}

SUFFIX_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def text(value: object) -> str | None:
    """R1.1: text without the white space around it; blank means none."""
    if value is None:
        return None
    return str(value).strip(WHITE_SPACE) or None


def cookie_id(value: object) -> str | None:
    """R1.1: trimmed, lower case, one leading `v_` removed; blank or a word for null means none."""
    trimmed = text(value)
    if trimmed is None:
        return None
    name = trimmed.lower().removeprefix("v_")
    return None if name in WORDS_FOR_NULL else text(name)


def is_wellformed_cookie_id(value: object, pattern: str) -> bool:
    """R1.1: the id, as compared, has the form of the variable."""
    return re.fullmatch(pattern, cookie_id(value) or "") is not None


def salesforce_id(value: object) -> str | None:
    """R1.1: an id of 15 characters gets its three check characters; any other stays as it is."""
    identifier = text(value)
    if identifier is None or len(identifier) != 15:
        return identifier
    suffix = ""
    for start in (0, 5, 10):
        five = identifier[start : start + 5]
        bits = sum(1 << position for position, character in enumerate(five) if "A" <= character <= "Z")
        suffix += SUFFIX_ALPHABET[bits]
    return identifier + suffix


def email(value: object) -> str | None:
    """R5.1: a person is an email address, lower-cased and trimmed."""
    trimmed = text(value)
    return trimmed.lower() if trimmed else None


def boolean(value: object) -> bool:
    """A flag of a source; blank means no."""
    return (text(value) or "").lower() in {"true", "t", "yes", "y", "1", "1.0"}


TIME_OF_DAY = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,6})\d*)?\s*(Z|[+-]\d{2}:?\d{2}|[+-]\d{2})?"
)


def timestamp(value: object) -> datetime | None:
    """Every time is UTC. A date without a time of day is not a time."""
    written = text(value)
    if written is None:
        return None
    if re.fullmatch(r"\d{10}(\d{3})?(\.\d+)?", written):  # epoch seconds or milliseconds
        number = Decimal(written)
        seconds = number / 1000 if len(written.split(".")[0]) == 13 else number
        return datetime(1970, 1, 1) + timedelta(microseconds=int(seconds * 1_000_000))
    match = TIME_OF_DAY.fullmatch(written)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        local = datetime(
            int(year), int(month), int(day), int(hour), int(minute), int(second), int((fraction or "").ljust(6, "0"))
        )
    except ValueError:
        return None
    if zone is None or zone == "Z":
        return local
    digits = zone[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return local - offset if zone[0] == "+" else local + offset


def day(value: object) -> date | None:
    """A date; of a time, its day in UTC."""
    written = text(value)
    if written is None:
        return None
    moment = timestamp(written)
    if moment is not None:
        return moment.date()
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def moment(value: object) -> datetime | None:
    """A time, or the midnight of a day without one."""
    on = day(value)
    return timestamp(value) or (datetime.combine(on, time()) if on else None)


def number(value: object) -> Decimal | None:
    written = text(value)
    if written is None:
        return None
    try:
        return Decimal(written)
    except InvalidOperation:
        return None


def without_query(url: str | None) -> str | None:
    """A page without query and fragment."""
    if url is None:
        return None
    return text(re.split(r"[?#]", url, maxsplit=1)[0])


def without_scheme(url: str) -> str:
    return re.sub(r"^[A-Za-z][A-Za-z0-9+.-]*://", "", url)


def page(url: str | None) -> str | None:
    """A page as Marketo Measure prints it: without scheme, query and fragment."""
    bare = without_query(url)
    return text(without_scheme(bare)) if bare else None


def authority(url: str) -> str:
    """What follows the scheme, up to the path."""
    return re.split(r"[/?#]", url, maxsplit=1)[0]


def without_user_info(url: str | None) -> str | None:
    """R2: user info is never published."""
    if url is None:
        return None
    match = re.match(r"([A-Za-z][A-Za-z0-9+.-]*:)?//", url)
    scheme = match[0] if match else ""
    rest = url.removeprefix(scheme)
    named = authority(rest)
    return scheme + named.rsplit("@", 1)[-1] + rest.removeprefix(named)


def referrer(url: str | None) -> str | None:
    """R2: an address of another kind than the web's or an Android app's counts as no referrer."""
    if url is None or (re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", url) and not is_absolute(url)):
        return None
    return without_user_info(url)


def is_absolute(url: str) -> bool:
    return url.lower().startswith(("http://", "https://", "android-app://"))


def host(url: str | None) -> str | None:
    """R2: the lower-case host of an absolute address: no user info, port or brackets."""
    if url is None or not is_absolute(url):
        return None
    name = authority(url.split("://", 1)[1]).rsplit("@", 1)[-1].lower()
    return text(name[1:].split("]")[0] if name.startswith("[") else name.split(":")[0])


def site_host(site: str | None) -> str | None:
    """The host of a page or a site that may be written without a scheme."""
    if site is None or "://" in site:
        return host(site)
    if site.count(":") > 1 and re.fullmatch(r"[0-9a-fA-F:.]+", site):
        return site.lower()
    if re.fullmatch(r"([^@:]*@)?(\[[^]]*\]|[^:@]*)(:[0-9]*)?", authority(site)):
        return host(f"https://{site}")
    return None


def query_parts(url: str | None) -> list[tuple[str, str | None]]:
    """The parameters of query and fragment in order: names lower-case and trimmed, both decoded (`+` is a space)."""
    if url is None:
        return []
    before, _, fragment = url.partition("#")
    queries = [before.partition("?")[2]]
    for part in fragment.split("#"):
        route, mark, rest = part.partition("?")
        queries.append(rest if mark and "=" not in route and "&" not in route else part)
    pairs = (part.partition("=") for query in queries for part in query.split("&"))
    return [(parameter_name(name), text(unquote_plus(value))) for name, _, value in pairs]


def parameter_name(name: str) -> str:
    """Decoded; an HTML page may have written `&` as `&amp;`."""
    return re.sub("^((amp|38);)+", "", (text(unquote_plus(name)) or "").lower())


def parameters(url: str | None) -> dict[str, str]:
    """The parameters that have a value; of several with one name the first one counts."""
    found: dict[str, str] = {}
    for name, value in query_parts(url):
        if name and value is not None:
            found.setdefault(name, value)
    return found


def parameter_names(url: str | None) -> set[str]:
    """The names of all parameters, whether they have a value or not (R3.3)."""
    return {name for name, _ in query_parts(url)}


def host_matches(pattern: str, host: str) -> bool:
    """R3.2: `.*` at the end of a pattern is a public suffix: `com`, `co.uk`."""
    if not pattern.endswith(".*"):
        return matches_pattern(pattern, host)
    suffix = re.search(r"(?<=.)\.((co|com|net|org|or|ne|ac|edu|gov)\.[a-z]{2}|[a-z]+)$", host)
    return suffix is not None and matches_pattern(pattern.removesuffix(".*"), host[: suffix.start()])


def matches_pattern(pattern: str, value: str) -> bool:
    """R3.1: `*x*` contains, `x*` starts with, `*x` ends with, no star is equality; case does not matter."""
    wanted, given = pattern.lower(), value.lower()
    if wanted.startswith("*") and wanted.endswith("*"):
        return wanted.strip("*") in given
    if wanted.endswith("*"):
        return given.startswith(wanted[:-1])
    if wanted.startswith("*"):
        return given.endswith(wanted[1:])
    return given == wanted
