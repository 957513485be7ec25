"""What the replication core of a node was told and what it answered, as lines of JSON; and the same said to it again.

A line is ``[what, number, call, arguments, answer]``. ``what`` is a class or function of the core by its full name,
``number`` tells objects of a class apart, ``call`` is a method; a function has neither.
"""

import functools
import inspect
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

MADE = "__init__"


class Trace:
    """A file that grows by a line per call. A line that a crash cuts short is the last one."""

    def __init__(self, file: Path) -> None:
        """Write to ``file``; its folder exists."""
        self._file = file.open("ab", buffering=0)

    def close(self) -> None:
        """End it."""
        self._file.close()

    def write(self, what: str, number: int, call: str, arguments: Mapping[str, Any], answer: Any) -> None:
        """Write what was said and answered."""
        self._file.write(msgspec.json.encode([what, number, call, plain(arguments), plain(answer)]) + b"\n")


class Otherwise(AssertionError):  # noqa: N818 - named by what happened
    """The core answered otherwise than it did when it was traced."""


def traced(core: Any, trace: Trace) -> Any:
    """Return a class or function of the core that writes down what it is told."""
    return _traced_class(core, trace) if inspect.isclass(core) else _traced_function(core, trace)


def replay(file: Path) -> int:
    """Say to the core of today what a traced one was told; return how many answers were the same.

    Raises:
        Otherwise: one was not.
    """
    objects: dict[tuple[str, int], Any] = {}
    same = 0
    for what, number, call, arguments, answer in _lines(file):
        core = _find(what)
        if call == MADE:
            objects[what, number] = core(**_meant(core.__init__, arguments))
            continue
        said_to = getattr(objects[what, number], call) if call else core
        answered = msgspec.json.decode(msgspec.json.encode(plain(said_to(**_meant(said_to, arguments)))))
        if answered != answer:
            raise Otherwise(f"{what} {number} {call} {arguments}: {answered}, and not {answer}")
        same += 1
    return same


def plain(value: Any) -> Any:
    """Return a value in terms of JSON, with the name of its class where it may be of several."""
    match value:
        case list() | tuple() if not hasattr(value, "_fields"):
            return [plain(each) for each in value]
        case Mapping():
            return {key: plain(each) for key, each in value.items()}
        case _ if is_dataclass(value):
            return [type(value).__name__, *(plain(getattr(value, field.name)) for field in fields(value))]
        case _:
            return msgspec.to_builtins(value)


def _traced_function(core: Callable[..., Any], trace: Trace) -> Callable[..., Any]:
    signature, name = inspect.signature(core), _name(core)

    @functools.wraps(core)
    def tracing(*args: Any, **named: Any) -> Any:
        answer = core(*args, **named)
        trace.write(name, 0, "", signature.bind(*args, **named).arguments, answer)
        return answer

    return tracing


def _traced_class(core: type, trace: Trace) -> type:
    numbers = count(1)
    calls = {name: call for name, call in inspect.getmembers(core, inspect.isfunction) if not name.startswith("_")}
    made = inspect.signature(core)

    def begin(self: Any, *args: Any, **named: Any) -> None:
        core.__init__(self, *args, **named)  # type: ignore[misc] - of the class that is traced
        self.traced_number, self.traced_within = next(numbers), False
        trace.write(_name(core), self.traced_number, MADE, made.bind(*args, **named).arguments, None)

    tracing = {name: _traced_call(core, name, call, trace) for name, call in calls.items()}
    return type(core.__name__, (core,), {MADE: begin, **tracing})


def _traced_call(core: type, name: str, call: Callable[..., Any], trace: Trace) -> Callable[..., Any]:
    signature = inspect.signature(call)

    def tracing(self: Any, *args: Any, **named: Any) -> Any:
        if self.traced_within:
            return call(self, *args, **named)
        self.traced_within = True
        try:
            answer = call(self, *args, **named)
        finally:
            self.traced_within = False
        arguments = dict(signature.bind(self, *args, **named).arguments)
        arguments.pop("self")
        trace.write(_name(core), self.traced_number, name, arguments, answer)
        return answer

    return tracing


def _name(core: Any) -> str:
    return f"{core.__module__}:{core.__qualname__}"


@functools.cache
def _find(name: str) -> Any:
    module, _, attribute = name.partition(":")
    return getattr(import_module(module), attribute)


def _meant(call: Callable[..., Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    kinds = _kinds(getattr(call, "__func__", call))
    return {name: msgspec.convert(value, kinds[name]) for name, value in arguments.items()}


@functools.cache
def _kinds(call: Callable[..., Any]) -> Mapping[str, Any]:
    return typing.get_type_hints(call, include_extras=True)


def _lines(file: Path) -> Iterator[tuple[str, int, str, dict[str, Any], Any]]:
    with file.open("rb") as lines:
        for line in lines:
            if line.endswith(b"\n"):
                yield tuple(msgspec.json.decode(line))
