"""The verdict on a day of lorries, and the day as it is printed."""

from typing import Any

from sites.days.hours import lines
from sites.days.lorry_verdict import Told, faults_of

PLANTED = {"LU1": ("skipped:xray",)}


def anomaly(plate: str, key: str, explained_at: str | None = None) -> dict[str, Any]:
    kind, _, checkpoint = key.partition(":")
    told = {"kind": kind.upper(), "checkpoint": checkpoint, "detail": "", "plate": plate}
    return {"key": key, "explainedAt": explained_at, **told}


def visit(plate: str, *anomalies: dict[str, Any]) -> dict[str, Any]:
    return {
        "direction": "outbound",
        "plate": plate,
        "openedAt": "2026-03-02T05:10:00Z",
        "lastAt": "2026-03-02T06:20:00Z",
        "closedAt": "2026-03-02T06:20:00Z",
        "points": [
            {"plate": plate, "checkpoint": "gate", "at": "2026-03-02T05:10:00Z"},
            {"plate": plate, "checkpoint": "border", "at": "2026-03-02T06:20:00Z"},
        ],
        "anomalies": anomalies,
    }


def alarm(plate: str, key: str, ended_at: str | None = None) -> dict[str, Any]:
    return {"label": plate, "cause": f"visit:018f:{key}", "endedAt": ended_at}


def as_planted() -> Told:
    late = "2026-03-02T07:00:00Z"
    return Told(
        visits=[visit("LU1", anomaly("LU1", "skipped:xray")), visit("LU2", anomaly("LU2", "skipped:desk", late))],
        alarms=[alarm("LU1", "skipped:xray"), alarm("LU2", "skipped:desk", late)],
    )


def test_a_day_as_planted_has_no_faults() -> None:
    assert list(faults_of(PLANTED, as_planted(), 2)) == []


def test_what_is_not_found_and_what_is_invented_are_faults() -> None:
    told = Told(
        visits=[visit("LU1"), visit("LU2", anomaly("LU2", "too_slow:road")), visit("LU3")],
        alarms=[alarm("LU3", "skipped:desk")],
    )
    assert list(faults_of(PLANTED, told, 2)) == [
        "LU1: planted skipped:xray, found nothing",
        "LU2: planted nothing, found too_slow:road",
        "3 visits of 2 lorries",
        "no alarm: LU2 too_slow:road",
        "an alarm of nothing odd: LU3 skipped:desk",
    ]


def test_a_day_is_printed_by_the_hour() -> None:
    printed = [line.split() for line in lines(as_planted())]
    assert [line[:5] for line in printed[1:3]] == [["05:00", "2", ".", ".", "2"], ["06:00", ".", ".", "2", "."]]
    assert printed[3] == ["06:20", "LU1", "outbound", "skipped", "at", "xray"]
    assert " ".join(printed[4]) == "2 visits, 1 anomalies stand, 1 alarms ended by late readings"


def test_a_day_on_which_nobody_came_is_printed() -> None:
    assert list(lines(Told(visits=[], alarms=[]))) == ["nobody was there"]
