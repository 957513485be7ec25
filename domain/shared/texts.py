"""Texts and codes that people type: never empty where they are needed, and never without end."""

import re
from collections.abc import Iterable
from typing import TypeVar

from domain.shared.errors import Invalid

LINE_MAX = 200
PARAGRAPH_MAX = 4000
W = TypeVar("W")
_CODE = re.compile(r"[a-z][a-z0-9-]{0,39}")


class TextMissing(Invalid):
    """This text must not be empty."""

    code = "TEXT_MISSING"


class TextTooLong(Invalid):
    """This text is too long."""

    code = "TEXT_TOO_LONG"


def required(text: str, field: str, longest: int = LINE_MAX) -> str:
    """Return a text without blanks around it.

    Raises:
        TextMissing: nothing is left.
        TextTooLong: more than ``longest`` characters are.
    """
    stripped = optional(text, field, longest)
    if not stripped:
        raise TextMissing(path=(field,))
    return stripped


def optional(text: str, field: str, longest: int = LINE_MAX) -> str:
    """Return a text without blanks around it.

    Raises:
        TextTooLong: more than ``longest`` characters are left.
    """
    stripped = text.strip()
    if len(stripped) > longest:
        raise TextTooLong(path=(field,), longest=longest)
    return stripped


def distinct(words: Iterable[W]) -> tuple[W, ...]:
    """Return words in their order, each once."""
    return tuple(dict.fromkeys(words))


def is_code(text: str) -> bool:
    """Tell whether a text is a code: 1 to 40 lower-case letters, digits and hyphens, beginning with a letter."""
    return _CODE.fullmatch(text) is not None
