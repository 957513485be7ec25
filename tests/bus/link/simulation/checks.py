"""What has to be so once a world has healed."""

from collections.abc import Mapping

from bus.catalogue import UP
from bus.replication import LogId, chain
from bus.replication.chain import GENESIS
from domain.shared.quarantine import QuarantineState
from tests.bus.link.nodes import Node
from tests.bus.link.simulation.books import ids, shown
from tests.bus.link.simulation.world import ALL, World


def unlevel(world: World) -> list[object]:
    """Return the logs that some node does not hold as another does, or does not know to be at the centre."""
    nodes = {code: nodes[0] for code, nodes in world.nodes.items()}
    found: list[object] = []
    for log in _logs(world, nodes):
        holders = world.holders(log.origin, log.channel)
        held = {code: one for code in holders if (one := nodes[code].changes.tables.held(log)) is not None}
        heads = {one.head for one in held.values()}
        confirmed = {held[code].centre for code in world.way(log.origin) if code in held}
        is_up = log.channel not in UP or confirmed == heads
        if len(held) < len(holders) or len(heads) > 1 or not is_up:
            found.append((str(log), {code: (one.head.seq, one.centre.seq) for code, one in held.items()}))
    found += [str(one) for node in nodes.values() for one in node.link.status().stopped]
    return found


def check(world: World) -> None:
    """Write down what is wrong now that all is level."""
    for code in ALL:
        (node,) = world.nodes[code]
        world.look_at(node)
        _check_held(world, node)
        _check_aside(world, node)
    for log in _logs(world, {code: nodes[0] for code, nodes in world.nodes.items()}):
        _check_equal(world, log)


def _logs(world: World, nodes: Mapping[str, Node]) -> list[LogId]:
    """Return all logs that have an event at somebody from whom the others get it."""
    return sorted(
        {
            held.log
            for code, node in nodes.items()
            for held in node.changes.tables.logs.all()
            if held.head.seq and code in world.sources(held.log.origin, held.log.channel)
        },
        key=lambda log: (log.origin, log.channel, log.epoch),
    )


def _check_equal(world: World, log: LogId) -> None:
    """All who hold a log hold the same, and the chain is whole."""
    rows = {code: _rows(world.nodes[code][0], log) for code in world.holders(log.origin, log.channel)}
    first, *others = rows.values()
    if any(other != first for other in others):
        world.books.violated("copies differ", (log, {code: len(one) for code, one in rows.items()}))
    hashes, records = [hashed for hashed, _ in first], [record for _, record in first]
    if hashes != chain(GENESIS, records):
        world.books.violated("a chain is broken", log)


def _rows(node: Node, log: LogId) -> list[tuple[bytes, object]]:
    rows = node.changes.tables.events.between(
        (log.origin, log.channel, log.epoch), (log.origin, log.channel, log.epoch + 1)
    )
    return [(row.hash, row.record) for row in rows]


def _check_held(world: World, node: Node) -> None:
    """What is alive is held and shown by everybody who should, in the order in which it was recorded."""
    books, rows = world.books, shown(node)
    for origin, channel in sorted({(fact.origin, fact.channel) for fact in books.alive.values()}):
        if node.code not in world.holders(origin, channel):
            continue
        there = ids(node, origin, channel)
        if len(there) > len(set(there)) and not world.restored:
            books.violated("held twice", (node.code, origin, channel))
        places = {event_id: at for at, event_id in reversed(list(enumerate(there)))}
        for event_id, fact in books.alive.items():
            if (fact.origin, fact.channel) != (origin, channel) or event_id in books.aside:
                continue
            if event_id not in places:
                books.violated("lost", (node.code, event_id, fact))
            elif fact.row is not None and fact.row not in rows and fact.row[1] not in world.gone():
                books.violated("not shown", (node.code, event_id, fact))
            if places.get(event_id, len(places)) < places.get(books.behind.get(event_id, ""), 0):
                books.violated("out of order", (node.code, event_id, fact))


def _check_aside(world: World, node: Node) -> None:
    """Nothing waits for an operator but what gave way to another history, and what came from no child of this node."""
    for one in node.changes.tables.unshown.all():
        if one.note != "erased":
            world.books.violated("in quarantine", (node.code, one))
    for batch in node.changes.tables.batches.all():
        is_ruled = (world.restored and "another history" in batch.reason) or "not a child" in batch.reason
        if batch.state is QuarantineState.HELD and not is_ruled:
            world.books.violated("set aside", (node.code, batch))
