"""The same network as in the simulation, driven by Hypothesis, which shrinks what it finds."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bus.replication import Effect, Header, Position, Sender, Trim
from tests.bus.replication.hop import Hop
from tests.bus.replication.schedule import HEALED_WITHIN
from tests.bus.replication.world import World

picks = st.integers(0, 63)
hops = st.integers(0, 1)


class OneHop(RuleBasedStateMachine):
    """A site directly below the centre."""

    length = 1
    sender_type = Sender

    @initialize()
    def begin(self) -> None:
        self.world = World(self.length, retains=False, sender_type=self.sender_type)

    def hop(self, number: int) -> Hop:
        return self.world.hops[number % self.length]

    def some(self, kind: str) -> bool:
        return any(getattr(hop, kind) for hop in self.world.hops)

    @rule(events=st.integers(1, 6))
    def write(self, events: int) -> None:
        self.world.write(events)

    @rule(hop=hops, most=st.integers(1, 5))
    @precondition(lambda self: self.some("effects"))
    def carry_out(self, hop: int, most: int) -> None:
        if self.hop(hop).effects:
            self.hop(hop).carry_out(most)

    @rule(hop=hops, pick=picks, answered=st.booleans())
    @precondition(lambda self: self.some("flying"))
    def arrive(self, hop: int, pick: int, *, answered: bool) -> None:
        if self.hop(hop).flying:
            self.hop(hop).arrive(pick, answered=answered)

    @rule(hop=hops, pick=picks)
    @precondition(lambda self: self.some("flying"))
    def drop(self, hop: int, pick: int) -> None:
        if self.hop(hop).flying:
            self.hop(hop).drop(pick)

    @rule(hop=hops, pick=picks)
    @precondition(lambda self: self.some("flying"))
    def repeat(self, hop: int, pick: int) -> None:
        if self.hop(hop).flying:
            self.hop(hop).repeat(pick)

    @rule(hop=hops, pick=picks)
    @precondition(lambda self: self.some("outcomes"))
    def learn(self, hop: int, pick: int) -> None:
        if self.hop(hop).outcomes:
            self.hop(hop).learn(pick)

    @rule(hop=hops, crash=st.booleans())
    @precondition(lambda self: self.some("unread"))
    def consume(self, hop: int, *, crash: bool) -> None:
        if self.hop(hop).unread:
            self.hop(hop).consume(crash=crash)

    @rule(hop=hops, pick=picks)
    @precondition(lambda self: self.some("answers"))
    def hear(self, hop: int, pick: int) -> None:
        if self.hop(hop).answers:
            self.hop(hop).hear(pick)

    @rule(hop=hops)
    def beacon(self, hop: int) -> None:
        self.hop(hop).beacon()

    @rule(hop=hops, ahead=st.booleans())
    @precondition(lambda self: self.some("broker"))
    def power_failure(self, hop: int, *, ahead: bool) -> None:
        self.hop(hop).power_failure(ahead=ahead)

    @rule(hop=hops)
    @precondition(lambda self: self.some("broker"))
    def sync(self, hop: int) -> None:
        self.hop(hop).sync()

    @rule(hop=hops, by=st.integers(-3, 3))
    @precondition(lambda self: self.some("broker"))
    def jump(self, hop: int, by: int) -> None:
        self.hop(hop).jump(by)

    @rule(hop=hops)
    def restart(self, hop: int) -> None:
        self.hop(hop).restart()

    @rule(hop=hops)
    def cut(self, hop: int) -> None:
        self.hop(hop).cut()

    @rule(hop=hops)
    def connect(self, hop: int) -> None:
        self.hop(hop).connect()

    @rule(seconds=st.sampled_from([0.1, 1.0, 5.0, 20.0]))
    def tick(self, seconds: float) -> None:
        self.world.tick(seconds)

    @invariant()
    def received_is_a_beginning_of_what_was_committed(self) -> None:
        assert self.world.check() == set()

    def teardown(self) -> None:
        assert self.world.heal(HEALED_WITHIN) == set()


class TwoHops(OneHop):
    """A site below a region below the centre; the region relays under the site's coordinates."""

    length = 2


class TrimsOnBrokerAck(Sender):
    def published(self, header: Header) -> list[Effect]:
        return [Trim(Position(header.last, header.after)), *super().published(header)]


class OneHopTrimmedTooEarly(OneHop):
    """A mutant: it shows that the machine above finds what it looks for."""

    sender_type = TrimsOnBrokerAck


budget = settings(
    max_examples=150,
    stateful_step_count=50,
    suppress_health_check=[HealthCheck.too_slow],  # on a busy machine
)
test_one_hop = OneHop.TestCase
test_one_hop.settings = budget
test_two_hops = TwoHops.TestCase
test_two_hops.settings = budget


def test_trimming_on_the_brokers_acknowledgement_is_found() -> None:
    quick = settings(budget, database=None, phases=[Phase.generate], max_examples=1000, derandomize=True)
    with pytest.raises(AssertionError, match="trimmed what the centre does not hold"):
        run_state_machine_as_test(OneHopTrimmedTooEarly, settings=quick)
