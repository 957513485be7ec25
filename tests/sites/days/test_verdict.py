"""The verdict on a day of trains, and what the command makes of it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from sites.days import command
from sites.days.day import Printed
from sites.days.rail import DayTrain, trains_of_a_day
from sites.days.rail_verdict import faults_of

TRAINS = trains_of_a_day(datetime(2026, 3, 2, tzinfo=UTC), 1)
SEEN = {
    "WAGON": [reading.code for train in TRAINS for reading in train.readings],
    "CONTAINER": [code for train in TRAINS for reading in train.readings for code in reading.containers],
}


def told(train: DayTrain) -> dict[str, Any]:
    """Return what the centre tells of a train when all is as planted."""
    lines = [{"verdict": "MISREAD", "declared": code, "read": "?"} for code in train.misread]
    differences = [{"kind": kind.upper(), "codes": sorted(codes)} for kind, codes in train.planted.items()]
    return {
        "state": "PASSED",
        "passage": {"endedBy": "portal" if train.ends else "next_train"},
        "comparison": {"reversed": train.is_reversed, "lines": lines, "containers": [], "differences": differences},
    }


def alarm(label: str, kind: str, codes: Sequence[str] = (), ended_at: str | None = None) -> dict[str, Any]:
    text = f"Told ({len(codes)}): {', '.join(codes)}" if codes else "Told"
    return {"label": label, "cause": f"{kind}:passage", "text": text, "endedAt": ended_at}


def as_planted() -> tuple[dict[str, dict[str, Any]], list[dict[str, Any]]]:
    trains = {train.number: told(train) for train in TRAINS if train.declared is not None}
    alarms = [alarm(train.label, kind, sorted(codes)) for train in TRAINS for kind, codes in train.planted.items()]
    explained = [
        alarm("440204", kind, ["X"], "2026-03-02T06:00:00Z") for kind in ("wagon_missing", "container_missing")
    ]
    return trains, [*alarms, *explained]


def test_a_day_as_planted_has_no_faults() -> None:
    trains, alarms = as_planted()
    assert list(faults_of(TRAINS, trains, alarms, SEEN)) == []


def test_what_is_not_found_and_what_is_invented_are_faults() -> None:
    trains, alarms = as_planted()
    gone = alarms.pop(0)
    alarms.append(alarm("440109", "wagon_missing", ["12345678"]))
    faults = list(faults_of(TRAINS, trains, alarms, SEEN))
    assert len(faults) == 2
    assert faults[0].startswith(f"no alarm: {gone['label']}")
    assert faults[1] == "an alarm that nobody planted: 440109 wagon_missing 12345678"


def test_a_comparison_that_is_otherwise_is_a_fault() -> None:
    trains, alarms = as_planted()
    trains["440101"]["comparison"]["differences"] = []
    trains["440103"]["state"] = "PASSING"
    trains["440107"]["comparison"]["lines"] = []
    trains["440109"]["comparison"] = None
    trains["440208"] = told(TRAINS[0])
    beginnings = [fault.split(",")[0].split(" (")[0] for fault in faults_of(TRAINS, trains, alarms, SEEN)]
    assert [fault[:18] for fault in beginnings] == [
        "440101: planted wa",
        "440103: stands as",
        "440107: misread ['",
        "440208: has a list",
        "440109: is not com",
    ]


def test_what_is_registered_too_little_or_too_much_is_a_fault() -> None:
    trains, alarms = as_planted()
    seen = {"WAGON": SEEN["WAGON"][1:], "CONTAINER": [*SEEN["CONTAINER"], "MSCU1234566"]}
    assert list(faults_of(TRAINS, trains, alarms[:-1], seen)) == [
        "1 alarms have ended, not 2",
        "307 registrations of kind WAGON, where 308 of 308 passed",
        "424 registrations of kind CONTAINER, where 423 of 423 passed",
    ]


@pytest.mark.parametrize(("faults", "status"), [((), 0), (("no alarm",), 1)])
def test_the_command_fails_with_the_verdict(
    faults: tuple[str, ...], status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def ran(_: object) -> Printed:
        return Printed(lines=("00:25 train",), faults=faults)

    monkeypatch.setattr(command, "_run", ran)
    assert command.perform("malaszewicze", 1) == status
    assert ("FAULT: no alarm" in capsys.readouterr().out) is bool(faults)
