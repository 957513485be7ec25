"""What has to be so once a world has healed."""

from collections.abc import Mapping

from bus.catalogue import UP
from bus.feed_modules import ERASURE
from bus.link.stopped import Stopped
from bus.replication import LogId, Record, chain, unpack
from bus.replication.chain import GENESIS
from bus.replication.ports import HeldLog
from domain.shared.quarantine import QuarantineState
from tests.bus.link.nodes import Node
from tests.bus.link.simulation.books import ids, shown, text_of
from tests.bus.link.simulation.world import ALL, CENTRE, GAVE_WAY, World


def unlevel(world: World) -> list[object]:
    """Return the logs that some node does not hold as another does, or does not know to be at the centre."""
    nodes = {code: nodes[0] for code, nodes in world.nodes.items()}
    found: list[object] = []
    logs = _logs(world, nodes)
    for log in logs:
        holders = world.holders(log.origin, log.channel)
        held = {code: one for code in holders if (one := nodes[code].changes.tables.held(log)) is not None}
        heads = {one.head for one in held.values()}
        confirmed = {held[code].centre for code in world.way(log.origin) if code in held}
        is_up = log.channel not in UP or confirmed == heads
        if len(held) < len(holders) or len(heads) > 1 or not is_up:
            found.append((str(log), {code: (one.head.seq, one.centre.seq) for code, one in held.items()}))
    stopped = [(node.code, one) for node in nodes.values() for one in node.link.status().stopped]
    return found + [(code, one) for code, one in stopped if _log_of(one) in logs and _STALE not in one.reason]


_STALE = "the parent has another history"
"""A feed that gave way while its parent's own history grew shorter is level, and yet shown as standing still."""


def _log_of(stopped: Stopped) -> LogId:
    return LogId(stopped.origin, stopped.epoch, stopped.channel)


def check(world: World) -> None:
    """Write down what is wrong now that all is level."""
    for erasure in world.books.erasures:
        if any(_holds(node, erasure) for node in world.everybody()):
            world.books.found(erasure)
    for code in ALL:
        (node,) = world.nodes[code]
        world.look_at(node)
        _check_held(world, node)
        _check_aside(world, node)
        _check_erased(world, node)
    for log in _logs(world, {code: nodes[0] for code, nodes in world.nodes.items()}):
        _check_equal(world, log)


def _holds(node: Node, event_id: str) -> bool:
    return any(text_of(row.record) == event_id for row in node.changes.tables.events.all())


def _logs(world: World, nodes: Mapping[str, Node]) -> list[LogId]:
    """Return all logs that have an event at somebody from whom the others get it."""
    return sorted(
        {
            held.log
            for code, node in nodes.items()
            for held in node.changes.tables.logs.all()
            if held.head.seq and world.is_source(code, held) and not world.is_torn(held.log.origin, held.log.channel)
            if not _is_full_of_holes(node, nodes[CENTRE], held)
        },
        key=lambda log: (log.origin, log.channel, log.epoch),
    )


def _is_full_of_holes(node: Node, centre: Node, held: HeldLog) -> bool:
    """Tell whether a feed was lost by its owner, who takes it back anew only, since something in it is erased."""
    there = centre.changes.tables.held(held.log)
    is_lost = held.log.channel not in UP and (there is None or there.head.seq < held.head.seq)
    return is_lost and any(record.body is None for _, record in _rows(node, held.log))


def _check_equal(world: World, log: LogId) -> None:
    """All who hold a log hold the same, and the chain is whole."""
    holders = [world.nodes[code][0] for code in world.holders(log.origin, log.channel)]
    rows = {node.code: _rows(node, log) for node in holders if not is_floored(node, log.origin, log.channel)}
    first, *others = rows.values()
    if any(other != first for other in others):
        world.books.violated("copies differ", (log, {code: len(one) for code, one in rows.items()}))
    hashes, records = [hashed for hashed, _ in first], [record for _, record in first]
    if hashes != chain(GENESIS, records):
        world.books.violated("a chain is broken", log)


def _rows(node: Node, log: LogId) -> list[tuple[bytes, Record]]:
    rows = node.changes.tables.events.between(
        (log.origin, log.channel, log.epoch), (log.origin, log.channel, log.epoch + 1)
    )
    return [(row.hash, row.record) for row in rows]


def _check_held(world: World, node: Node) -> None:
    """What is alive is held and shown by everybody who should, in the order in which it was recorded."""
    books, rows = world.books, shown(node)
    for origin, channel in sorted({(fact.origin, fact.channel) for fact in books.alive.values()}):
        if node.code not in world.holders(origin, channel) or world.is_torn(origin, channel):
            continue
        there = ids(node, origin, channel)
        if len(there) > len(set(there)) and not world.restored:
            books.violated("held twice", (node.code, origin, channel))
        places = {event_id: at for at, event_id in reversed(list(enumerate(there)))}
        for event_id, fact in books.alive.items():
            if (fact.origin, fact.channel) != (origin, channel) or event_id in books.aside:
                continue
            is_there = event_id in places or is_floored(node, origin, channel)
            if not is_there and not books.is_gone(fact):
                books.violated("lost", (node.code, event_id, fact))
            if fact.row not in rows and fact.row is not None and not books.is_gone(fact):
                books.violated("not shown", (node.code, event_id, fact))
            if places.get(event_id, len(places)) < places.get(books.behind.get(event_id, ""), 0):
                books.violated("out of order", (node.code, event_id, fact))


def _check_erased(world: World, node: Node) -> None:
    """Nothing is left of what was erased: no body in a log or in a batch, no row."""
    tables, gone = node.changes.tables, world.books.gone
    events = [(str(key), row.record) for key, row in tables.events.items() if not key[1].startswith(f"{ERASURE}.")]
    batches = [(one.id, tables.batch_bytes.get(one.id)) for one in tables.batches.all()]
    events += [(f"batch {batch_id}", record) for batch_id, data in batches if data for record in unpack(data).records]
    for place, record in events:
        if any(one.encode() in (record.body or b"") for one in gone):
            world.books.violated("a body is left", (node.code, place))
    rows = shown(node)
    for fact in world.books.alive.values():
        if fact.row in rows and not gone.isdisjoint(fact.subjects):
            world.books.violated("a row is left", (node.code, fact))


def _is_of_former(reason: str) -> bool:
    """Tell whether something came from a site that was a child once, or from its former parent."""
    return "is not a child of this node" in reason or " may not send " in reason


def is_floored(node: Node, origin: str, channel: str) -> bool:
    """Tell whether a node has loaded a snapshot: of what that holds it has no events, but it shows."""
    return any(held.floor.seq for held in node.changes.tables.logs.under(origin, channel))


def _check_aside(world: World, node: Node) -> None:
    """Nothing waits for an operator but what gave way to another history, and what came from no child of this node."""
    alive, books = world.books.alive, world.books
    for one in node.changes.tables.unshown.all():
        is_about_erased = one.id in alive and books.is_gone(alive[one.id])
        if one.state is QuarantineState.HELD and not is_about_erased:
            world.books.violated("in quarantine", (node.code, one))
    for batch in node.changes.tables.batches.all():
        is_ruled = (world.restored and GAVE_WAY in batch.reason) or (
            not world.is_orderly and _is_of_former(batch.reason)
        )
        if batch.state is QuarantineState.HELD and not is_ruled:
            world.books.violated("set aside", (node.code, batch))
