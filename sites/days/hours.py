"""A day of a terminal as it is printed: hour by hour who came, who left, where the others are, and what was odd."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sites.days.lorry_verdict import Told, standing
from sites.days.terminal import INBOUND, KINDS, OUTBOUND

_HOUR: Final = timedelta(hours=1)
_WIDE: Final = 5
_SHORT: Final = {"pre-gate": "pre", "scale-1": "sc-1", "scale-2": "sc-2", "special": "spec", "scale-road": "sc-r"}


def lines(told: Told) -> Iterator[str]:
    """Yield the lines of a day."""
    visits = [_times(visit) for visit in told.visits]
    if not visits:
        yield "nobody was there"
        return
    yield _row("hour", *("out", "in", "left", "there"), *(_SHORT.get(code, code) for code in KINDS))
    hour = min(visit["openedAt"] for visit in visits).replace(minute=0, second=0)
    while hour <= max(visit["lastAt"] for visit in visits):
        yield from _of_hour(hour, visits)
        hour += _HOUR
    odd = sum(len(standing(visit)) for visit in visits)
    ended = sum(alarm["endedAt"] is not None for alarm in told.alarms)
    yield f"{len(visits)} visits, {odd} anomalies stand, {ended} alarms ended by late readings"


def _of_hour(hour: datetime, visits: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    until = hour + _HOUR
    came = Counter(visit["direction"] for visit in visits if hour <= visit["openedAt"] < until)
    left = sum(visit["closedAt"] is not None and hour <= visit["closedAt"] < until for visit in visits)
    there = Counter(where for visit in visits if (where := _where(visit, until)))
    counts = (came[OUTBOUND], came[INBOUND], left, there.total(), *(there[code] for code in KINDS))
    yield _row(f"{hour:%H:%M}", *(str(count or ".") for count in counts))
    odd = [(_at(visit, one), visit, one) for visit in visits for one in standing(visit)]
    for at, visit, one in sorted(odd, key=lambda each: (each[0], each[2]["key"])):
        if hour <= at < until:
            what = f"{one['kind'].lower()} at {one['checkpoint']}"
            yield f"      {at:%H:%M} {visit['plate']:<9} {visit['direction']:<8} {what}  {one['detail']}".rstrip()


def _where(visit: Mapping[str, Any], until: datetime) -> str | None:
    """Return the checkpoint at which a lorry was seen last before a time, if it is in the terminal then."""
    if visit["closedAt"] is not None and visit["closedAt"] < until:
        return None
    return next((point["checkpoint"] for point in reversed(visit["points"]) if point["at"] < until), None)


def _at(visit: Mapping[str, Any], anomaly: Mapping[str, Any]) -> datetime:
    """Return when it was odd: when the lorry was where it is odd, else when it was seen last."""
    there = [point["at"] for point in visit["points"] if point["checkpoint"] == anomaly["checkpoint"]]
    at: datetime = there[-1] if there else visit["lastAt"]
    return at


def _times(visit: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a visit with its times as such."""
    times = {name: visit[name] and datetime.fromisoformat(visit[name]) for name in ("openedAt", "lastAt", "closedAt")}
    points = [{**point, "at": datetime.fromisoformat(point["at"])} for point in visit["points"]]
    return {**visit, **times, "points": points}


def _row(*cells: str) -> str:
    first, *others = cells
    return f"{first:<5} " + " ".join(f"{cell:>{_WIDE}}" for cell in others)
