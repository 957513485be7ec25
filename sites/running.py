"""A node that runs on this machine, asked by its own GraphQL: for the commands that look after it."""

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final, TypeVar

import httpx

from domain.shared.actors import Role
from sites.desk import Desk, Refused
from sites.http import ADDRESS_FILE
from sites.tokens import KeyUnfit, mint

T = TypeVar("T")

ANSWERS_WITHIN: Final = 60.0
LIVES_WITHIN: Final = 10.0
_TOKEN_LASTS: Final = timedelta(minutes=5)


class NotDone(Exception):  # noqa: N818 - what came of a wish
    """The node did not do what was asked; the text says why, for the one at the terminal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningNode:
    """A node that runs on this machine.

    Attributes:
        code: of the node.
        state: its state folder, in which its address and the key that signs its tokens are.
    """

    code: str
    state: Path

    def at_desk(self, work: Callable[[Desk], Awaitable[T]], *, role: Role, purpose: str) -> T:
        """Do work as whoever runs this program, in a role and for a purpose; return what it returns.

        Raises:
            NotDone: the node does not run, does not answer, or refuses; or its key is not fit for use.
        """
        return asyncio.run(self._at_desk(work, role, purpose))

    async def _at_desk(self, work: Callable[[Desk], Awaitable[T]], role: Role, purpose: str) -> T:
        url = self._address()
        try:
            token = mint(self.code, self.state, getpass.getuser(), role, _TOKEN_LASTS)
            async with httpx.AsyncClient(timeout=ANSWERS_WITHIN, trust_env=False) as http:
                return await work(Desk(http, url, token, purpose))
        except (httpx.TransportError, ValueError) as silence:  # ValueError: somebody else answers there
            raise NotDone(f"the node {self.code} does not answer at {url}") from silence
        except Refused as refusal:
            raise NotDone(str(refusal)) from refusal
        except KeyUnfit as fault:
            raise NotDone(str(fault)) from fault

    def _address(self) -> str:
        try:
            return (self.state / ADDRESS_FILE).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            raise NotDone(f"no node runs on {self.state}: it has no file {ADDRESS_FILE}") from None


def found(state: Path) -> RunningNode:
    """Return the node that runs on a state folder; its code is as it says itself.

    Raises:
        NotDone: no node runs there, or it does not answer.
    """
    url = ""
    try:
        url = (state / ADDRESS_FILE).read_text(encoding="utf-8").strip()
        with httpx.Client(timeout=LIVES_WITHIN, trust_env=False) as http:
            return RunningNode(code=str(http.get(f"{url}/livez").json()["node"]), state=state)
    except FileNotFoundError:
        raise NotDone(f"no node runs on {state}: it has no file {ADDRESS_FILE}") from None
    except (httpx.TransportError, ValueError, KeyError) as silence:  # the latter: somebody else answers there
        raise NotDone(f"no node answers at {url}") from silence
