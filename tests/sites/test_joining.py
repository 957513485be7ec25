"""Invitations, and the nodes that take them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.database.schema import migrate_sqlite
from sites.joining import NotJoined, join, move
from sites.keys.expiry import certificates
from sites.keys.invitation import Invitation, InvitationUnreadable
from sites.keys.issuing import Issuer
from sites.keys.membership import membership
from sites.keys.register import ChildUnfit, Register
from sites.occupancy import StateInUse, occupied
from sites.settings import read
from sites.watching import certificates as certificates_watched

NOW = datetime.now(UTC)
YEAR = timedelta(days=365)
Invite = Callable[..., Invitation]


@pytest.fixture
def invite(tmp_path: Path) -> Invite:
    def invited(child: str = "koroszczyn", parent: str = "lublin", lasts: timedelta = YEAR) -> Invitation:
        issuer = Issuer(
            code=parent, state=tmp_path / parent, leaf_url=f"tls://{parent}:7422", client_url=f"tls://{parent}:4222"
        )
        file = tmp_path / f"{child}-of-{parent}"
        issuer.invite(child, "site", ("pl", child), file, now=NOW, lasts=lasts)
        assert file.stat().st_mode & 0o777 == 0o600
        return Invitation.read(file)

    return invited


def test_a_fresh_node_joins_once(invite: Invite, tmp_path: Path) -> None:
    state, invitation = tmp_path / "state", invite()
    join(state, invitation, "site", now=NOW)
    assert membership(state) == invitation
    assert (state / "membership.json").stat().st_mode & 0o777 == 0o600
    with pytest.raises(NotJoined, match="is a node's already"):
        join(state, invitation, "site", now=NOW)


def test_what_the_invitation_says_holds_where_the_environment_says_nothing(invite: Invite, tmp_path: Path) -> None:
    state, invitation = tmp_path / "state", invite()
    join(state, invitation, "site", now=NOW)
    told = {"CAIFS_STATE": str(state)}
    settings = read("site", told)
    assert (settings.code, settings.link.parent, settings.link.scopes) == ("koroszczyn", "lublin", ("pl", "koroszczyn"))
    assert (settings.link.parent_leaf_url, settings.link.parent_url) == (invitation.leaf_url, invitation.client_url)
    assert settings.link.parent_credentials == invitation.credentials
    assert invitation.seed not in repr(settings)

    link = read("site", told | {"CAIFS_PARENT_URL": "nats://koroszczyn:x@lublin:4222", "CAIFS_SCOPES": "pl"}).link
    assert (link.parent_url, link.scopes) == ("nats://koroszczyn:x@lublin:4222", ("pl",))
    assert (link.parent_leaf_url, link.parent_credentials) == (None, None)
    other = read("site", told | {"CAIFS_PARENT": "bialystok", "CAIFS_SCOPES": "pl"}).link
    assert (other.parent, other.parent_url, other.parent_credentials) == ("bialystok", None, None)


def test_a_node_moves_with_its_data_to_whom_invites_it(invite: Invite, tmp_path: Path) -> None:
    state = tmp_path / "state"
    with pytest.raises(NotJoined, match="there is no node"):
        move(state, invite(), "site", code=None, now=NOW)
    join(state, Invitation.read(tmp_path / "koroszczyn-of-lublin"), "site", now=NOW)
    moved = invite(parent="bialystok")
    move(state, moved, "site", code=None, now=NOW)
    assert membership(state) == moved
    with pytest.raises(NotJoined, match="the invitation is for dorohusk"):
        move(state, invite("dorohusk"), "site", code="dorohusk", now=NOW)


def test_a_node_with_data_and_no_membership_says_by_its_settings_who_it_is(invite: Invite, tmp_path: Path) -> None:
    state, invitation = tmp_path / "state", invite()
    state.mkdir()
    migrate_sqlite(state / "site.sqlite")
    with pytest.raises(NotJoined, match="is a node's already"):
        join(state, invitation, "site", now=NOW)
    with pytest.raises(NotJoined, match="is of nobody known"):
        move(state, invitation, "site", code=None, now=NOW)
    move(state, invitation, "site", code="koroszczyn", now=NOW)
    assert membership(state) == invitation


def test_nobody_joins_or_moves_while_a_node_runs_there(invite: Invite, tmp_path: Path) -> None:
    state, invitation = tmp_path / "state", invite()
    with occupied(state):
        with pytest.raises(StateInUse):
            join(state, invitation, "site", now=NOW)
        with pytest.raises(StateInUse):
            move(state, invitation, "site", code="koroszczyn", now=NOW)


def test_an_invitation_for_another_role_or_that_has_ended_is_refused(invite: Invite, tmp_path: Path) -> None:
    with pytest.raises(NotJoined, match="invited as a site"):
        join(tmp_path / "state", invite(), "region", now=NOW)
    with pytest.raises(NotJoined, match="ended at"):
        join(tmp_path / "state", invite("dorohusk"), "site", now=NOW + YEAR)


def test_a_file_that_is_no_invitation_is_told_as_such(invite: Invite, tmp_path: Path) -> None:
    whole = (invite(), (tmp_path / "koroszczyn-of-lublin").read_text())[1]
    other = invite("dorohusk")
    own = Invitation.read(tmp_path / "koroszczyn-of-lublin")
    for text in ("", "{}", whole[:-20], whole.replace(own.seed, other.seed), whole.replace(own.seed, "SU"), "\xff"):
        file = tmp_path / "damaged"
        file.write_text(text, encoding="latin-1")
        with pytest.raises(InvitationUnreadable):
            Invitation.read(file)
    with pytest.raises(InvitationUnreadable):
        Invitation.read(tmp_path / "nowhere")


def test_certificates_tell_when_they_end(invite: Invite, tmp_path: Path) -> None:
    state, invitation = tmp_path / "state", invite()
    join(state, invitation, "site", now=NOW)
    (own,) = certificates(state, "koroszczyn")
    assert (own.use, own.node, own.not_after) == ("own", "koroszczyn", invitation.not_after)
    told = {one.use: one.node for one in certificates(tmp_path / "lublin", "lublin")}
    assert told == {"child": "koroszczyn", "authority": "lublin"}
    Register(tmp_path / "lublin").revoke("koroszczyn")
    assert [one.use for one in certificates(tmp_path / "lublin", "lublin")] == ["authority"]


def test_a_running_node_watches_the_first_certificate_of_each_node_to_end(invite: Invite, tmp_path: Path) -> None:
    invitation = invite(lasts=timedelta(days=20))
    parent = read(
        "region", {"CAIFS_NODE": "lublin", "CAIFS_STATE": str(tmp_path / "lublin"), "CAIFS_PARENT": "central"}
    )
    ends = {one.owner: one.expires_at for one in certificates_watched(parent)}
    assert set(ends) == {"koroszczyn", "lublin"}
    assert ends["koroszczyn"] == invitation.not_after < ends["lublin"]
    (tmp_path / "lublin" / "children.json").write_text("{")
    assert certificates_watched(parent) == ()


def test_a_child_is_invited_once_until_it_is_revoked(invite: Invite, tmp_path: Path) -> None:
    invite()
    (tmp_path / "koroszczyn-of-lublin").unlink()
    with pytest.raises(ChildUnfit, match="has been invited"):
        invite()
    assert not (tmp_path / "koroszczyn-of-lublin").exists()
    register = Register(tmp_path / "lublin")
    register.revoke("koroszczyn")
    with pytest.raises(ChildUnfit, match="has no key"):
        register.revoke("koroszczyn")
    invite()
    assert len(register.find("koroszczyn").keys) == 1
