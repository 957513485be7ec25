"""Every format reads what real devices sent."""

import json
from pathlib import Path

import pytest

from adapters.devices.formats import FORMATS
from domain.registrations.readings import Push

PAYLOADS = Path(__file__).parents[2] / "data" / "devices"
TABLE = json.loads((PAYLOADS / "payloads.json").read_bytes())


def test_every_format_has_one() -> None:
    assert {row["format"] for row in TABLE} == set(FORMATS)


def test_every_file_is_named_with_its_source() -> None:
    sources = (PAYLOADS / "README.md").read_text()
    files = {path.name for path in PAYLOADS.iterdir()} - {"README.md", "payloads.json"}
    assert not [file for file in sorted(files) if f"`{file}`" not in sources]
    assert {row["file"] for row in TABLE} <= files


@pytest.mark.parametrize("row", TABLE, ids=lambda row: str(row["file"]))
def test_it_is_read_alike_each_time(row: dict[str, str]) -> None:
    push = Push(content_type=row["content_type"], body=(PAYLOADS / row["file"]).read_bytes())
    content = FORMATS[row["format"]].read(push)
    assert content == FORMATS[row["format"]].read(push)
    assert all(seen.vendor_id for seen in content.seen)
