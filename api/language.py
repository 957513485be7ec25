"""The language in which a caller is answered."""

import re
from typing import Literal

Language = Literal["en", "pl"]

_RANGE = re.compile(r"\s*([a-zA-Z]{1,8}|\*)(?:-[a-zA-Z0-9-]{1,40})?\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?))?\s*")


def language(accepted: str) -> Language:
    """Return the language that the header ``Accept-Language`` likes best; English unless Polish is preferred."""
    weights = {"en": 0.0, "pl": 0.0}
    for part in accepted[:400].split(","):
        found = _RANGE.fullmatch(part)
        if found and found[1].lower() in weights:
            weights[found[1].lower()] = float(found[2] or 1)
    return "pl" if weights["pl"] > weights["en"] else "en"
