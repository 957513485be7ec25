"""The subjects of the link and of devices, and which of them a child or a device may use.

| subject | from, to | what |
|---|---|---|
| `up.<parent>.<child>.<channel>` | child to parent | batches, into the streams `UP-<parent>` and `UP_ALARMS-<parent>` |
| `ack.<parent>.<child>` | parent to child | confirmations |
| `down.<parent>.<feed>` | parent to children | batches of feeds |
| `rpc.<parent>.<child>.<question>` | child to parent | questions with answers |
| `_INBOX.<node>.…` | answers to a node | of its neighbours and of its broker |
| `devices.<code>.push` | device to its site | pushes, with answers |
| `_INBOX_DEVICES.…` | answers to devices | of their site |

Node codes are single tokens of a subject. Subscribing, the parent says `ANY` for the child.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bus.catalogue import UP, feeds_of
from bus.link.messages import EVERY_FEED
from bus.link.wire import Question

ANY: Final = "*"
EVERYTHING_OF_JETSTREAM: Final = "$JS.>"
EVERYTHING_OF_DEVICES: Final = "devices.>"
_EVERYTHING_BELOW: Final = ">"
_ACKNOWLEDGEMENT: Final = (b'{"stream":', b'{"error":')
_CHILD: Final = 2  # token of the subject
_DEVICE: Final = 1  # likewise
DEVICES_INBOX: Final = "_INBOX_DEVICES"  # no node is called so


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What somebody may publish and subscribe to; nothing else."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


def batches(parent: str, child: str, channel: str) -> str:
    """Return where batches of a channel go up."""
    return f"up.{parent}.{child}.{channel}"


def confirmations(parent: str, child: str) -> str:
    """Return where a child hears what is confirmed."""
    return f"ack.{parent}.{child}"


def broadcasts(parent: str, feed: str) -> str:
    """Return where batches of a feed come down; `EVERY_FEED` for those of all feeds."""
    return f"down.{parent}.{_EVERYTHING_BELOW if feed == EVERY_FEED else feed}"


def questions(parent: str, child: str, question: Question) -> str:
    """Return where a child asks."""
    return f"rpc.{parent}.{child}.{question}"


def inbox(node: str) -> str:
    """Return what the subjects of all answers to a node begin with."""
    return f"_INBOX.{node}"


def child_of(subject: str) -> str:
    """Return who sends, by the subject of a batch or a question."""
    return subject.split(".")[_CHILD]


def is_answer_to(child: str, subject: str) -> bool:
    """Tell whether an answer on this subject reaches the child and nobody else."""
    return subject.startswith(f"{inbox(child)}.")


def is_acknowledgement(data: bytes) -> bool:
    """Tell whether the broker says here that it took a batch, or did not: a child may have that sent anywhere."""
    return data.startswith(_ACKNOWLEDGEMENT)


def pushes(device: str = ANY) -> str:
    """Return where a device pushes."""
    return f"devices.{device}.push"


def device_of(subject: str) -> str:
    """Return who pushes, by the subject."""
    return subject.split(".")[_DEVICE]


def is_answer_to_device(subject: str) -> bool:
    """Tell whether an answer on this subject reaches devices and nobody else."""
    return subject.startswith(f"{DEVICES_INBOX}.")


def rights_of_devices() -> Rights:
    """Return all that devices need of their site's server; each proves itself by its key besides."""
    return Rights(publish=(EVERYTHING_OF_DEVICES,), subscribe=(f"{DEVICES_INBOX}.{_EVERYTHING_BELOW}",))


def rights_of_child(parent: str, child: str, scopes: Sequence[str]) -> Rights:
    """Return all that a child of these scopes needs of its parent's server.

    What it may publish is told subject by subject: a server does not tell a leaf of an interest such as `up.P.*.facts`
    when the leaf's right to meet it has a wildcard in another place (`up.P.C.*`), and its messages never leave it.
    """
    feeds = {EVERY_FEED} if EVERY_FEED in scopes else feeds_of(tuple(scopes))
    return Rights(
        publish=(
            *(batches(parent, child, channel) for channel in UP),
            *(questions(parent, child, question) for question in Question),
        ),
        subscribe=(
            confirmations(parent, child),
            *(broadcasts(parent, feed) for feed in sorted(feeds)),
            f"{inbox(child)}.{_EVERYTHING_BELOW}",
        ),
    )
