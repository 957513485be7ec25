"""What the checker says of databases that do not hold what was answered."""

from collections import Counter
from dataclasses import replace

from tests.chaos.book import Answered, Book, Restored
from tests.chaos.checker import Held, _disordered, _doubled, _lost, holders
from tests.chaos.cluster import PLANS

FIRST, SECOND = (
    Answered(what="registration", voice="camera", node="koroszczyn", id=f"r{number}", label=f"PL{number}")
    for number in (1, 2)
)
BOOK = Book(answered=[FIRST, SECOND])
ERASURE = Answered(what="erasure", voice="ewa", node="central", id="e1", label="koroszczyn")
ERASED = Book(answered=[FIRST, SECOND, ERASURE], to_erase=[FIRST], erased={"e1": "r1"})
LABELS = Counter({"koroszczyn/PL1": 1, "koroszczyn/PL2": 1})
WHOLE = Held(
    ids={"registration": frozenset({"r1", "r2"})},
    labels={"registration": LABELS},
    places={"r1": [(1, 1)], "r2": [(1, 2)]},
)
EVERYWHERE = dict.fromkeys(PLANS, WHOLE)


def test_what_is_whole_is_not_complained_of() -> None:
    for complaints in (_lost, _doubled, _disordered):
        assert list(complaints(PLANS, BOOK, EVERYWHERE)) == []


def test_a_site_and_all_above_it_hold_what_it_answered() -> None:
    assert holders(PLANS, FIRST) == ["koroszczyn", "lublin", "central"]


def test_an_entry_is_held_by_whoever_has_its_scope() -> None:
    entry = Answered(what="entry", voice="celina", node="central", id="e", label="koroszczyn")
    assert holders(PLANS, entry) == ["central", "lublin", "koroszczyn"]
    assert holders(PLANS, replace(entry, label="pl")) == list(PLANS)


def test_what_one_database_lacks_is_lost() -> None:
    without = replace(WHOLE, ids={"registration": frozenset({"r1"})})
    (told,) = _lost(PLANS, BOOK, EVERYWHERE | {"lublin": without})
    assert told == "registration r2 (PL2), answered by koroszczyn, is not at lublin"


def test_a_label_that_stands_twice_is_doubled() -> None:
    twice = replace(WHOLE, labels={"registration": LABELS + Counter({"koroszczyn/PL2": 1})})
    (told,) = _doubled(PLANS, BOOK, EVERYWHERE | {"central": twice})
    assert told == "registration PL2 of koroszczyn is 2 times at central, on record 1 times"


def test_what_is_on_record_twice_is_doubled() -> None:
    twice = replace(WHOLE, places=dict(WHOLE.places) | {"r1": [(1, 1), (2, 1)]})
    (told,) = _doubled(PLANS, BOOK, EVERYWHERE | {"central": twice})
    assert told == "registration PL1 of koroszczyn is 1 times at central, on record 2 times"


def test_what_one_voice_was_answered_later_stands_later() -> None:
    turned = replace(WHOLE, places={"r1": [(1, 2)], "r2": [(1, 1)]})
    (told,) = _disordered(PLANS, BOOK, EVERYWHERE | {"central": turned})
    assert told == "registration r2 of camera is ahead of an earlier one at central"


def test_who_is_answered_with_what_is_known_already_is_not_disordered() -> None:
    """A vehicle is read once more, later, in another spelling: that is merged into its registration."""
    merged = replace(FIRST, label="PL3")
    book = Book(answered=[FIRST, SECOND, merged])
    assert list(_disordered(PLANS, book, EVERYWHERE)) == []


GONE = Restored(
    node="koroszczyn", since=1.0, until=2.0, elsewhere={"registration": frozenset({"r1"}), "alarm": frozenset()}
)
NOWHERE = dict.fromkeys(PLANS, replace(WHOLE, ids={"registration": frozenset()}))


def test_what_nobody_else_held_may_go_with_a_restored_database() -> None:
    book = Book(answered=[replace(FIRST, at=1.5), replace(SECOND, at=1.5)])
    told = list(_lost(PLANS, book, NOWHERE, [GONE]))
    assert len(told) == 3
    assert all("r1" in each for each in told), "others held r1"


def test_what_was_answered_after_a_restoring_may_not_go_with_it() -> None:
    book = Book(answered=[replace(SECOND, at=2.5)])
    assert len(list(_lost(PLANS, book, NOWHERE, [GONE]))) == 3


def test_what_went_with_a_restored_database_is_at_every_node_or_at_none() -> None:
    book = Book(answered=[replace(SECOND, at=1.5)])
    assert len(list(_lost(PLANS, book, NOWHERE | {"central": WHOLE}, [GONE]))) == 2


def test_what_was_asked_again_of_a_restored_database_may_be_done_twice() -> None:
    twice = replace(WHOLE, labels={"registration": LABELS + Counter({"koroszczyn/PL2": 1})})
    for asked_at, told in ((1.5, 0), (2.1, 1)):
        book = Book(answered=[replace(SECOND, asked_at=asked_at, at=2.2)])
        assert len(list(_doubled(PLANS, book, EVERYWHERE | {"central": twice}, [GONE]))) == told


def test_a_restored_node_may_record_anew_but_not_twice_in_one_log() -> None:
    for places, told in (([(1, 1), (2, 1)], 0), ([(2, 1), (2, 3)], 1)):
        anew = replace(WHOLE, places=dict(WHOLE.places) | {"r1": places})
        assert len(list(_doubled(PLANS, BOOK, EVERYWHERE | {"central": anew}, [GONE]))) == told


GONE_EVERYWHERE = dict.fromkeys(
    PLANS,
    Held(
        ids={"registration": frozenset({"r2"}), "erasure": frozenset({"e1"})},
        labels={},
        places={},
        erased=frozenset({"r1"}),
    ),
)


def test_what_is_erased_is_not_lost() -> None:
    assert list(_lost(PLANS, ERASED, GONE_EVERYWHERE)) == []


def test_what_is_erased_and_was_not_to_be_is_lost() -> None:
    told = list(_lost(PLANS, replace(ERASED, to_erase=[]), GONE_EVERYWHERE))
    assert len(told) == 3
    assert all("r1" in each for each in told)


def test_an_erasure_and_its_tombstone_are_where_the_scope_is_followed() -> None:
    known = GONE_EVERYWHERE["central"]
    nothing = replace(known, erased=frozenset())
    (told,) = _lost(PLANS, ERASED, GONE_EVERYWHERE | {"lublin": nothing})
    assert told == "erasure e1 did not erase r1 at lublin"
    unheard = replace(known, ids={"registration": frozenset({"r2"}), "erasure": frozenset()})
    (told,) = _lost(PLANS, ERASED, GONE_EVERYWHERE | {"koroszczyn": unheard})
    assert told == "erasure e1 (koroszczyn), answered by central, is not at koroszczyn"
    assert list(_lost(PLANS, ERASED, GONE_EVERYWHERE | {"dorohusk": replace(unheard, erased=frozenset())})) == []


def test_an_erasure_may_go_with_a_restored_centre_and_then_erases_nothing() -> None:
    book = replace(ERASED, answered=[replace(ERASURE, at=1.5)])
    gone = Restored(node="central", since=1.0, until=2.0, elsewhere={"erasure": frozenset()})
    whole = replace(WHOLE, ids={**WHOLE.ids, "erasure": frozenset()})
    assert list(_lost(PLANS, book, dict.fromkeys(PLANS, whole), [gone])) == []
