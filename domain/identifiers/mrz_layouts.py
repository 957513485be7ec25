"""Where the fields of a machine-readable zone stand: ICAO Doc 9303, parts 4 to 7."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Form = Literal["TD1", "TD2", "TD3", "MRV-A", "MRV-B"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The fields of one form, as places in its lines joined to one text. A field's check digit follows it.

    Attributes:
        optional: the optional data; the first holds the end of a long document number.
        long_numbers: whether a document number may go on in the optional data.
        optional_checked: whether the optional data has a check digit.
        composite: what the composite check digit covers; it follows the last. Empty when there is none.
    """

    form: Form
    names: slice
    number: slice
    nationality: slice
    birth: slice
    sex: int
    expiry: slice
    optional: tuple[slice, ...]
    long_numbers: bool
    optional_checked: bool
    composite: tuple[slice, ...]


def layout_of(lines: tuple[str, ...]) -> Layout | None:
    """Return the layout for lines of these lengths; None when no form has them."""
    widths = tuple(map(len, lines))
    return (_VISAS if lines and lines[0].startswith("V") else _DOCUMENTS).get(widths)


def _two_lines(form: Form, width: int, *, optional: int, composite: bool) -> Layout:
    def second(start: int, end: int) -> slice:
        return slice(width + start, width + end)

    return Layout(
        form=form,
        names=slice(5, width),
        number=second(0, 9),
        nationality=second(10, 13),
        birth=second(13, 19),
        sex=width + 20,
        expiry=second(21, 27),
        optional=(second(28, 28 + optional),),
        long_numbers=form == "TD2",
        optional_checked=form == "TD3",
        composite=(second(0, 10), second(13, 20), second(21, width - 1)) if composite else (),
    )


_TD1 = Layout(
    form="TD1",
    names=slice(60, 90),
    number=slice(5, 14),
    nationality=slice(45, 48),
    birth=slice(30, 36),
    sex=37,
    expiry=slice(38, 44),
    optional=(slice(15, 30), slice(48, 59)),
    long_numbers=True,
    optional_checked=False,
    composite=(slice(5, 37), slice(38, 45), slice(48, 59)),
)
_DOCUMENTS: Mapping[tuple[int, ...], Layout] = {
    (30, 30, 30): _TD1,
    (36, 36): _two_lines("TD2", 36, optional=7, composite=True),
    (44, 44): _two_lines("TD3", 44, optional=14, composite=True),
}
_VISAS: Mapping[tuple[int, ...], Layout] = {
    (36, 36): _two_lines("MRV-B", 36, optional=8, composite=False),
    (44, 44): _two_lines("MRV-A", 44, optional=16, composite=False),
}
