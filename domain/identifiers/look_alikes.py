"""Characters that cameras and scanners take for one another."""

from domain.identifiers.identifier import LOOK_ALIKES

# The last three are too rare to be folded into one.
_GROUPS = (*LOOK_ALIKES, "4A", "7T", "VY")
_ALIKE = {character: group.replace(character, "") for group in _GROUPS for character in group}


def look_alikes(character: str) -> str:
    """Return the characters for which one may have been taken; empty where it is like no other."""
    return _ALIKE.get(character, "")
