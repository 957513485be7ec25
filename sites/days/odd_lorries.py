"""What is planted on lorries of a day: each kind of anomaly in a function that makes a lorry odd and says how."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from sites.days.lorry import Lorry, plate
from sites.days.terminal import INBOUND, LONGEST, OUTBOUND, SCALES


def _place(lorry: Lorry, *codes: str) -> int:
    return next(place for place, stay in enumerate(lorry.stays) if stay.checkpoint in codes)


def _skip(lorry: Lorry) -> None:
    del lorry.stays[_place(lorry, "xray")]
    lorry.odd = ("skipped:xray",)


def _leave(lorry: Lorry) -> None:
    del lorry.stays[_place(lorry, "desk")]
    lorry.odd = ("skipped:desk", f"left_without_release:{lorry.stays[-1].checkpoint}")


def _swap(lorry: Lorry) -> None:
    xray, desk = _place(lorry, "xray"), _place(lorry, "desk")
    first, second = sorted((xray, desk))
    lorry.stays[first], lorry.stays[second] = lorry.stays[second], lorry.stays[first]
    lorry.odd = (f"out_of_order:{lorry.stays[second].checkpoint}",)


def _dawdle(lorry: Lorry) -> None:
    place = _place(lorry, "scale-road")
    lorry.stays[place].after = LONGEST + timedelta(minutes=15)
    lorry.odd = (f"too_slow:{lorry.stays[place - 1].checkpoint}",)


def _vanish(lorry: Lorry) -> None:
    del lorry.stays[_place(lorry, "road") + 1 :]
    lorry.odd = ("too_slow:road",)


def _turn(lorry: Lorry) -> None:
    back = INBOUND if lorry.stays[0].direction == OUTBOUND else OUTBOUND
    del lorry.stays[3:]
    lorry.stays += [replace(stay, direction=back) for stay in (lorry.stays[1], lorry.stays[0])]
    lorry.odd = (f"turned_back:{lorry.stays[1].checkpoint}",)


def _unload(lorry: Lorry) -> None:
    scales = [stay for stay in lorry.stays if stay.checkpoint in SCALES]
    scales[-1].kg -= 4_000
    lorry.odd = (f"weight_changed:{scales[-1].checkpoint}",)


def _other_trailer(lorry: Lorry) -> None:
    for stay in lorry.stays[-3:]:
        stay.trailer = plate("WN", lorry.number)
    lorry.odd = (f"trailer_changed:{lorry.stays[-3].checkpoint}",)


def _other_tractor(lorry: Lorry) -> None:
    lorry.stays[-1].tractor = plate("WT", lorry.number)
    lorry.odd = (f"tractor_changed:{lorry.stays[-1].checkpoint}",)


ODD: Final[Sequence[Callable[[Lorry], None]]] = (
    _skip,
    _leave,
    _swap,
    _dawdle,
    _vanish,
    _turn,
    _unload,
    _other_trailer,
    _other_tractor,
)
