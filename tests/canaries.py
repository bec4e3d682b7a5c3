"""Secrets and personal data that a test plants, and every form in which they could come out again."""

import base64
from collections.abc import Iterable
from urllib.parse import quote

PERSONAL = ("jane.doe@canary.example", "+12065550142")


def forms(canaries: Iterable[str]) -> set[str]:
    """Each canary as it is, in base64 at every offset, percent-encoded, and in hexadecimal."""
    found: set[str] = set()
    for text in canaries:
        content = text.encode()
        # Inside a longer text, base64 depends on the position: the middle of each is stable.
        shifted = (base64.b64encode(b"x" * offset + content).decode().rstrip("=") for offset in range(3))
        found |= {text, content.hex(), quote(text, safe=""), *(form[4:-2] for form in shifted)}
    return found


def found_in(text: str, canaries: Iterable[str]) -> set[str]:
    """The forms of canaries that a text contains."""
    return {form for form in forms(canaries) if form in text}
