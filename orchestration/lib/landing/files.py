"""The files of the landing folder: their names, whether they are known, and their bytes."""

import codecs
import gzip
import hashlib
import os
import re
import stat
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import IO

from orchestration.lib.errors import reason_of
from orchestration.lib.landing.contract import SourceTable
from orchestration.lib.landing.errors import LandingError
from orchestration.lib.settings import LIMITS_AS_SHIPPED, LandingLimits, Settings
from orchestration.lib.terminal import agreeing, counted

FORMATS = {
    ".csv": "csv",
    ".csv.gz": "csv",
    ".parquet": "parquet",
    ".jsonl": "jsonl",
    ".jsonl.gz": "jsonl",
}
# Of tables whose files can come without a header. Snowplow's loaders name them as they like.
TSV_FORMATS = FORMATS | dict.fromkeys((".tsv", ".tsv.gz", ".txt", ".txt.gz", ".gz"), "tsv")
UNFINISHED = (".tmp", ".part")
JSON_ADVICE = "Rename a file that has one JSON object per line to .jsonl; rewrite an array with `jq -c '.[]'`."
CHUNK = 1 << 24

# What files begin with that are not text. Exports are renamed, and compressed a second time.
GZIP = b"\x1f\x8b"
NOT_TEXT = {
    GZIP: "gzip",
    b"\x28\xb5\x2f\xfd": "Zstandard",
    b"PK\x03\x04": "ZIP",
    b"BZh91AY&SY": "bzip2",
    b"\xfd7zXZ\x00": "XZ",
    b"PAR1": "Parquet",
}

# A file that changes within the clock's grain after it was hashed can keep its time stamp (git calls such an entry
# racy): the time stamp is believed only when it was older than this by then.
SETTLED_NS = 2_000_000_000


@dataclass(frozen=True)
class Stamp:
    """What the file system knows about a file. Two equal stamps mean the same content."""

    size: int
    mtime_ns: int
    ctime_ns: int

    def is_settled(self, hashed_at_ns: int) -> bool:
        return max(self.mtime_ns, self.ctime_ns) <= hashed_at_ns - SETTLED_NS


@dataclass(frozen=True)
class SourceFile:
    """A file of a table's folder. `name` is its path below the landing directory, with slashes."""

    path: Path
    name: str
    format: str
    is_gzip: bool
    stamp: Stamp
    limits: LandingLimits

    @property
    def is_empty(self) -> bool:
        return self.stamp.size == 0

    @property
    def pattern(self) -> str:
        """The path for DuckDB's readers, which would read * ? [ in a name as a pattern."""
        return "".join(f"[{c}]" if c in "*?[" else c for c in str(self.path))


def find_files(
    table: SourceTable, landing_dir: Path, limits: LandingLimits = LIMITS_AS_SHIPPED
) -> tuple[list[SourceFile], list[str]]:
    """The files of a table by name, and warnings about other files in its folder."""
    files: list[SourceFile] = []
    foreign: list[str] = []
    links: list[str] = []
    for path in visible_files(table, landing_dir, lambda path: links.append(_name(path, landing_dir))):
        name = _name(path, landing_dir)
        if not _is_utf8(name):
            raise LandingError(f"{name}: the file's name is not UTF-8. Rename the file.")
        suffix = suffix_of(path, table)
        if suffix is None:
            foreign.append(name)
            continue
        stamp = _stamp(path, name)
        if stamp is not None:
            files.append(SourceFile(path, name, TSV_FORMATS[suffix], suffix.endswith(".gz"), stamp, limits))
    return sorted(files, key=lambda file: file.name), [*_about_foreign(sorted(foreign)), *_about_links(sorted(links))]


def _about_foreign(names: list[str]) -> list[str]:
    """One warning, however many files there are."""
    if not names:
        return []
    more = f" and {counted(len(names) - 1, 'more file')}" if len(names) > 1 else ""
    are_not = agreeing(len(names), "is not", "are not")
    warning = f"{names[0]}{more} {are_not} read: landing reads {', '.join('*' + suffix for suffix in FORMATS)}."
    if any(name.lower().endswith((".json", ".json.gz")) for name in names):
        warning += f" {JSON_ADVICE}"
    return [warning]


def _about_links(names: list[str]) -> list[str]:
    """One warning, however many links there are."""
    if not names:
        return []
    more = f" and {counted(len(names) - 1, 'more link')}" if len(names) > 1 else ""
    lead = agreeing(len(names), "leads out of the landing folder and is", "lead out of the landing folder and are")
    return [
        f"{names[0]}{more} {lead} not followed. Put the files here, or name their folder in"
        " CALL_ATTRIBUTION_LANDING_LINKS."
    ]


