"""The one reader of all answers: JSON of a declared type, or one error of that source."""

import json
import re
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from orchestration.lib.sources.errors import WrongAnswer
from orchestration.lib.sources.http import Answer

T = TypeVar("T")

# A row of a list as the source wrote it. Not dict[str, Any]: pydantic refuses text that it cannot encode, and a lone
# surrogate in one row must not cost the page.
Row = dict

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
# int() of Python refuses longer numbers.
_LONGEST_NUMBER = 4000


def read_answer(
    expected: type[T], answer: Answer, source: str, what: str, parse_float: Callable[[str], Any] = float
) -> T:
    """The answer as the declared type. Pydantic's own message quotes the answer, so only its place is used."""
    try:
        return TypeAdapter(expected).validate_python(_parse(answer.body, parse_float))
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors(include_input=False, include_url=False)[0]["loc"])
        problem = f"{place or 'the whole answer'} is missing or has another type"
    except ValueError:
        problem = "it is not JSON"
    except RecursionError:
        problem = "it is nested too deeply"
    raise WrongAnswer(source, what, f"{problem} (HTTP {answer.status})")


def encoded(text: str) -> bytes:
    """UTF-8, with U+FFFD for half an emoji, which JSON allows and UTF-8 does not."""
    return _LONE_SURROGATE.sub("\ufffd", text).encode()


def _parse(body: bytes, parse_float: Callable[[str], Any]) -> Any:
    return json.loads(
        body.decode("utf-8-sig", "replace"),
        parse_float=parse_float,
        parse_int=lambda digits: int(digits) if len(digits) < _LONGEST_NUMBER else digits,
    )
