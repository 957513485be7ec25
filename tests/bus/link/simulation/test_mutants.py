"""Safeguards of the shell, each switched off in turn: the simulation of the whole link has to find that."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

import pytest

from adapters.memory import logs as memory_logs
from bus.link.detours import Detours
from bus.replication import Record
from tests.bus.link.simulation.schedule import CAMPAIGNS, run

FOUND_WITHIN = 60

Mutant = tuple[object, str, Callable[..., Any]]


async def _nothing(*_: object) -> None:
    return None


def _with_bodies(_: object, records: Sequence[Record]) -> Sequence[Record]:
    return records


@pytest.mark.parametrize(
    ("campaign", "mutants", "violation"),
    [
        pytest.param(
            "moves", [(Detours, "held", _nothing), (Detours, "of", lambda *_: [])], "did not heal", id="no detours"
        ),
        pytest.param("erasures", [(memory_logs, "erased", _with_bodies)], "a body is left", id="no tombstones"),
    ],
)
def test_a_missing_safeguard_is_found(
    campaign: str, mutants: Collection[Mutant], violation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place, name, mutant in mutants:
        monkeypatch.setattr(place, name, mutant)
    assert any(violation in run(CAMPAIGNS[campaign], seed).books.wrong for seed in range(FOUND_WITHIN))
