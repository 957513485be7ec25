"""Where a node says that it serves."""

import asyncio
import gc
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.responses import PlainTextResponse
from structlog.testing import capture_logs

from sites.http import ADDRESS_FILE, serve
from sites.settings import HttpSettings
from tests.waiting import until

NOWHERE_ELSE = HttpSettings(host="127.0.0.1", port=0, origins=())


@pytest.fixture(autouse=True)
def unsettled_memory() -> Iterator[None]:
    """A node settles its memory for good; the other tests have theirs as it was."""
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


def files_in(folder: Path) -> list[str]:
    return [one.name for one in folder.iterdir()]


async def test_an_address_that_cannot_be_written_is_written_when_it_can_and_a_node_serves_meanwhile(
    tmp_path: Path,
) -> None:
    address, in_the_way = tmp_path / ADDRESS_FILE, tmp_path / f"{ADDRESS_FILE}.new"
    in_the_way.mkdir()
    with capture_logs() as told:
        serving = asyncio.create_task(serve(PlainTextResponse("x"), NOWHERE_ELSE, tmp_path))
        await until(lambda: serving.done() or any(one["event"] == "address_not_written" for one in told))
        assert not serving.done()
        in_the_way.rmdir()
        await until(address.exists)
        async with httpx.AsyncClient() as client:
            assert (await client.get(address.read_text().strip())).text == "x"
        signal.raise_signal(signal.SIGTERM)
        await serving
    assert files_in(tmp_path) == []
