"""A program that ends by itself is a defect, but for where a fault explains it."""

import sys
from pathlib import Path

import pytest

from sites.servers.child import Child, claimed_output
from tests.chaos.campaign import Report, Wish
from tests.chaos.checker import Verdict
from tests.chaos.endings import AFTERMATH, Ending, Standing
from tests.chaos.parts import Part
from tests.waiting import until

AWAY = "PostgreSQL at 127.0.0.1:5432 is out of reach: [Errno 111] Connection refused"
TRACE = "Traceback (most recent call last):\nKeyError: 7"
EXPLAINED = Ending(part="node:central", status=2, said=AWAY, under=frozenset({"jump_clock", "kill_postgres"}))


def ending(part: str, status: int, said: str, *under: str) -> Ending:
    return Ending(part=part, status=status, said=said, under=frozenset(under))


def report(*ended: Ending) -> Report:
    return Report(
        wish=Wish(seed=1, seconds=1),
        plan=(),
        verdict=Verdict(lost=(), doubled=(), disordered=(), kept=(), found={}),
        struck={},
        answered={},
        refusals={},
        given_up={},
        unanswered=(),
        to_heal=0.0,
        missing=(),
        failed=(),
        ended=ended,
    )


@pytest.mark.parametrize(
    "explained",
    [
        EXPLAINED,
        ending("node:lublin", 2, f'{{"event": "begins"}}\n{AWAY}', "freeze_postgres"),
        ending("node:lublin", 2, AWAY, "restore_postgres"),
        ending("node:dorohusk", 2, "The database site.sqlite cannot be used: disk I/O error", "fill_disk"),
        ending("nats:lublin", 1, "[FTL] no space left on device", "fill_brokers_disk"),
    ],
)
def test_what_a_fault_explains_is_shown_and_holds(explained: Ending) -> None:
    shown = report(explained)
    assert shown.holds
    assert shown.summary()["ended_by_themselves"] == [str(explained)]
    assert shown.summary()["unexplained_endings"] == []


@pytest.mark.parametrize(
    "defect",
    [
        ending("node:central", 2, AWAY),
        ending("node:central", 2, AWAY, "kill_nats"),
        ending("node:central", 1, TRACE, "kill_postgres"),
        ending("node:central", 1, f"DatabaseUnreachable: {AWAY}", "kill_postgres"),
        ending("node:dorohusk", 1, TRACE, "fill_disk"),
        ending("node:dorohusk", 0, "", "kill_nats"),
        ending("nats:lublin", 1, "[FTL] no space left on device", "wipe_store"),
        ending("postgres:lublin", 1, "PANIC", "fill_brokers_disk"),
    ],
)
def test_a_program_that_ends_and_no_fault_explains_it_fails_a_campaign(defect: Ending) -> None:
    shown = report(EXPLAINED, defect)
    assert not shown.holds
    assert shown.summary()["unexplained_endings"] == [str(defect)]


def test_an_ending_names_the_program_its_faults_and_what_it_said_last() -> None:
    assert str(EXPLAINED) == f"node:central, status 2 under jump_clock, kill_postgres: {AWAY}"
    assert str(ending("nats:lublin", -11, TRACE)) == "nats:lublin, status -11: KeyError: 7"


def test_a_fault_stands_at_its_node_until_a_moment_after_its_end() -> None:
    now = 100.0
    standing = Standing(lambda: now)
    with standing.stands("kill_nats", "lublin"), standing.stands("jump_clock", "central"):
        now += 2 * AFTERMATH
        assert standing.at("lublin") == {"kill_nats"}
    with standing.stands("kill_nats", "lublin"):
        pass
    now += AFTERMATH
    assert standing.at("lublin") == {"kill_nats"}
    now += 0.1
    assert standing.at("lublin") == frozenset()


class Program(Part):
    """A program that ends when it has read a file."""

    def __init__(self, folder: Path) -> None:
        self.child: Child | None = None
        self.may_end = folder / "ends"
        waits = f"import os, time\nwhile not os.path.exists({str(self.may_end)!r}): time.sleep(0.01)\nprint('over')"

        async def start() -> None:
            with claimed_output(folder / "output") as output:
                self.child = Child([sys.executable, "-c", waits], output=output)

        super().__init__("node:lublin", start, lambda: self.child)


async def test_only_what_nobody_killed_has_ended_by_itself(tmp_path: Path) -> None:
    program = Program(tmp_path)
    assert not program.has_ended
    for end in (program.kill, program.stop):
        await program.start()
        assert not program.has_ended
        end()
        assert not program.runs
        assert not program.has_ended
    await program.start()
    program.may_end.touch()
    await until(lambda: not program.runs)
    program.kill()
    assert program.has_ended
    assert (program.status, program.said) == (0, "over")
