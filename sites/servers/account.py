"""Whom the servers run as."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Another user of this machine, with no group but its first."""

    uid: int
    gid: int

    def may_pass(self, path: Path) -> bool:
        """Whether every folder down to `path`, and `path` itself, may be entered (a program: run) by this user."""
        path = path.resolve()
        return all(self._may_enter(part) for part in (path, *path.parents))

    def _may_enter(self, path: Path) -> bool:
        status = path.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.gid:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)


def server_account() -> Account | None:
    """Whom servers run as: `nobody` if we are root (PostgreSQL refuses root), else None, which means: as ourselves.

    Raises:
        KeyError: root's machine has no user `nobody`.
    """
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(uid=nobody.pw_uid, gid=nobody.pw_gid)
