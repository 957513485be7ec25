"""Whether what the centre tells of a day of lorries is what was planted: all of it, and nothing else."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a node tells of a day: visits but those that are part of another, and alarms of anomalies."""

    visits: Sequence[Mapping[str, Any]]
    alarms: Sequence[Mapping[str, Any]]


def standing(visit: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the anomalies of a visit that nothing has explained."""
    return [one for one in visit["anomalies"] if one["explainedAt"] is None]


def odd_by_lorry(visits: Sequence[Mapping[str, Any]], plates: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return what stands of whom, by the plate of the lorry as it was planted, else as the visit is known."""
    odd: dict[str, tuple[str, ...]] = {}
    for visit in visits:
        if keys := tuple(sorted(one["key"] for one in standing(visit))):
            read = (point["plate"] for point in visit["points"])
            name = next((plate for plate in read if plate in plates), visit["plate"])
            odd[name] = (*odd.get(name, ()), *keys)
    return odd


def faults_of(planted: Mapping[str, tuple[str, ...]], told: Told, vehicles: int) -> Iterator[str]:
    """Yield what is not as planted, in words.

    Args:
        planted: the keys of the anomalies by plate.
        told: by the centre.
        vehicles: how many lorries there were.
    """
    found = odd_by_lorry(told.visits, planted)
    for plate in sorted({*planted, *found}):
        if planted.get(plate, ()) != found.get(plate, ()):
            yield f"{plate}: planted {_plain(planted.get(plate))}, found {_plain(found.get(plate))}"
    if len(told.visits) != vehicles:
        yield f"{len(told.visits)} visits of {vehicles} lorries"
    yield from _alarm_faults(told)


def _alarm_faults(told: Told) -> Iterator[str]:
    odd = Counter((one["plate"], one["key"]) for visit in told.visits for one in standing(visit))
    raised = Counter((one["label"], _key(one["cause"])) for one in told.alarms if one["endedAt"] is None)
    yield from (f"no alarm: {' '.join(each)}" for each in sorted((odd - raised).elements()))
    yield from (f"an alarm of nothing odd: {' '.join(each)}" for each in sorted((raised - odd).elements()))


def _key(cause: str) -> str:
    """Return the key of the anomaly in the cause of its alarm; of other alarms the whole of it."""
    head, _, tail = cause.partition(":")
    return tail.partition(":")[2] if head == "visit" else cause


def _plain(keys: tuple[str, ...] | None) -> str:
    return ", ".join(keys or ("nothing",))
