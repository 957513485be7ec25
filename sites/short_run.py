"""A node that a command runs for a while: until something has come true, of which its user hears line by line."""

import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from domain.shared.actors import Role
from sites.desk import Desk
from sites.http import ADDRESS_FILE
from sites.keys.invitation import ChildRole
from sites.running import NotDone, RunningNode
from sites.servers.child import Child, claimed_output
from sites.settings import environment_for

_LOOK_EVERY: Final = 0.5

Tell = Callable[[str], None]


class NotReached(Exception):  # noqa: N818 - what came of a wish
    """What was waited for did not come true in time; the text says how far it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a node is, in a line."""

    line: str
    is_done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortRun:
    """What a node is run for.

    Attributes:
        command: of the user, in whose name the node is asked; ``caifs`` left out.
        look: asks the node how far it is.
    """

    command: str
    look: Callable[[Desk], Awaitable[Progress]]


def run_until_done(node: RunningNode, role: ChildRole, run: ShortRun, tell: Tell, *, within: float) -> None:
    """Run a node until what it is run for has come true, then stop it.

    Args:
        node: that does not run.
        role: of the node.
        run: what for.
        tell: told a line whenever there is something new.
        within: seconds.

    Raises:
        NotReached: it ended, or the time did.
        ChildError: it runs already.
    """
    (node.state / ADDRESS_FILE).unlink(missing_ok=True)
    with claimed_output(node.state / f"{run.command.split()[-1]}.log") as output:
        child = Child([sys.executable, "-m", "sites.cli", role], output=output, environment=environment_for(node.state))
    try:
        _watch(node, child, run, tell, within)
    finally:
        child.stop()


def _watch(node: RunningNode, child: Child, run: ShortRun, tell: Tell, within: float) -> None:
    began, last = time.monotonic(), ""
    while True:
        time.sleep(_LOOK_EVERY)
        seconds = time.monotonic() - began
        if child.status is not None:
            raise NotReached(f"the node has ended: {child.last_lines()}")
        progress = _looked(node, run)
        if progress is not None and progress.line != last:
            last = progress.line
            tell(f"{seconds:6.1f} s  {last}")
        if progress is not None and progress.is_done:
            return
        if seconds > within:
            raise NotReached(f"not done after {within:g} s: {last or 'the node does not answer'}")


def _looked(node: RunningNode, run: ShortRun) -> Progress | None:
    try:
        return node.at_desk(run.look, role=Role.ADMINISTRATOR, purpose=f"caifs {run.command}")
    except NotDone:  # it is only starting
        return None
