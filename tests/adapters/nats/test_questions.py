"""Questions of children: one who asks much, or whose answer takes long, keeps nobody else waiting."""

import asyncio
from functools import partial

from adapters.nats.questions import WAITING_MAX, Questions


async def test_each_child_waits_for_its_own_questions_alone() -> None:
    questions, answered, slow = Questions(), list[str](), asyncio.Event()

    async def answer(name: str, after: asyncio.Event | None = None) -> None:
        if after is not None:
            await after.wait()
        answered.append(name)

    done = asyncio.Event()

    async def last() -> None:
        done.set()

    questions.put("koroszczyn", partial(answer, "long", slow))
    for number in range(2 * WAITING_MAX):
        questions.put("koroszczyn", partial(answer, f"{number}"))
    questions.put("dorohusk", partial(answer, "dorohusk"))
    questions.put("dorohusk", last)
    await done.wait()
    assert answered == ["dorohusk"]

    slow.set()
    done.clear()
    while not done.is_set():
        questions.put("koroszczyn", last)
        await asyncio.sleep(0)
    assert answered[1:] == ["long", *map(str, range(WAITING_MAX - 1))]


async def test_a_question_that_fails_is_not_the_last() -> None:
    questions, done = Questions(), asyncio.Event()

    async def fail() -> None:
        raise ValueError

    async def last() -> None:
        done.set()

    questions.put("koroszczyn", fail)
    questions.put("koroszczyn", last)
    await done.wait()


async def test_an_ended_one_answers_no_more() -> None:
    questions, answered = Questions(), list[str]()

    async def answer() -> None:
        answered.append("x")

    questions.put("koroszczyn", answer)
    questions.end()
    await asyncio.sleep(0)
    assert answered == []
