"""Of the processes that say they are a child, one is served."""

from bus.replication import Presence
from bus.replication.presence import SILENT_AFTER


def test_the_first_that_speaks_is_served() -> None:
    presence = Presence()
    assert presence.serves("dorohusk", 1, 10.0)
    assert presence.serves("dorohusk", 1, 10.5)


def test_another_is_refused_while_the_first_speaks() -> None:
    presence = Presence()
    for second in range(20):
        assert presence.serves("dorohusk", 1, float(second))
        assert not presence.serves("dorohusk", 2, second + 0.9)


def test_another_is_served_once_the_first_has_been_silent() -> None:
    presence = Presence()
    presence.serves("dorohusk", 1, 10.0)
    assert not presence.serves("dorohusk", 2, 9.9 + SILENT_AFTER)
    assert presence.serves("dorohusk", 2, 10.0 + SILENT_AFTER)
    assert not presence.serves("dorohusk", 1, 10.1 + SILENT_AFTER)


def test_one_that_was_silent_and_alone_goes_on() -> None:
    presence = Presence()
    presence.serves("dorohusk", 1, 10.0)
    assert presence.serves("dorohusk", 1, 1000.0)


def test_who_is_refused_does_not_keep_the_first_alive() -> None:
    presence = Presence()
    presence.serves("dorohusk", 1, 0.0)
    assert [presence.serves("dorohusk", 2, float(second)) for second in (1, 2, 3)] == [False, False, True]


def test_children_do_not_stand_in_each_others_way() -> None:
    presence = Presence()
    assert presence.serves("dorohusk", 1, 10.0)
    assert presence.serves("terespol", 2, 10.0)
