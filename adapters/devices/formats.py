"""The formats at hand, by the name under which a device is configured."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from adapters.devices import vendors
from domain.registrations.readings import DeviceFormat


def _found() -> Mapping[str, DeviceFormat]:
    modules = (import_module(f"{vendors.__name__}.{module.name}") for module in iter_modules(vendors.__path__))
    formats: list[DeviceFormat] = [module.FORMAT for module in modules if hasattr(module, "FORMAT")]
    return MappingProxyType({form.name: form for form in formats})


FORMATS: Mapping[str, DeviceFormat] = _found()
