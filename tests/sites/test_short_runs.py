"""Nodes that a command runs for a while; those that come to their end are in tests/scenarios."""

from pathlib import Path

import pytest

from adapters.database.schema import migrate_sqlite
from sites.first_start import _line
from sites.last_run import hand_over
from sites.occupancy import StateInUse, occupied
from sites.running import RunningNode
from sites.short_run import NotReached

UP = {"isParent": True, "up": True}


def found(**changed: object) -> dict[str, object]:
    replication = {"behind": "0", "loads": [], "neighbours": [UP]}
    missing = changed.pop("missing", [])
    return {"thisNode": {"missingLists": missing}, "replication": replication | changed}


@pytest.mark.parametrize(
    ("state", "line"),
    [
        (found(), "live"),
        (found(behind="7"), "7 events of the parent's are still to come"),
        (found(behind=None), "the parent has not said yet what there is"),
        (found(missing=["watchlist.pl"]), "missing: watchlist.pl"),
        (found(neighbours=[UP | {"up": False}], behind="7"), "waiting for the parent"),
    ],
)
def test_a_node_that_joins_tells_how_far_it_is(state: dict[str, object], line: str) -> None:
    assert _line(state) == line


def test_a_site_that_runs_is_not_taken_out_of_service(tmp_path: Path) -> None:
    with occupied(tmp_path), pytest.raises(StateInUse):
        hand_over(RunningNode(code="dorohusk", state=tmp_path), print, within=1)


def test_a_site_that_cannot_start_says_why(tmp_path: Path) -> None:
    migrate_sqlite(tmp_path / "site.sqlite")
    with pytest.raises(NotReached, match="CAIFS_PARENT is missing"):
        hand_over(RunningNode(code="dorohusk", state=tmp_path), print, within=30)
