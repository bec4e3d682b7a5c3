"""Iceberg's library for the tests: what PyPI has of it, made whole.

The one package that brings the jar left out Iceberg's copies of Jackson's classes, which read and write its metadata.
The copies are Jackson under another name, so they are made here of Spark's own: in a class every name is a text of its
constant pool. The jar that Apache Iceberg publishes is whole and needs none of this.
"""

import struct
import zipfile
from importlib.util import find_spec
from pathlib import Path

NAME = b"com/fasterxml/jackson"
COPIED_NAME = b"org/apache/iceberg/shaded/" + NAME
# Bytes that follow a constant's tag; a text's depend on the text.
_SIZES = {3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4, 15: 3, 16: 2, 17: 4, 18: 4, 19: 2, 20: 2}
_TEXT, _LONG, _DOUBLE = 1, 5, 6


def _folder(package: str) -> Path:
    found = find_spec(package)
    assert found and found.origin
    return Path(found.origin).parent / "jars"


def jars(folder: Path) -> list[Path]:
    """The jars that Spark needs for Iceberg; the one that has to be made is made in the folder."""
    [runtime] = _folder("snowpark_connect_deps_iceberg").glob("iceberg-spark-runtime-3.5_2.12-*.jar")
    made = folder / "iceberg-jackson.jar"
    with zipfile.ZipFile(made, "w") as copy:
        for part in ("core", "annotations", "databind"):
            [jar] = _folder("pyspark").glob(f"jackson-{part}-2*.jar")
            with zipfile.ZipFile(jar) as original:
                for name in original.namelist():
                    if name.startswith(NAME.decode()) and name.endswith(".class"):
                        copy.writestr(renamed(name.encode()).decode(), _class_renamed(original.read(name)))
    return [runtime, made]


def renamed(text: bytes) -> bytes:
    for separator in (b"/", b"."):
        text = text.replace(NAME.replace(b"/", separator), COPIED_NAME.replace(b"/", separator))
    return text


def _class_renamed(data: bytes) -> bytes:
    """A class file in which every name of Jackson's is the copy's."""
    count, position, constant = struct.unpack_from(">H", data, 8)[0], 10, 1
    pool = bytearray(data[:position])
    while constant < count:
        tag = data[position]
        if tag == _TEXT:
            end = position + 3 + struct.unpack_from(">H", data, position + 1)[0]
            text = renamed(data[position + 3 : end])
            pool += struct.pack(">BH", tag, len(text)) + text
        else:
            end = position + 1 + _SIZES[tag]
            pool += data[position:end]
        # These two take up two places.
        constant += 2 if tag in (_LONG, _DOUBLE) else 1
        position = end
    return bytes(pool) + data[position:]
