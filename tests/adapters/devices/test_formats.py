"""The formats at hand."""

from pathlib import Path

import pytest

from adapters.devices import vendors
from adapters.devices.formats import FORMATS


def test_every_vendor_module_is_found_under_its_name() -> None:
    modules = {path.stem for path in Path(vendors.__path__[0]).glob("[!_]*.py")}
    assert set(FORMATS) == modules
    assert modules >= {"plate_recognizer_stream", "hikvision_isapi"}
    assert all(name == form.name for name, form in FORMATS.items())


def test_the_formats_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        FORMATS["other"] = FORMATS["hikvision_isapi"]  # type: ignore[index]  # the point of the test
