"""A campaign: a topology under load and under a nemesis, healed, and checked."""

import asyncio
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import uvloop

from sites.equality.differences import Difference
from tests.chaos import checker, disks
from tests.chaos.checker import Verdict
from tests.chaos.cluster import PLANS, Cluster, Oddity
from tests.chaos.endings import Ending
from tests.chaos.faults import FAULTS
from tests.chaos.load import Load
from tests.chaos.nemesis import Nemesis, Say
from tests.chaos.plan import Strike, draw
from tests.chaos.quiet import Quiet

SAMPLE, FEW = 20, 3
ANSWERS_WITHIN = 5.0
LOOK_AGAIN_AFTER = 0.5
_DISK, _DISK_A_SECOND = 64, 0.4
_SMALL = ("fill_disk", "fill_brokers_disk")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a campaign shall be.

    Attributes:
        seconds: of faults.
        kinds: of faults.
        nodes: of `PLANS`; who is named has its parents named.
        rate: vehicles a second at each site, at most.
        patience: seconds without any movement after which what is missing counts as lost.
        mutant: the safeguard that all nodes lack.
        trace: folder for traces of each node's core.
        state: where everything is kept; None: a fresh folder, removed when all holds.
    """

    seed: int
    seconds: float
    kinds: Sequence[str] = tuple(FAULTS)
    nodes: Sequence[str] = tuple(PLANS)
    rate: float = 15.0
    patience: float = 60.0
    mutant: str | None = None
    trace: Path | None = None
    state: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a campaign did and found.

    Attributes:
        to_heal: seconds from the end of the last fault until the databases were equal, or until that was given up.
        missing: what the nodes themselves say has not arrived.
        failed: strikes that could not be carried out.
        ended: programs that ended by themselves.
        state: where all that the nodes kept is found; None: it was removed.
    """

    wish: Wish
    plan: Sequence[Strike]
    verdict: Verdict
    struck: Mapping[str, int]
    answered: Mapping[str, int]
    refusals: Mapping[str, int]
    given_up: Mapping[str, int]
    unanswered: Sequence[str]
    to_heal: float
    missing: Sequence[str]
    failed: Sequence[str]
    ended: Sequence[Ending]
    state: Path | None = None

    @property
    def holds(self) -> bool:
        """Whether nothing is lost, doubled, disordered or kept, everybody was answered, and faults explain each end."""
        return self.verdict.holds and not (self.missing or self.unanswered or self.failed or self.unexplained)

    @property
    def unexplained(self) -> Sequence[Ending]:
        """Programs that ended by themselves though no fault explains it."""
        return [one for one in self.ended if not one.is_explained]

    def summary(self) -> dict[str, Any]:
        """Return the report as a document that can be written as JSON."""
        verdict = self.verdict
        found = {
            "lost": verdict.lost,
            "doubled": verdict.doubled,
            "disordered": verdict.disordered,
            "kept": verdict.kept,
        }
        return {
            "seed": self.wish.seed,
            "seconds": self.wish.seconds,
            "nodes": list(self.wish.nodes),
            "mutant": self.wish.mutant,
            "plan": [str(strike) for strike in self.plan],
            "faults": dict(self.struck),
            "answered": dict(self.answered),
            "refusals": dict(self.refusals),
            "given_up": dict(self.given_up),
            "seconds_to_heal": round(self.to_heal, 1),
            "holds": self.holds,
            **{name: {"count": len(told), "samples": list(told[:SAMPLE])} for name, told in found.items()},
            "differences": {name: [_told(one) for one in found] for name, found in verdict.found.items()},
            "missing": list(self.missing),
            "unanswered": list(self.unanswered),
            "failed_strikes": list(self.failed),
            "ended_by_themselves": [str(one) for one in self.ended],
            "unexplained_endings": [str(one) for one in self.unexplained],
            "state": None if self.state is None else str(self.state),
        }


def run(wish: Wish, say: Say) -> Report:
    """Run a campaign; from the main thread.

    Raises:
        ChildError, DemoFailed: the topology does not begin to run.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_run(wish, say))


def plan_of(wish: Wish) -> Sequence[Strike]:
    """Return the strikes of a campaign."""
    return draw(wish.seed, wish.seconds, wish.kinds, {code: PLANS[code] for code in wish.nodes})


async def _run(wish: Wish, say: Say) -> Report:
    plans = {code: PLANS[code] for code in wish.nodes}
    state = wish.state or Path(tempfile.mkdtemp(prefix="caifs-chaos-"))
    async with httpx.AsyncClient(timeout=ANSWERS_WITHIN) as http:
        cluster = Cluster(state, http, plans, _oddity(wish))
        async with cluster.running():
            report = await _campaign(wish, cluster, http, say)
    if report.holds and wish.state is None:
        await asyncio.to_thread(cluster.topology.remove)
        return report
    return replace(report, state=state)


async def _campaign(wish: Wish, cluster: Cluster, http: httpx.AsyncClient, say: Say) -> Report:
    plan = plan_of(wish)
    load = Load(cluster.topology, http, rate=wish.rate, seed=wish.seed)
    nemesis = Nemesis(cluster, say)
    await load.prepare()
    say(f"{len(wish.nodes)} nodes run; {len(plan)} strikes in {wish.seconds:g} s, by seed {wish.seed}")
    async with load.running():
        await nemesis.run(plan)
        await cluster.ready()
    say(f"all faults have ended; {len(load.book.answered)} answers are on record")
    missing, verdict, healed_at = await _healed(wish, cluster, load)
    return Report(
        wish=wish,
        plan=plan,
        verdict=verdict,
        struck=nemesis.struck,
        answered=load.book.counts,
        refusals=load.book.refusals,
        given_up=load.book.given_up,
        unanswered=load.book.unanswered,
        to_heal=healed_at - nemesis.ended_at,
        missing=missing,
        failed=nemesis.failed,
        ended=cluster.ended,
    )


async def _healed(wish: Wish, cluster: Cluster, load: Load) -> tuple[Sequence[str], Verdict, float]:
    """Wait until all has arrived, and look whether it holds; what only follows from it may take a moment more.

    Returns what is missing, the verdict, and when the look began that came to it: looking takes its time.
    """
    quiet = Quiet(cluster, wish.patience)
    end: float | None = None
    while True:
        missing = await quiet.reached()
        at = time.monotonic()
        verdict = await checker.judge(cluster.topology, cluster.plans, load.book, cluster.restored)
        end = end or time.monotonic() + wish.patience
        if missing or verdict.holds or time.monotonic() > end:
            return missing, verdict, at
        await asyncio.sleep(LOOK_AGAIN_AFTER)


def _oddity(wish: Wish) -> Oddity:
    small: Sequence[str] = ()
    if disks.are_permitted() and set(_SMALL) & set(wish.kinds):
        small = wish.nodes
    if wish.trace:
        wish.trace.mkdir(parents=True, exist_ok=True)
    disk = int(_DISK + _DISK_A_SECOND * wish.seconds)
    return Oddity(mutant=wish.mutant, trace=wish.trace, small=small, disk=disk)


def _told(one: Difference) -> str:
    kinds = {"missing": one.missing, "extra": one.extra, "altered": one.altered}
    told = [f"{kind} {', '.join(ids[:FEW])}" for kind, ids in kinds.items() if ids]
    return f"{one.table}, {one.count} rows: {'; '.join(told)}"
