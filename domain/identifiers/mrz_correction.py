"""Which one character of a machine-readable zone may have been misread: offered, never applied by itself."""

import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from domain.identifiers.look_alikes import look_alikes
from domain.identifiers.mrz import cleaned, travel_document
from domain.identifiers.mrz_layouts import Layout, layout_of

_ANY = string.digits + string.ascii_uppercase


@dataclass(frozen=True, slots=True, kw_only=True)
class MrzCorrection:
    """One character in place of another that is like it, with which all check digits hold.

    Attributes:
        line: from 0.
        place: in the line, from 0.
        was: the character that was read.
        becomes: the character that may have been there.
        lines: of the zone, with it.
    """

    line: int
    place: int
    was: str
    becomes: str
    lines: tuple[str, ...]


def correction(lines: Sequence[str], *, today: date) -> MrzCorrection | None:
    """Return the one look-alike with which the check digits hold that failed.

    Returns:
        None when all hold, when no single look-alike mends them, and when several would.

    Raises:
        MrzUnreadable, DocumentNumberUnreadable: as `travel_document`.
    """
    if not travel_document(lines, today=today).failed_checks:
        return None
    found = tuple(islice(_corrections(tuple(map(cleaned, lines)), today), 2))
    return found[0] if len(found) == 1 else None


def _corrections(lines: tuple[str, ...], today: date) -> Iterator[MrzCorrection]:
    layout = layout_of(lines)
    possible = _possible(layout) if layout else {}
    width = len(lines[0])
    for at, characters in sorted(possible.items()):
        line, place = divmod(at, width)
        was = lines[line][place]
        for becomes in look_alikes(was):
            corrected = f"{lines[line][:place]}{becomes}{lines[line][place + 1 :]}"
            tried = (*lines[:line], corrected, *lines[line + 1 :])
            if becomes in characters and not travel_document(tried, today=today).failed_checks:
                yield MrzCorrection(line=line, place=place, was=was, becomes=becomes, lines=tried)


def _possible(layout: Layout) -> Mapping[int, str]:
    """Return what may stand where check digits look: digits in dates and check digits, else anything."""
    any_character = (layout.number, *layout.optional)
    checked = (layout.number, *(layout.optional if layout.optional_checked else ()), *layout.composite[-1:])
    check_digits = (slice(part.stop, part.stop + 1) for part in checked)
    dates = (slice(part.start, part.stop + 1) for part in (layout.birth, layout.expiry))
    return {at: _ANY for part in any_character for at in range(part.start, part.stop)} | {
        at: string.digits for part in (*check_digits, *dates) for at in range(part.start, part.stop)
    }