def suffix_of(path: PurePath, table: SourceTable) -> str | None:
    """The suffix by which landing knows the format of a file; None if it does not read such files."""
    lower = path.name.lower()
    formats = TSV_FORMATS if table.tsv_columns else FORMATS
    return next((suffix for suffix in sorted(formats, key=len, reverse=True) if lower.endswith(suffix)), None)


def visible_files(
    table: SourceTable, landing_dir: Path, on_outside: Callable[[Path], None] = lambda path: None
) -> Iterator[Path]:
    """Every visible file of a table's folder. `_` marks folders that a writer still works in.

    Links are followed within the landing folder and the folders that a setting names. Otherwise anyone who can write
    here could land any file of the machine.
    """
    roots = [os.path.realpath(folder) for folder in (landing_dir, *Settings.current().landing_links)]

    def leads_out(path: str | Path) -> bool:
        real = os.path.realpath(path)
        return not any(real == root or real.startswith(f"{root.rstrip(os.sep)}{os.sep}") for root in roots)

    def complain(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            raise LandingError(f"{error.filename} cannot be listed: {error.strerror}. Allow reading it.") from error

    seen = set()
    for parent, folders, names in os.walk(landing_dir / table.source / table.name, onerror=complain, followlinks=True):
        real = os.path.realpath(parent)
        if real in seen:  # a link to a folder above
            folders.clear()
            continue
        seen.add(real)
        if leads_out(parent):
            on_outside(Path(parent))
            folders.clear()
            continue
        folders[:] = [name for name in folders if not name.startswith((".", "_")) and not _is_unfinished(name)]
        for name in names:
            path = Path(parent) / name
            if name.startswith(".") or _is_unfinished(name):
                continue
            if path.is_symlink() and leads_out(path):
                on_outside(path)
            else:
                yield path


def _name(path: Path, landing_dir: Path) -> str:
    return path.relative_to(landing_dir).as_posix()


def _is_unfinished(name: str) -> bool:
    return name.lower().endswith(UNFINISHED)


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _stamp(path: Path, name: str) -> Stamp | None:
    """None for a file that was removed since the folder was listed."""
    try:
        status = path.stat()
    except FileNotFoundError as error:
        if path.is_symlink():
            raise LandingError(f"{name} is a link to a missing file. Remove the link, or restore the file.") from error
        return None
    except OSError as error:
        raise _unreadable(name, error) from error
    if not stat.S_ISREG(status.st_mode):
        raise LandingError(f"{name} is not a regular file. Remove it.")
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _unreadable(name: str, error: OSError) -> LandingError:
    if isinstance(error, FileNotFoundError):
        return changed(name)
    return LandingError(f"{name} cannot be read: {reason_of(error)}. Allow reading it, or remove it.")


def changed(name: str) -> LandingError:
    return LandingError(
        f"{name} changed or disappeared while it was read, so none of it was landed. Write files under a name that "
        "ends in .part and rename them when they are complete."
    )


def check_unchanged(file: SourceFile) -> None:
    """Raises if the file has changed since it was found: what was read may be half of the old and half of the new
    one."""
    if _stamp(file.path, file.name) != file.stamp:
        raise changed(file.name)


def sha256(file: SourceFile) -> str:
    """Identity of the file's content, read in one pass."""
    try:
        with open(file.path, "rb", buffering=0) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(file.name, error) from error


def _open(file: SourceFile) -> IO[bytes]:
    return gzip.open(file.path) if file.is_gzip else open(file.path, "rb", buffering=0)  # type: ignore[return-value]


def _chunks(file: SourceFile) -> Iterator[bytes]:
    """The uncompressed bytes. A truncated gzip file is an error here; DuckDB would read it as a complete file."""
    limits = file.limits
    size = line = blank = 0
    try:
        _check_gzip(file)
        with _open(file) as stream:
            # No chunk is longer than a record may be, so only lines that cross its ends can be.
            while chunk := stream.read(min(CHUNK, limits.record_bytes)):
                if not size:
                    _check_text(file, chunk)
                size += len(chunk)
                end = chunk.find(b"\n")
                line += len(chunk) if end < 0 else end
                # Blank lines in a row are part of one quoted value, or nothing at all.
                blank = 0 if chunk.strip(b"\r\n") else blank + len(chunk)
                if size > limits.file_bytes:
                    raise too_large(file, "has more than", limits.file_bytes, "FILE_SIZE")
                if max(line, blank) > limits.record_bytes:
                    raise too_large(file, "has a line or a gap of more than", limits.record_bytes, "RECORD_SIZE")
                if end >= 0:
                    line = len(chunk) - chunk.rfind(b"\n") - 1
                yield chunk
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise LandingError(
            f"{file.name} is a truncated gzip file, probably an interrupted upload. Copy the whole file there again, "
            "or remove it."
        ) from error
    except OSError as error:
        raise _unreadable(file.name, error) from error


_UNITS = {"COLUMNS": "columns", "LINES": "lines or rows", "QUARANTINED": "records that cannot be used"}


def _check_gzip(file: SourceFile) -> None:
    if not file.is_gzip:
        return
    with open(file.path, "rb") as stream:
        start = stream.read(len(GZIP))
    if not GZIP.startswith(start):
        raise LandingError(
            f"{file.name} is not compressed with gzip. Compress it, rename it if it is not compressed at all, or remove"
            " it."
        )


def _check_text(file: SourceFile, start: bytes) -> None:
    for mark, kind in NOT_TEXT.items():
        if start.startswith(mark):
            raise LandingError(
                f"{file.name} contains {kind} data and not text. Decompress it, rename it if landing reads "
                f"such files ({', '.join('*' + suffix for suffix in FORMATS)}), or remove it."
            )


def too_large(file: SourceFile, what: str, limit: int, setting: str) -> LandingError:
    unit = _UNITS.get(setting, "bytes")
    return LandingError(
        f"{file.name} {what} {limit:,} {unit}, the limit (CALL_ATTRIBUTION_MAX_{setting}). Correct or remove the file, "
        "or raise the limit."
    )


def count_lines(file: SourceFile) -> int:
    """Physical lines, counted as editors do: a last line needs no line break."""
    lines, last = 0, b"\n"
    for chunk in _chunks(file):
        lines += chunk.count(b"\n")
        check_lines(file, lines)
        last = chunk[-1:]
    return lines + (last != b"\n")


def check_lines(file: SourceFile, lines: int) -> None:
    """Raises if a file has too many lines, or makes too many rows. Short ones need little space and much time."""
    limit = file.limits.lines
    if lines > limit:
        raise too_large(file, "has more than", limit, "LINES")


def line_blocks(file: SourceFile) -> Iterator[tuple[int, str, list[int]]]:
    """The file's text in blocks of whole lines, each with the number of the line before it.

    A byte-order mark is left out. The last line break of a block is left out too. The list has the numbers of the lines
    with bytes that are not UTF-8, which the text shows as \\xe9.
    """
    before, pending = 0, []
    for chunk in _chunks(file):
        end = chunk.rfind(b"\n")
        if end < 0:
            pending.append(chunk)
            continue
        block = b"".join([*pending, chunk[:end]])
        pending = [chunk[end + 1 :]]
        yield before, *_decode(file, block, before)
        before += block.count(b"\n") + 1
    if block := b"".join(pending):
        yield before, *_decode(file, block, before)


# Half an emoji, as systems write it that cut texts by length, costs one character and not the record: half a pair of
# surrogates, or the first bytes of a character. A single byte could be a letter of another encoding, so it would be a
# guess; it becomes a surrogate, which no decoded text has.
_LENIENT = "lenient"
_HALF_A_PAIR = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_STRAY_BYTE = re.compile("[\udc80-\udcff]")


def _decode_leniently(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    half = _HALF_A_PAIR.match(error.object, error.start)
    if half or error.end - error.start > 1:
        return "\ufffd", half.end() if half else error.end
    return chr(0xDC00 + error.object[error.start]), error.end


codecs.register_error(_LENIENT, _decode_leniently)


def _decode(file: SourceFile, block: bytes, before: int) -> tuple[str, list[int]]:
    # Without a mark, the first letter of a header in UTF-16 has a zero beside it.
    if before == 0 and (block[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) or block[:2].count(0) == 1):
        raise LandingError(f"{file.name} is UTF-16. Save or export it as UTF-8, or remove it.")
    text = block.decode("utf-8-sig" if before == 0 else "utf-8", _LENIENT)
    if text.isascii() or not _STRAY_BYTE.search(text):
        return text, []
    broken = [number for number, line in enumerate(text.split("\n"), before + 1) if _STRAY_BYTE.search(line)]
    return _STRAY_BYTE.sub(lambda found: f"\\x{ord(found[0]) - 0xDC00:02x}", text), broken


def check_encoding(file: SourceFile, broken: int, unbroken: int, total: int, first: int) -> None:
    """Raises if a file seems to be in another encoding: losing its records one by one would hide that.

    `broken` of its `total` records are not UTF-8, `unbroken` have characters beyond ASCII and are.
    """
    if broken > max(1, unbroken, total // 10):
        raise LandingError(
            f"{file.name} is not UTF-8: {broken:,} of {counted(total, 'record')} have other bytes, the first in line "
            f"{first:,}. It seems to be in another encoding, such as Windows-1252 or ISO 8859-1. Save or export it as "
            "UTF-8, or remove it."
        )


def first_lines(file: SourceFile) -> Iterator[str]:
    """The file's lines from the top, with their line breaks: enough for a header."""
    for _, block, _ in line_blocks(file):
        yield from (line + "\n" for line in block.split("\n"))
