"""What the checker says of databases that do not hold what was answered."""

from collections import Counter
from dataclasses import replace

from tests.chaos.book import Answered, Book
from tests.chaos.checker import Held, _disordered, _doubled, _lost, holders
from tests.chaos.cluster import PLANS

FIRST, SECOND = (
    Answered(what="registration", voice="camera", node="koroszczyn", id=f"r{number}", label=f"PL{number}")
    for number in (1, 2)
)
BOOK = Book(answered=[FIRST, SECOND])
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
