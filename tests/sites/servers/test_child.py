import os
import signal
import stat
import subprocess
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil
import pytest

from sites.servers.child import Child, ChildError, claimed_output


def shell(script: str, output: Path, **options: object) -> Child:
    with claimed_output(output) as file:
        return Child(["/bin/sh", "-c", script], output=file, **options)


def printed(child: Child, text: str) -> Callable[[], bool]:
    return lambda: text in child.last_lines()


def test_a_child_that_ends_early_is_an_error_with_its_own_last_lines(tmp_path: Path) -> None:
    output = tmp_path / "output"
    shell("echo earlier; exit 1", output).kill()
    child = shell("for i in $(seq 30); do echo line $i; done; echo broken >&2; exit 3", output)
    with pytest.raises(ChildError, match="sh ended with status 3") as failure:
        child.wait_until(lambda: False)
    assert failure.value.output.splitlines()[0] == "line 12"
    assert failure.value.output.splitlines()[-1] == "broken"
    assert "earlier" not in failure.value.output
    assert "broken" in str(failure.value)


def test_a_child_that_is_not_ready_in_time_is_killed(tmp_path: Path) -> None:
    child = shell("echo still busy; sleep 60", tmp_path / "output")
    child.wait_until(printed(child, "busy"))
    with pytest.raises(ChildError, match=r"not ready within 0.1 s(?s:.*)still busy"):
        child.wait_until(lambda: False, within=0.1)
    assert child.status == -signal.SIGKILL


def test_success_is_waited_for_and_failure_is_an_error(tmp_path: Path) -> None:
    shell("exit 0", tmp_path / "output").wait_for_success(within=10)
    with pytest.raises(ChildError, match="status 4"):
        shell("exit 4", tmp_path / "output").wait_for_success(within=10)
    with pytest.raises(ChildError, match="status -9"):
        shell("exec sleep 60", tmp_path / "output").wait_for_success(within=0.1)


def test_stop_is_polite_first(tmp_path: Path) -> None:
    child = shell("trap 'exit 7' INT; echo ready; while :; do read x; done", tmp_path / "o", stop_signal=signal.SIGINT)
    child.wait_until(printed(child, "ready"))
    child.stop()
    assert child.status == 7
    child.stop()
    child.kill()
    assert child.status == 7


def test_stop_kills_who_does_not_listen(tmp_path: Path) -> None:
    child = shell("trap '' TERM; echo ready; while :; do read x; done", tmp_path / "output")
    child.wait_until(printed(child, "ready"))
    child.stop(within=0.1)
    assert child.status == -signal.SIGKILL


def test_the_terminal_does_not_reach_the_child(tmp_path: Path) -> None:
    child = shell("sleep 60", tmp_path / "output")
    assert os.getsid(child.pid) == child.pid
    child.kill()


def test_the_output_is_private_and_taken_while_anything_of_the_child_lives(tmp_path: Path) -> None:
    output = tmp_path / "output"
    child = shell("echo ready; sleep 60 & exec sleep 60", output)
    child.wait_until(printed(child, "ready"))
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    with pytest.raises(ChildError, match="in use"), claimed_output(output, within=0.1):
        pass
    os.killpg(child.pid, signal.SIGKILL)
    with claimed_output(output, within=10):
        assert child.status == -signal.SIGKILL


def test_only_the_main_thread_starts_children(tmp_path: Path) -> None:
    refusals: list[Exception] = []

    def start() -> None:
        try:
            shell("sleep 60", tmp_path / "output").kill()
        except RuntimeError as refusal:
            refusals.append(refusal)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert "main thread" in str(refusals[0])


PARENT = """
import sys, time
from pathlib import Path
from signal import SIGTERM
from sites.servers.child import Child, claimed_output
def start(name, script, **options):
    with claimed_output(Path(sys.argv[1]) / name) as output:
        child = Child(["/bin/sh", "-c", script], output=output, **options)
        child.wait_until(lambda: "ready" in child.last_lines())
        return child.pid
plain = start("plain", "trap '' TERM INT HUP; echo ready; while :; do read x; done")
polite = start("polite", "trap 'echo told; exit 0' TERM; echo ready; while :; do read x; done", death_signal=SIGTERM)
print(plain, polite, flush=True)
time.sleep(60)
"""


async def test_children_end_with_a_killed_parent(
    tmp_path: Path,
    start_parent: Callable[[str, Path], subprocess.Popen[str]],
    all_end: Callable[[list[psutil.Process]], Awaitable[None]],
) -> None:
    parent = start_parent(PARENT, tmp_path)
    children = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
    parent.kill()
    await all_end(children)
    assert (tmp_path / "polite").read_text() == "ready\ntold\n"
