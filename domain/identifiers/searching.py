"""The form in which a part of an identifier, or of a name, is searched for."""

import unicodedata

from domain.identifiers.identifier import canonical

# Letters that are no Latin letter with a mark, as they stand in the machine-readable zone (ICAO Doc 9303-3, section 6).
_PLAIN = str.maketrans({"Ł": "L", "Ø": "OE", "Đ": "D", "Ð": "D", "Þ": "TH", "Æ": "AE", "Œ": "OE", "İ": "I"})


def searched(raw: str) -> str:
    """Return letters and digits of ``raw`` alone: upper case, without marks, Cyrillic look-alikes as Latin letters."""
    letters = canonical(raw)
    if letters.isascii():
        return letters
    plain = letters.translate(_PLAIN)
    return "".join(each for each in unicodedata.normalize("NFD", plain) if not unicodedata.combining(each))
