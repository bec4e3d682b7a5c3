"""Canaries: made-up personal data and secrets that tests plant, and every form in which they could come out again."""

import base64
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

PERSONAL = ("jane.doe@canary.example", "+12065550142")
CANARIES = (*PERSONAL, "CANARYKEY7Q2J9X4M", "canary-token-b64e7f1d90")
# All of them in one text, as a note about a person would contain them.
NOTE = " ".join(CANARIES)


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


def leaks(*written: str | bytes | Path, but: tuple[Path, ...] = ()) -> list[str]:
    """Which forms of canaries are in texts, files and folders; paths in `but` may contain them."""
    spellings = {form: {form.encode(), form.encode("utf-16-le")} for form in forms(CANARIES)}
    return [
        f"{form} in {name}"
        for name, content in _contents(written, but)
        for form, encoded in spellings.items()
        if any(one in content for one in encoded)
    ]


def _contents(written: tuple[str | bytes | Path, ...], but: tuple[Path, ...]) -> Iterator[tuple[str, bytes]]:
    for number, one in enumerate(written, 1):
        if not isinstance(one, Path):
            yield f"text {number}", one.encode() if isinstance(one, str) else one
            continue
        for path in [one] if one.is_file() else sorted(one.rglob("*")):
            if path.is_file() and not any(path.is_relative_to(allowed) for allowed in but):
                yield str(path), path.read_bytes()
