"""The clocks of devices."""

from datetime import UTC, datetime

import pytest

from adapters.devices.device_time import device_time, epoch_time


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-19T11:17:19+08:00",
        "2024-01-19T03:17:19Z",
        "2024-01-19 03:17:19+00:00",
        "2024-01-19 04:17:19+0100",
        "2024-01-19T03:17:19.000000Z",
    ],
)
def test_a_time_with_an_offset_becomes_utc(text: str) -> None:
    time = device_time(text)
    assert time == datetime(2024, 1, 19, 3, 17, 19, tzinfo=UTC)
    assert time.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "now",
        "2024-01-19T11:17:19",
        "2016-12-24T18:59:49-8:00",
        "2024-13-01T00:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "1705634239",
    ],
)
def test_without_an_offset_or_a_meaning_there_is_no_time(text: str | None) -> None:
    assert device_time(text) is None


@pytest.mark.parametrize("epoch", [1705634239, 1705634239.0, 1705634239000])
def test_an_epoch_in_seconds_or_milliseconds(epoch: float) -> None:
    assert epoch_time(epoch) == datetime(2024, 1, 19, 3, 17, 19, tzinfo=UTC)


@pytest.mark.parametrize("epoch", [None, 0, -1, 1, 1e300, float("nan"), float("inf"), -float("inf"), 1e17])
def test_an_epoch_without_a_meaning(epoch: float | None) -> None:
    assert epoch_time(epoch) is None
