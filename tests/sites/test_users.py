import json
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest

from bus.link.wire import Question
from sites.settings import Role, SettingsInvalid, read
from sites.users import child_secret, devices, operators_configuration, secret_of

SECRET = "0123456789abcdef0123456789abcdef"
REGION = {
    "CAIFS_NODE": "lublin",
    "CAIFS_PARENT": "central",
    "CAIFS_NATS_URL": "nats://lublin:own%40secret@127.0.0.1:4222",
    "CAIFS_CHILDREN": "koroszczyn=pl,lublin;dorohusk=*",
    "CAIFS_CHILDREN_SECRET": SECRET,
}


def configured(role: Role, environment: dict[str, str]) -> dict[str, dict[str, object]]:
    users = json.loads(operators_configuration(read(role, environment)))["authorization"]["users"]
    return {user["user"]: user for user in users}


def printed(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "sites.cli", *arguments]
    return subprocess.run(command, env=REGION, capture_output=True, text=True, check=False)  # noqa: S603 - our own program


def test_each_child_of_each_parent_has_a_secret_of_its_own() -> None:
    secrets = [
        child_secret(secret, parent, child)
        for secret in (SECRET, SECRET[::-1])
        for parent in ("lublin", "lublin2")
        for child in ("koroszczyn", "dorohusk")
    ]
    assert all(one != other for one, other in combinations(secrets, 2))
    assert all(len(secret) == 64 and secret.isalnum() for secret in secrets)
    assert child_secret(SECRET, "lublin", "koroszczyn") == secrets[0]


def test_the_operators_server_is_told_of_the_node_and_its_children() -> None:
    users = configured("region", REGION)
    assert set(users) == {"lublin", "koroszczyn", "dorohusk"}
    assert users["lublin"] == {
        "user": "lublin",
        "password": "own@secret",
        "allowed_connection_types": ["STANDARD"],
    }
    assert users["koroszczyn"]["password"] == child_secret(SECRET, "lublin", "koroszczyn")
    assert users["koroszczyn"]["allowed_connection_types"] == ["STANDARD", "LEAFNODE"]
    assert users["koroszczyn"]["permissions"] == {
        "publish": [
            *(f"up.lublin.koroszczyn.{channel}" for channel in ("alarms", "facts", "technical", "audit")),
            *(f"rpc.lublin.koroszczyn.{question}" for question in Question),
        ],
        "subscribe": [
            "ack.lublin.koroszczyn",
            *(
                f"down.lublin.{module}.{scope}"
                for module in ("erasure", "organisation", "watchlist")
                for scope in ("lublin", "pl")
            ),
            "_INBOX.koroszczyn.>",
        ],
    }
    assert "down.lublin.>" in str(users["dorohusk"]["permissions"])


def test_a_site_has_nobody_but_itself() -> None:
    site = {name: REGION[name] for name in ("CAIFS_NODE", "CAIFS_PARENT", "CAIFS_NATS_URL")}
    site["CAIFS_SCOPES"] = "pl,lublin"
    assert set(configured("site", site)) == {"lublin"}


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("CAIFS_NATS_URL", "", "does not name"),
        ("CAIFS_NATS_URL", "nats://127.0.0.1:4222", "does not name"),
        ("CAIFS_NATS_URL", "nats://koroszczyn:x@127.0.0.1:4222", "'koroszczyn' is a child's"),
        ("CAIFS_CHILDREN_SECRET", "", "is missing"),
        ("CAIFS_CHILDREN_SECRET", SECRET[1:], "can be guessed"),
        ("CAIFS_CHILDREN", "lublin=pl", "no child of its own"),
        ("CAIFS_CHILDREN", "koroszczyn=>", "'>' is no scope"),
        ("CAIFS_CHILDREN", "koroszczyn=pl.*", "is no scope"),
    ],
)
def test_what_does_not_fit_is_told(name: str, value: str, problem: str) -> None:
    with pytest.raises(SettingsInvalid, match=problem) as told:
        configured("region", REGION | {name: value})
    assert SECRET[1:] not in str(told.value)


def test_a_node_with_a_server_of_its_own_needs_what_its_childrens_secrets_follow_from() -> None:
    own = {name: REGION[name] for name in ("CAIFS_NODE", "CAIFS_PARENT", "CAIFS_CHILDREN")}
    with pytest.raises(SettingsInvalid, match="CAIFS_CHILDREN_SECRET is missing"):
        read("region", own)


def test_settings_hide_the_secret() -> None:
    assert SECRET not in repr(read("region", REGION))


def test_the_command_prints_users_and_secrets() -> None:
    assert json.loads(printed("users", "region").stdout)["authorization"]["users"][0]["user"] == "lublin"
    assert printed("child-secret", "region", "koroszczyn").stdout.strip() == secret_of(
        read("region", REGION), "koroszczyn"
    )
    refused = printed("child-secret", "region", "kukuryki")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "'kukuryki' does not stand in CAIFS_CHILDREN" in refused.stderr


SITE = {"CAIFS_NODE": "dorohusk", "CAIFS_PARENT": "lublin", "CAIFS_SCOPES": "pl", "CAIFS_NATS_URL": "nats://a:b@h:4222"}


def test_the_operators_server_of_a_site_is_told_of_its_devices() -> None:
    assert set(configured("site", SITE)) == {"a"}
    users = configured("site", SITE | {"CAIFS_DEVICES_SECRET": SECRET})
    assert users["dorohusk.devices"] == {
        "user": "dorohusk.devices",
        "password": SECRET,
        "allowed_connection_types": ["STANDARD"],
        "permissions": {"publish": ["devices.>"], "subscribe": ["_INBOX_DEVICES.>"]},
    }


def test_a_site_draws_a_secret_for_its_devices_once(tmp_path: Path) -> None:
    alone = {name: value for name, value in SITE.items() if name != "CAIFS_NATS_URL"} | {"CAIFS_STATE": str(tmp_path)}
    first, second = (devices(read("site", alone)) for _ in range(2))
    assert first == second
    assert first is not None
    assert len(first.secret) >= 43
    assert devices(read("region", REGION)) is None


def test_only_a_site_has_devices() -> None:
    with pytest.raises(SettingsInvalid, match="only a site has devices"):
        read("region", REGION | {"CAIFS_DEVICES_SECRET": SECRET})
