"""The users of a node's nats-server: the node itself, and each of its children with rights of its own.

A child's secret follows from its parent's and its code, so that a child is entered in one place: `CAIFS_CHILDREN`.
"""

import hmac
import json
from urllib.parse import unquote, urlsplit

from adapters.nats.subjects import rights_of_child
from sites.servers.nats import NatsUser, authorization
from sites.settings import NodeSettings, SettingsInvalid


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
    return json.dumps({"authorization": authorization(own, children(settings))}, indent=1)
