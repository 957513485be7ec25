import pytest

from sites import desk
from sites.demo import officers
from sites.demo.book import Book
from sites.demo.officers import Officer
from sites.demo.papers import Passport, Travellers
from sites.desk import Refused
from tests.sites.demo.answering import AnsweringNode

TAKEN = {"data": {"alarmAcknowledge": {"__typename": "AlarmAcknowledgeSuccess", "alarm": {"id": "1"}}}}
REGISTERED = {"data": {"personRegister": {"__typename": "RegisterSuccess", "registration": {"id": "1"}}}}
PASSPORT = Travellers("dorohusk", seed=9).passport()


def refused(code: str) -> dict[str, object]:
    return {"data": {"alarmAcknowledge": {"__typename": "Conflict", "code": code}}}


def officer(node: AnsweringNode, book: Book, sought: Passport | None = None) -> Officer:
    travellers = Travellers("dorohusk", seed=1)
    return Officer("dorohusk", node.desk(), book=book, travellers=travellers, sought=lambda: sought)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(officers, "TAKES_AFTER", (0, 0))
    monkeypatch.setattr(desk, "RETRY_AFTER", 0)


@pytest.mark.parametrize("answer", [TAKEN, refused("ALARM_ACKNOWLEDGED_ALREADY")])
async def test_an_alarm_is_taken_by_the_officer_or_by_somebody_faster(answer: dict[str, object]) -> None:
    book, node = Book(), AnsweringNode(answer)
    await officer(node, book).take({"id": "alarm"})
    assert node.asked[0]["input"]["alarmId"] == "alarm"
    assert book.acknowledged == {"dorohusk": 1}


async def test_an_alarm_that_cannot_be_taken_is_no_success() -> None:
    book = Book()
    with pytest.raises(Refused):
        await officer(AnsweringNode(refused("ALARM_UNKNOWN")), book).take({"id": "alarm"})
    assert book.acknowledged == {}


async def test_some_alarms_are_left_to_whoever_watches() -> None:
    takes = officer(AnsweringNode(), Book()).will_take
    assert sum(takes() for _ in range(30)) == 20


async def test_a_person_is_registered_once_even_when_the_site_was_away() -> None:
    book, node = Book(), AnsweringNode(REGISTERED, away=1)
    await officer(node, book).register_person()
    first, second = node.asked
    assert first == second
    (passing,) = book.passings
    assert (passing.label, passing.sought, passing.pushed_at) == (first["input"]["mrz"][1][:9], False, None)


async def test_every_fourth_person_is_sought() -> None:
    book, node = Book(), AnsweringNode(*[REGISTERED] * 8)
    on_duty = officer(node, book, sought=PASSPORT)
    for _ in range(8):
        await on_duty.register_person()
    wanted = [number for number, asked in enumerate(node.asked) if asked["input"]["mrz"] == list(PASSPORT.mrz)]
    assert wanted == [0, 4]
