"""What the environment may say of a node."""

import pytest

from sites.settings import SettingsInvalid, read

SITE = {"CAIFS_NODE": "dorohusk", "CAIFS_PARENT": "lublin", "CAIFS_SCOPES": "pl,lublin,dorohusk"}
REGION = {"CAIFS_NODE": "lublin", "CAIFS_PARENT": "central", "CAIFS_SCOPES": "*", "CAIFS_CHILDREN_SECRET": "s" * 32}


@pytest.mark.parametrize("word", ["drafts", "PL"])
def test_a_word_that_is_no_scope_is_refused_wherever_a_scope_or_a_node_stands(word: str) -> None:
    for role, environment in (
        ("site", SITE | {"CAIFS_SCOPES": f"pl,{word}"}),
        ("region", REGION | {"CAIFS_CHILDREN": f"dorohusk=pl,{word}"}),
        ("region", REGION | {"CAIFS_CHILDREN": f"{word}=pl"}),
        ("site", SITE | {"CAIFS_PARENT": word}),
        ("site", SITE | {"CAIFS_NODE": word}),
    ):
        with pytest.raises(SettingsInvalid, match=f"'{word}' is no (scope|code of a node)"):
            read(role, environment)  # type: ignore[arg-type]  # a word of the table above


def test_scopes_are_read_as_they_stand() -> None:
    assert read("site", SITE).link.scopes == ("pl", "lublin", "dorohusk")
    region = read("region", REGION | {"CAIFS_CHILDREN": "dorohusk=pl,dorohusk"}).link
    assert (region.scopes, region.children) == (("*",), {"dorohusk": ("pl", "dorohusk")})
