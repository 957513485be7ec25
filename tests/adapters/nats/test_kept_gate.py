"""A gate that is killed or frozen is there again, with all who may come in, where they dial it."""

import os
import signal
from functools import partial

import pytest

from sites.servers.keeping import keep
from tests.gates import OpenGate, welcomed
from tests.waiting import until


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gate counts as frozen after seconds."""
    monkeypatch.setattr("sites.gatekeeper.keep", partial(keep, hangs_after=1.0))
    monkeypatch.setattr("sites.gatekeeper._ENDS_WITHIN", 1.0)


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSTOP], ids=str)
async def test_a_gate_that_is_killed_or_frozen_is_started_anew(gate: OpenGate, blow: signal.Signals) -> None:
    invitation = gate.invite("koroszczyn", "pl")
    await (await welcomed(invitation)).close()
    ports, before = dict(gate.server.ports), gate.server._child
    assert before is not None

    os.kill(before.pid, blow)
    await until(lambda: gate.server.runs and gate.server._child is not before, within=40)
    await (await welcomed(invitation, within=20)).close()
    assert gate.server.ports == ports
    assert before.status is not None
