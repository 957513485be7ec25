"""Who is let in: what a running parent knows of its children, as its settings and its register say."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

import structlog

from sites.keys.register import Register, RegisterDamaged

_log = structlog.get_logger(__name__)


class Admitted(NamedTuple):
    """A key that is let in, and what for.

    Attributes:
        is_newest: of this child; once it is used older ones are dropped.
    """

    child: str
    nkey: str
    fingerprint: str
    scopes: tuple[str, ...]
    is_newest: bool


class Admission(Mapping[str, tuple[str, ...]]):
    """The scopes of each child that a node has now, by its code. Where both know a child the register is right."""

    def __init__(self, static: Mapping[str, tuple[str, ...]], register: Register | None) -> None:
        """Admit the children of the settings (``static``), who have passwords, and those in the register."""
        self._static = static
        self._register = register
        self._scopes = dict(static)
        self.keys_let_in: tuple[Admitted, ...] = ()

    def refresh(self, now: datetime) -> bool:
        """Read the register anew; tell whether other keys than before are let in. A damaged one changes nothing."""
        if self._register is None:
            return False
        try:
            children = self._register.read()
        except (RegisterDamaged, OSError) as fault:
            _log.error("register_unreadable", error=str(fault))
            return False
        admitted = tuple(
            Admitted(code, key.nkey, key.fingerprint, child.scopes, key == child.keys[0])
            for code, child in children.items()
            for key in child.good_keys(now)
        )
        self._scopes = {**self._static, **{one.child: one.scopes for one in admitted}}
        is_changed = admitted != self.keys_let_in
        self.keys_let_in = admitted
        return is_changed

    def __getitem__(self, child: str) -> tuple[str, ...]:
        return self._scopes[child]

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._scopes))

    def __len__(self) -> int:
        return len(self._scopes)
