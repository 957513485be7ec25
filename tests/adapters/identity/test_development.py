from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from adapters.identity.development import KEY_FILE, LONGEST_TOKEN, DevelopmentIssuer
from adapters.identity.errors import TokenExpired, TokenRefused
from adapters.identity.key_file import key_pair
from adapters.memory.clock import SteppingClock
from domain.shared.actors import Actor, Role

HOUR = timedelta(hours=1)


def test_token_tells_who_bears_it_and_until_when(issuer: DevelopmentIssuer, clock: SteppingClock) -> None:
    token = issuer.mint("jan", (Role.OFFICER, Role.ANALYST), HOUR)

    actor, expires_at = issuer.verify(token)

    assert actor == Actor(name="jan", roles=frozenset({Role.OFFICER, Role.ANALYST}))
    assert expires_at == clock.now() + HOUR


def test_token_outlives_a_restart(tmp_path: Path, issuer: DevelopmentIssuer, clock: SteppingClock) -> None:
    token = issuer.mint("jan", (Role.OFFICER,), HOUR)
    actor, _ = DevelopmentIssuer(tmp_path, "dorohusk", clock).verify(token)
    assert actor.name == "jan"


def test_token_expires(issuer: DevelopmentIssuer, clock: SteppingClock) -> None:
    token = issuer.mint("jan", (Role.OFFICER,), HOUR)
    clock.step(HOUR - timedelta(seconds=1))
    issuer.verify(token)
    clock.step()
    with pytest.raises(TokenExpired):
        issuer.verify(token)


def test_token_of_another_node_is_refused(tmp_path: Path, issuer: DevelopmentIssuer, clock: SteppingClock) -> None:
    elsewhere = DevelopmentIssuer(tmp_path, "koroszczyn", clock)  # of the same key, so only its audience is wrong
    with pytest.raises(TokenRefused):
        issuer.verify(elsewhere.mint("jan", (Role.OFFICER,), HOUR))


def test_token_of_another_key_is_refused(tmp_path: Path, issuer: DevelopmentIssuer, clock: SteppingClock) -> None:
    (tmp_path / "elsewhere").mkdir()
    forger = DevelopmentIssuer(tmp_path / "elsewhere", "dorohusk", clock)
    with pytest.raises(TokenRefused):
        issuer.verify(forger.mint("jan", (Role.OFFICER,), HOUR))


@pytest.mark.parametrize("role", [Role.DEVICE, Role.SYSTEM])
def test_token_grants_roles_of_persons_alone(
    tmp_path: Path, issuer: DevelopmentIssuer, clock: SteppingClock, role: Role
) -> None:
    with pytest.raises(ValueError, match="roles of persons"):
        issuer.mint("node", (role,), HOUR)
    with pytest.raises(TokenRefused):
        issuer.verify(signed(tmp_path, clock, roles=[role.value]))


@pytest.mark.parametrize(
    "claims",
    [
        {"roles": []},
        {"roles": ["king"]},
        {"roles": "officer"},
        {"roles": None},
        {"sub": ""},
        {"sub": None},
        {"sub": 7},
        {"exp": "soon"},
        {"exp": None},
        {"exp": 10**30},
        {"aud": ["caifs:dorohusk"]},
        {"aud": "caifs:centre"},
        {"iss": "caifs:centre"},
    ],
    ids=str,
)
def test_claims_that_make_no_sense_are_refused(
    tmp_path: Path, issuer: DevelopmentIssuer, clock: SteppingClock, claims: dict[str, Any]
) -> None:
    assert issuer.verify(signed(tmp_path, clock))[0].name == "jan"
    with pytest.raises(TokenRefused):
        issuer.verify(signed(tmp_path, clock, **claims))


@pytest.mark.parametrize(
    "token", ["", "x", "a.b.c", "..", "żółć.ą.ę", "e30.e30.e30", "\0", "a" * (LONGEST_TOKEN + 1)], ids=repr
)
def test_junk_is_refused(issuer: DevelopmentIssuer, token: str) -> None:
    with pytest.raises(TokenRefused):
        issuer.verify(token)


def test_unsigned_token_is_refused(issuer: DevelopmentIssuer) -> None:
    head, body, _ = issuer.mint("jan", (Role.OFFICER,), HOUR).split(".")
    with pytest.raises(TokenRefused):
        issuer.verify(f"{head}.{body}.")
    with pytest.raises(TokenRefused):
        issuer.verify(f"eyJhbGciOiJub25lIn0.{body}.")


def test_token_signed_with_the_public_key_as_a_secret_is_refused(
    tmp_path: Path, issuer: DevelopmentIssuer, clock: SteppingClock
) -> None:
    public = key_pair(tmp_path / KEY_FILE).as_dict(private=False)["x"]
    forged = jwt.encode({"alg": "HS256"}, claims_of(clock), OctKey.import_key(str(public)), ["HS256"])
    with pytest.raises(TokenRefused):
        issuer.verify(forged)


def claims_of(clock: SteppingClock, **changed: Any) -> dict[str, Any]:
    now = int(clock.now().timestamp())
    name = "caifs:dorohusk"
    return {"iss": name, "aud": name, "sub": "jan", "roles": ["officer"], "iat": now, "exp": now + 60, **changed}


def signed(folder: Path, clock: SteppingClock, **changed: Any) -> str:
    key: OKPKey = key_pair(folder / KEY_FILE)
    return jwt.encode({"alg": "Ed25519"}, claims_of(clock, **changed), key, ["Ed25519"])
