"""What the documents say of the tree is so."""

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from bus.watch.rules import CAUSES
from bus.watch.thresholds import Thresholds
from tests.architecture.test_rooms import SETTINGS
from tests.architecture.tree import BESIDE, ROOMS, ROOT, files

LIBRARIES = ROOT / "docs/decisions/0008-libraries.md"
OPERATING = ROOT / "docs/operating.md"
TOPS = (*ROOMS, *BESIDE, "console", "deploy", "docs")
_CODE = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(rf"(?:{'|'.join(TOPS)})(?:/[\w.-]+)*/?")
_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def test_every_path_in_a_document_exists() -> None:
    assert [f"{name}: {path}" for name, path in _mentioned() if not (ROOT / path).exists()] == []


def test_every_link_in_a_document_leads_somewhere() -> None:
    links = [(file, link) for file in _documents() for link in _LINK.findall(file.read_text(encoding="utf-8"))]
    assert [f"{file.name}: {link}" for file, link in links if not (file.parent / link).exists()] == []


def test_every_library_has_its_reason() -> None:
    project = SETTINGS["project"]
    wanted = {re.split(r"[<>=\[]", line)[0] for line in [*project["dependencies"], *_development(project)]}
    rows = re.findall(r"^\| ([\w, -]+) \| ", LIBRARIES.read_text(encoding="utf-8"), re.MULTILINE)
    assert {name for row in rows for name in row.split(", ")} - {"library"} == wanted


def test_operators_read_what_each_alarm_means_and_what_to_do() -> None:
    rows = re.findall(r"^\| `technical:(\w+)` \| (.+) \| (.+) \|$", OPERATING.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(cause for cause, *_ in rows) == sorted(CAUSES)


def test_operators_read_from_when_on_something_is_a_fault() -> None:
    told = OPERATING.read_text(encoding="utf-8")
    settings = {f"`CAIFS_{one.name.upper()}` ({one.default})" for one in fields(Thresholds)}
    assert {setting for setting in settings if setting not in told} == set()


def _development(project: dict[str, dict[str, list[str]]]) -> list[str]:
    return project["optional-dependencies"]["dev"]


def _documents() -> Iterator[Path]:
    yield from (file for file in files() if file.suffix == ".md" and "data" not in file.parts)


def _mentioned() -> Iterator[tuple[str, str]]:
    for file in _documents():
        for code in _CODE.findall(file.read_text(encoding="utf-8")):
            if "/" in code and _PATH.fullmatch(code):
                yield file.name, code
