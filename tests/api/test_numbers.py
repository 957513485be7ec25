from dataclasses import replace

import pytest

from api.numbers import INT64
from bus.ports import LogStatus
from domain.registrations.events import Registered
from domain.shared.actors import Role
from tests import samples
from tests.api.nodes import Node

LAST = 2**63 - 1
BEYOND_A_DOUBLE = 2**53 + 1
read = INT64.parse_value


async def test_a_list_version_is_shown_to_the_last_digit(site: Node) -> None:
    screening = samples.screening()
    (version,) = screening.list_version
    at = replace(version, seq=BEYOND_A_DOUBLE)
    await site.record(Registered(registration=samples.registration(screening=replace(screening, list_version=(at,)))))
    shown = await site.ask("{ registrations { edges { node { screening { listVersion { seq } } } } } }", Role.OFFICER)
    assert shown["registrations"]["edges"][0]["node"]["screening"]["listVersion"] == [{"seq": "9007199254740993"}]


async def test_the_places_of_a_log_are_shown_to_the_last_digit(site: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    status = LogStatus(
        origin="dorohusk",
        epoch=LAST,
        channel="facts",
        seq=LAST,
        projected=LAST - 1,
        parent=2**31,
        centre=BEYOND_A_DOUBLE,
        waiting_since=None,
        quarantined=0,
    )

    async def statuses() -> list[LogStatus]:
        return [status]

    monkeypatch.setattr(site.views, "statuses", statuses)
    shown = await site.ask("{ thisNode { logs { seq projected parent centre quarantined } } }", Role.ADMINISTRATOR)
    assert shown["thisNode"]["logs"] == [
        {
            "seq": "9223372036854775807",
            "projected": "9223372036854775806",
            "parent": "2147483648",
            "centre": "9007199254740993",
            "quarantined": "0",
        }
    ]


@pytest.mark.parametrize(("said", "number"), [(str(LAST), LAST), ("-7", -7), (BEYOND_A_DOUBLE, BEYOND_A_DOUBLE)])
def test_a_number_is_read_from_digits_or_as_it_is(said: object, number: int) -> None:
    assert read(said) == number


@pytest.mark.parametrize(
    "said", [str(LAST + 1), LAST + 1, -LAST - 2, "two", "", "1.0", "٣", "9" * 5000, 1.0, True, None]
)
def test_what_is_no_number_of_63_bits_is_refused(said: object) -> None:
    with pytest.raises(ValueError, match="whole number"):
        read(said)
