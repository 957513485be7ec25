"""What can be erased is found whole, and told is how far the logs were in which it was sought."""

from domain.alarms.events import AlarmAcknowledged, AlarmRaised
from domain.erasure.model import LogHead, Named
from domain.organisation.events import DeviceEnrolled
from domain.registrations.events import Registered
from domain.watchlist.events import EntryActivated, EntrySubmitted
from tests.contracts.backends import Node, Receive
from tests.contracts.test_erasure import ids_of, logs_of
from tests.samples import (
    MORNING,
    NODE,
    alarm,
    device,
    entry,
    erased,
    new_id,
    reading_taken,
    registration,
    submitted,
    withdrawn,
)


async def test_all_that_is_about_the_same_is_found_whatever_is_named(node: Node) -> None:
    mine, other = registration(), registration()
    raised = alarm(registration_id=mine.id)
    taken = AlarmAcknowledged(alarm_id=raised.id, acknowledged_by="jan", acknowledged_at=MORNING)
    await node.record(Registered(registration=other), Registered(registration=mine), reading_taken())
    await node.record(reading_taken(registration_id=mine.id), AlarmRaised(alarm=raised), taken)
    _, registered, _, read, alarmed, acknowledged = ids_of(node)
    whole = Named(events=frozenset({registered, read, alarmed, acknowledged}), subjects=frozenset({mine.id, raised.id}))
    for named in (mine.id, registered, read):
        found = await node.ask(lambda change, named=named: change.erasables.find(named))  # type: ignore[misc] # bound now
        assert found is not None
        assert found.by_scope == {NODE: whole}
        assert not found.is_sought
    found = await node.ask(lambda change: change.erasables.find(raised.id))
    assert found is not None
    assert found.by_scope == {NODE: Named(events=frozenset({alarmed, acknowledged}), subjects=frozenset({raised.id}))}


async def test_a_registration_of_which_only_the_alarm_has_come_is_named_with_it(node: Node) -> None:
    coming = registration()
    await node.record(AlarmRaised(alarm=(raised := alarm(registration_id=coming.id))))
    found = await node.ask(lambda change: change.erasables.find(coming.id))
    assert found is not None
    assert found.by_scope == {
        NODE: Named(events=frozenset(ids_of(node)), subjects=frozenset({coming.id, raised.id})),
    }
    found = await node.ask(lambda change: change.erasables.find(raised.id))
    assert found is not None
    assert found.by_scope == {NODE: Named(events=frozenset(ids_of(node)), subjects=frozenset({raised.id}))}


async def test_an_entry_is_found_in_the_scope_that_holds_it_and_may_be_sought_yet(node: Node) -> None:
    drafted = submitted()
    active = entry(id=drafted.id)
    await node.record(EntrySubmitted(entry=drafted), EntryActivated(entry=active))
    draft, activated = ids_of(node)
    found = await node.ask(lambda change: change.erasables.find(active.id))
    assert found is not None
    assert found.is_sought
    await node.record(withdrawn(active.id))
    found = await node.ask(lambda change: change.erasables.find(active.id))
    assert found is not None
    assert not found.is_sought
    assert found.by_scope == {
        "drafts": Named(events=frozenset({draft})),
        "pl": Named(events=frozenset({activated, ids_of(node)[2]}), subjects=frozenset({active.id})),
    }


async def test_nothing_is_found_of_what_is_unknown_erased_or_never_erased(node: Node, receive: Receive) -> None:
    mine = registration()
    await node.record(DeviceEnrolled(device=device()), Registered(registration=mine))
    await receive(erased(ids_of(node)[1], subjects=(mine.id,), scope=NODE))
    for named in (ids_of(node)[0], new_id(), mine.id, ids_of(node)[1], "no id"):
        assert await node.ask(lambda change, named=named: change.erasables.find(named)) is None  # type: ignore[misc] # bound now


async def test_heads_say_how_far_facts_and_alarms_of_each_origin_are(node: Node, receive: Receive) -> None:
    await receive(*(Registered(registration=registration()) for _ in range(2)), EntryActivated(entry=entry()))
    await node.record(AlarmRaised(alarm=alarm()))
    (facts,), (alarms,) = await logs_of(node, "facts"), await logs_of(node, "alarms")
    assert await node.ask(lambda change: change.erasables.heads()) == {
        "koroszczyn": (LogHead(channel="facts", epoch=facts.epoch, seq=2),),
        NODE: (LogHead(channel="alarms", epoch=alarms.epoch, seq=1),),
    }
