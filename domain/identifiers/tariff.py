"""Codes of goods in the customs tariff: HS, CN and TARIC. They have no check digit."""

import re

from domain.identifiers.kind import DIGITS, Kind

GOODS_CODE = Kind(
    name="goods_code",
    lengths=(2, 4, 6, 8, 10),  # chapter, heading and subheading of the HS, subheadings of the CN and of TARIC
    alphabet=DIGITS,
    shape=re.compile("(?:0[1-9]|[1-9][0-9])(?:[0-9]{2}){0,4}"),
    beside=re.compile("^(?:HS|CN|TARIC)+"),
)
