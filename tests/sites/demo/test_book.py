from collections.abc import Callable

from sites.demo.book import Book, Passing, percentiles


def test_percentiles_are_values_that_occurred() -> None:
    assert percentiles([float(value) for value in range(100, 0, -1)]) == {"p50": 50, "p95": 95, "p99": 99, "n": 100}
    assert percentiles([3.0]) == {"p50": 3, "p95": 3, "p99": 3, "n": 1}


def test_nothing_measured_has_no_percentiles() -> None:
    assert percentiles([]) == {"n": 0}


def test_a_passing_is_found_by_its_site_and_label(passing: Callable[..., Passing]) -> None:
    book, entered = Book(), passing()
    book.enter(entered)
    assert book.find("koroszczyn", "WPR10234") is entered
    assert book.find("dorohusk", "WPR10234") is None
    assert book.passings == [entered]


def test_only_the_first_hearing_at_a_node_is_measured(passing: Callable[..., Passing]) -> None:
    book, entered = Book(), passing(pushed_at=100.0)
    heard = [
        book.hear("koroszczyn", "site", "alarms", entered, 100.010),
        book.hear("koroszczyn", "site", "alarms", entered, 100.500),
        book.hear("central", "central", "alarms", entered, 100.070),
    ]
    assert [latency and round(latency) for latency in heard] == [10, None, 70]
    assert book.latencies("site")["alarms"] == {"p50": 10.0, "p95": 10.0, "p99": 10.0, "n": 1}
    assert book.latencies("central")["alarms"]["p50"] == 70.0
    assert book.latencies("region")["alarms"] == {"n": 0}


def test_what_nobody_pushed_is_not_measured(passing: Callable[..., Passing]) -> None:
    book = Book()
    assert book.hear("koroszczyn", "site", "registrations", passing(pushed_at=None), 100.0) is None
    assert book.latencies("site")["registrations"] == {"n": 0}
