"""What a node logs."""

import json
import subprocess
import sys
from pathlib import Path

from tests.architecture.tree import ROOT

PROGRAM = """
import logging, structlog
from sites import logs
logs.configure("dorohusk")
structlog.get_logger().error("ours", seq=1)
logging.getLogger("library").error("theirs")
print("went on")
"""


def run(errors: Path) -> str:
    """Run the program with its standard error in a file and return what it printed."""
    with errors.open("wb") as stderr:
        ran = subprocess.run(  # noqa: S603 - the test's own code
            [sys.executable, "-c", PROGRAM], cwd=ROOT, stdout=subprocess.PIPE, stderr=stderr, check=False
        )
    return ran.stdout.decode()


def test_each_line_is_a_document_of_this_node(tmp_path: Path) -> None:
    assert run(tmp_path / "log") == "went on\n"

    ours, theirs = map(json.loads, (tmp_path / "log").read_text().splitlines())
    assert (ours["node"], ours["level"], ours["event"], ours["seq"]) == ("dorohusk", "error", "ours", 1)
    assert (theirs["node"], theirs["level"], theirs["event"]) == ("dorohusk", "error", "theirs")


def test_a_full_disk_costs_lines_and_nothing_else() -> None:
    assert run(Path("/dev/full")) == "went on\n"
