"""What comes down to a region takes turns: a list does not wait behind the copy of another node's log."""

import asyncio
from collections.abc import Sequence

from bus.recorded import Recorded
from domain.watchlist.events import EntryActivated
from tests.bus.link.test_copies import SOON, Country, play
from tests.bus.link.virtual_time import until
from tests.samples import entry, reading_taken

COUNT = 2_000


def test_a_list_does_not_wait_behind_copied_facts() -> None:
    async def scenario(country: Country) -> None:
        heard: list[str] = []
        sought: list[asyncio.Task[None]] = []

        def hear(recorded: Sequence[Recorded]) -> None:
            heard.extend(one.log.channel for one in recorded)
            if not sought:
                sought.append(asyncio.create_task(country.centre.record(EntryActivated(entry=entry()))))

        country.network.cut.add("rzeszow")
        await country.site.record(*(reading_taken() for _ in range(COUNT)))
        await until(lambda: country.centre.head("koroszczyn", "facts") == COUNT, SOON)
        country.rzeszow.logs.listeners.append(hear)
        country.network.cut.discard("rzeszow")
        await until(lambda: country.rzeszow.head("koroszczyn", "facts") == COUNT, SOON)
        assert sought
        assert heard[:1] == ["facts"]
        assert "watchlist.pl" in heard
        assert heard[-1] == "facts"

    play(scenario)
