"""The project runs on any machine: no file speaks of the one it was written on, nor of where packages come from."""

import re

from tests.architecture.tree import ROOT, files

MACHINE = re.compile(r"(?<![\w.])/(work|root|home/\w+)/", re.ASCII)
REGISTRY = re.compile(r"pypi\.org|pythonhosted\.org|npmjs\.(org|com)|(deb|security)\.debian\.org|proxy\.golang\.org")


def test_no_file_speaks_of_a_machine_or_of_a_registry() -> None:
    found = [
        f"{file.relative_to(ROOT)}:{number} {line.strip()[:100]}"
        for file in files()
        for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if MACHINE.search(line) or REGISTRY.search(line)
    ]
    assert found == []
