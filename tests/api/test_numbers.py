from dataclasses import replace

import pytest

from bus.ports import LogStatus
from domain.registrations.events import Registered
from domain.shared.actors import Role
from tests import samples
from tests.api.nodes import Node

LAST = 2**63 - 1
BEYOND_A_DOUBLE = 2**53 + 1


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
