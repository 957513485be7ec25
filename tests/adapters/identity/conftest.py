"""An issuer of its own for each test, and a clock that stands still."""

from pathlib import Path

import pytest

from adapters.identity.development import DevelopmentIssuer
from adapters.memory.clock import SteppingClock


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock()


@pytest.fixture
def issuer(tmp_path: Path, clock: SteppingClock) -> DevelopmentIssuer:
    return DevelopmentIssuer(tmp_path, "dorohusk", clock)
