"""Released versions, as their wheels in `tests/released` say: they run on today's libraries."""

import zipfile
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

from sites.demo.node import Node
from sites.equality.stored import stored

WHEELS = sorted((Path(__file__).parents[1] / "released").glob("*/*.whl"))
TODAY = Path(__file__).parents[2]


def unpacked(wheel: Path, folder: Path) -> Path:
    """Unpack a wheel, and return the folder in which its program is."""
    with zipfile.ZipFile(wheel) as file:
        file.extractall(folder)
    return folder


def of_program(node: Node, program: Path) -> Node:
    """Return the node as it is when it runs the program in a folder, and no other."""
    here = {"PYTHONPATH": str(program), "PYTHONSAFEPATH": "1"}
    return Node(node.plan, node.state, {**node.environment, **here})


def newest_revision(program: Path) -> str | None:
    """Return the revision of the tables that the program in a folder works on."""
    settings = Config()
    settings.set_main_option("script_location", str(program / "adapters" / "database" / "migrations"))
    return ScriptDirectory.from_config(settings).get_current_head()


async def revision(node: Node) -> str:
    """Return the revision of a node's tables."""
    async with stored(node.database) as database:
        (row,) = [row async for row in database.rows("SELECT version_num FROM alembic_version")]
        return str(row["version_num"])
