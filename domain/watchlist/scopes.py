"""Whom a watchlist entry may concern."""

from domain.shared.texts import is_code

DRAFTS = "drafts"
"""The feed of entries that nobody has approved yet bears this word in place of a scope; so it can be no scope."""


def is_scope(text: str) -> bool:
    """Tell whether a text can be the code of the country, a region or a site."""
    return is_code(text) and text != DRAFTS
