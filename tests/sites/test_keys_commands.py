"""The commands of a parent that does not run, or whose nats-server is the operator's."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509

from bus.watch.rules import CERTIFICATE, faults
from sites.keys.invitation import Invitation
from sites.keys.register import Register
from sites.settings import read
from sites.watching import certificates as certificates_watched
from tests.bus.watch.conditions import NOW, condition, link

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def region(tmp_path: Path) -> dict[str, str]:
    return {
        "CAIFS_NODE": "lublin",
        "CAIFS_STATE": str(tmp_path / "lublin"),
        "CAIFS_PARENT": "central",
        "CAIFS_NATS_URL": "nats://lublin:own@127.0.0.1:4222",
        "CAIFS_GATE_NAME": "lublin.example",
        "CAIFS_CHILDREN": "koroszczyn=pl",
        "CAIFS_CHILDREN_SECRET": SECRET,
    }


def caifs(environment: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "sites.cli", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own program


def invite(region: dict[str, str], child: str, file: Path, scopes: str = "pl") -> "subprocess.CompletedProcess[str]":
    return caifs(region, "keys", "invite", "region", child, "--scopes", scopes, "-o", str(file))


def test_an_operators_server_is_told_of_children_with_keys_beside_those_with_passwords(
    region: dict[str, str], tmp_path: Path
) -> None:
    assert invite(region, "dorohusk", tmp_path / "invitation").returncode == 0
    invitation = Invitation.read(tmp_path / "invitation")
    assert (invitation.leaf_url, invitation.client_url) == ("tls://lublin.example:7422", "tls://lublin.example:4222")
    (key,) = Register(tmp_path / "lublin").find("dorohusk").keys
    users = json.loads(caifs(region, "users", "region").stdout)["authorization"]["users"]
    assert [user.get("user") or user["nkey"] for user in users] == ["lublin", "koroszczyn", key.nkey]
    assert "up.lublin.dorohusk.facts" in users[2]["permissions"]["publish"]
    told = caifs(region, "keys", "revoke", "region", "dorohusk").stdout
    assert "`caifs users` tells it anew" in told
    assert key.nkey not in caifs(region, "users", "region").stdout


def test_what_does_not_fit_is_refused_in_words(region: dict[str, str], tmp_path: Path) -> None:
    for child, scopes, why in (
        ("lublin", "pl", "no code of a child"),
        ("Dorohusk", "pl", "no code of a child"),
        ("dorohusk", "*", "a site must name each"),
        ("dorohusk", "pl,>", "is no scope"),
        ("dorohusk", "", "name the scopes"),
    ):
        refused = invite(region, child, tmp_path / "invitation", scopes)
        assert (refused.returncode, why in refused.stderr) == (2, True), refused.stderr
        assert "Traceback" not in refused.stderr
    assert not (tmp_path / "invitation").exists()
    refused = caifs(region, "keys", "rotate", "region", "dorohusk", "-o", str(tmp_path / "other"))
    assert (refused.returncode, "has no key" in refused.stderr) == (2, True)


def test_a_gate_that_never_ran_has_no_address_unless_its_ports_are_told(region: dict[str, str], tmp_path: Path) -> None:
    del region["CAIFS_NATS_URL"]
    refused = invite(region, "dorohusk", tmp_path / "invitation")
    assert (refused.returncode, "CAIFS_GATE_LEAF_PORT is missing" in refused.stderr) == (2, True)
    region |= {"CAIFS_GATE_PORT": "14222", "CAIFS_GATE_LEAF_PORT": "17422"}
    assert invite(region, "dorohusk", tmp_path / "invitation").returncode == 0
    assert Invitation.read(tmp_path / "invitation").leaf_url == "tls://lublin.example:17422"


def test_all_children_are_listed(region: dict[str, str], tmp_path: Path) -> None:
    invite(region, "dorohusk", tmp_path / "invitation")
    first, second = (line.split("\t") for line in caifs(region, "keys", "list", "region").stdout.splitlines())
    assert (first[0], first[1], first[4], first[5]) == ("dorohusk", "good", "pl", "never seen")
    assert second == ["koroszczyn", "password"]


def test_an_operator_has_files_for_both_ends(region: dict[str, str], tmp_path: Path) -> None:
    invite(region, "dorohusk", tmp_path / "invitation")
    caifs(region, "keys", "certify", "region", "-o", str(tmp_path / "parent"))
    caifs(region, "keys", "unpack", str(tmp_path / "invitation"), "-o", str(tmp_path / "child"))
    server, own, authority = (
        x509.load_pem_x509_certificate((tmp_path / file).read_bytes())
        for file in ("parent/server.crt", "child/parent.crt", "child/parent-authority.crt")
    )
    for certificate in (server, own):
        certificate.verify_directly_issued_by(authority)
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "lublin.example" in names.get_values_for_type(x509.DNSName)
    for folder in ("parent", "child"):
        assert {file.stat().st_mode & 0o777 for file in (tmp_path / folder).iterdir()} == {0o600}
    assert Invitation.read(tmp_path / "invitation").seed in (tmp_path / "child" / "parent.env").read_text()


def test_the_certificate_of_an_operators_server_is_watched_until_a_new_one_is_written(
    region: dict[str, str], tmp_path: Path
) -> None:
    def watched() -> list[str]:
        parent = read("region", region)
        seen = condition(at=datetime.now(UTC), certificates=certificates_watched(parent), link=link(parent=()))
        return [label for cause, label in faults(seen, parent.watch, NOW) if cause == CERTIFICATE]

    certify = ("keys", "certify", "region", "-o", str(tmp_path / "parent"), "--days")
    caifs(region, *certify, "20")
    assert watched() == ["lublin nats-server"]
    caifs(region, *certify, "40")
    assert watched() == []
    caifs(region, *certify, "20")
    del region["CAIFS_NATS_URL"]
    assert watched() == [], "the gate that the node brings along is in use instead"
