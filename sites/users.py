"""The users of a node's nats-server: the node itself, its children with rights of their own, a site's devices.

A child's secret follows from its parent's and its code, so that a child is entered in one place: `CAIFS_CHILDREN`.
"""

import hmac
import json
from urllib.parse import unquote, urlsplit

from adapters.nats.subjects import rights_of_child, rights_of_devices
from adapters.system import SystemClock
from sites.keys.register import Register, RegisterDamaged
from sites.servers.folders import kept_secret
from sites.servers.gate import KeyUser, key_user
from sites.servers.nats import NatsUser, authorization
from sites.settings import NodeSettings, SettingsInvalid

DEVICES_FILE = "devices.secret"


def child_secret(children_secret: str, parent: str, child: str) -> str:
    """Return what a child shows to its parent's nats-server: letters and digits.

    Neither the parent's secret nor another child's can be told from it.
    """
    return hmac.digest(children_secret.encode(), f"{parent}/{child}".encode(), "sha256").hex()


def children(settings: NodeSettings) -> tuple[NatsUser, ...]:
    """Return the node's children as users of its nats-server."""
    link = settings.link
    if link.children_secret is None:
        return ()
    return tuple(
        NatsUser(
            name=child,
            secret=child_secret(link.children_secret, settings.code, child),
            rights=rights_of_child(settings.code, child, scopes),
        )
        for child, scopes in link.children.items()
    )


def devices(settings: NodeSettings) -> NatsUser | None:
    """Return the user of all devices at a site; its secret is drawn and kept where the settings name none."""
    if settings.role != "site":
        return None
    secret = settings.devices.secret
    if secret is None and settings.link.nats_url is None:
        secret = kept_secret(settings.state / DEVICES_FILE)
    if secret is None:
        return None
    return NatsUser(name=devices_name(settings.code), secret=secret, rights=rights_of_devices())


def devices_name(site: str) -> str:
    """Return what the user of a site's devices is called; no node is called so."""
    return f"{site}.devices"


def children_with_keys(settings: NodeSettings) -> list[KeyUser]:
    """Return the children that have keys as users of the node's nats-server.

    Raises:
        SettingsInvalid: the register of children cannot be read.
    """
    now = SystemClock().now()
    try:
        invited = Register(settings.state).read()
    except RegisterDamaged as fault:
        raise SettingsInvalid(str(fault)) from fault
    return [
        KeyUser(nkey=key.nkey, rights=rights_of_child(settings.code, code, child.scopes))
        for code, child in invited.items()
        for key in child.good_keys(now)
    ]


def secret_of(settings: NodeSettings, child: str) -> str:
    """Return what a child of this node shows to the node's nats-server.

    Raises:
        SettingsInvalid: it is no child of this node, or there is nothing that its secret follows from.
    """
    for user in children(settings):
        if user.name == child:
            return user.secret
    raise SettingsInvalid(f"{child!r} does not stand in CAIFS_CHILDREN, or CAIFS_CHILDREN_SECRET is missing")


def operators_configuration(settings: NodeSettings) -> str:
    """Return what the operator's nats-server includes in its configuration, secrets in it: all users it needs to know.

    Raises:
        SettingsInvalid: they cannot be told from these settings.
    """
    url = urlsplit(settings.link.nats_url or "")
    if not (url.username and url.password):
        raise SettingsInvalid("CAIFS_NATS_URL does not name the operator's nats-server with user and password")
    if url.username in settings.link.children:
        raise SettingsInvalid(f"CAIFS_NATS_URL: the user {url.username!r} is a child's")
    if settings.link.children and settings.link.children_secret is None:
        raise SettingsInvalid("CAIFS_CHILDREN_SECRET is missing: the secrets of the children follow from it")
    own = NatsUser(name=unquote(url.username), secret=unquote(url.password))
    told = authorization(own, children(settings), devices=devices(settings))
    told["users"] += [key_user(user) for user in children_with_keys(settings)]
    return json.dumps({"authorization": told}, indent=1)
