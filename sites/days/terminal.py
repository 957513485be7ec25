"""The terminal of Koroszczyn: its checkpoints, the ways through it, and the devices at them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from domain.organisation.layout import Checkpoint, CheckpointKind, Leg, Requirement

SITE: Final = "koroszczyn"
OUTBOUND, INBOUND = "outbound", "inbound"
REQUIRED: Final = (Requirement(direction=OUTBOUND), Requirement(direction=INBOUND))

KINDS: Final[Mapping[str, CheckpointKind]] = {
    "pre-gate": CheckpointKind.PRE_GATE,
    "gate": CheckpointKind.GATE,
    "scale-1": CheckpointKind.WEIGHING,
    "scale-2": CheckpointKind.WEIGHING,
    "xray": CheckpointKind.XRAY,
    "desk": CheckpointKind.DESK,
    "special": CheckpointKind.SPECIAL_CONTROL,
    "road": CheckpointKind.CUSTOMS_ROAD,
    "scale-road": CheckpointKind.WEIGHING,
    "border": CheckpointKind.BORDER,
}
_OPTIONAL: Final = frozenset({"special"})
SCALES: Final = frozenset({"scale-1", "scale-2", "scale-road"})
REAR_ONLY: Final = frozenset({"xray"})
LONGEST: Final = timedelta(minutes=40)
_STEPS: Final = (
    ("pre-gate", "gate"),
    ("gate", "scale-1"),
    ("gate", "scale-2"),
    ("scale-1", "xray"),
    ("scale-2", "xray"),
    ("xray", "desk"),
    ("desk", "special"),
    ("desk", "road"),
    ("special", "road"),
    ("road", "scale-road"),
    ("scale-road", "border"),
)


def checkpoints() -> Sequence[Checkpoint]:
    """Return the checkpoints of the terminal: all but special control must be passed, of the two scales one."""
    return [
        Checkpoint(id=f"{SITE}-{code}", site=SITE, code=code, kind=kind, required=() if code in _OPTIONAL else REQUIRED)
        for code, kind in KINDS.items()
    ]


def legs() -> Sequence[Leg]:
    """Return the legs of both directions."""
    ways = ((OUTBOUND, _STEPS), (INBOUND, tuple((target, origin) for origin, target in _STEPS)))
    return [
        Leg(
            id=f"{SITE}-{direction}-{origin}-{target}",
            site=SITE,
            origin=origin,
            target=target,
            direction=direction,
            longest=LONGEST,
        )
        for direction, steps in ways
        for origin, target in steps
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A device at a checkpoint; ``view`` is ``front`` or ``rear``."""

    code: str
    checkpoint: str
    direction: str
    format: str
    view: str


def posts() -> Sequence[Post]:
    """Return the devices of each checkpoint and direction: a rear camera, mostly a front one, and at scales a scale."""
    found = []
    for checkpoint in KINDS:
        for direction in (OUTBOUND, INBOUND):
            kinds = [("rear", "plate_recognizer_stream", "rear")]
            kinds += [] if checkpoint in REAR_ONLY else [("front", "hikvision_isapi", "front")]
            kinds += [("scale", "dahua", "front")] if checkpoint in SCALES else []
            found += [
                Post(
                    code=post_code(checkpoint, direction, what),
                    checkpoint=checkpoint,
                    direction=direction,
                    format=form,
                    view=view,
                )
                for what, form, view in kinds
            ]
    return found


def post_code(checkpoint: str, direction: str, what: str) -> str:
    """Return the code of a device: ``front``, ``rear`` or ``scale``."""
    return f"{SITE}-{checkpoint}-{direction[:3]}-{what}"
