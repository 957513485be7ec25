"""Hikvision's numbers of countries (``CRIndex``, ``country``), as far as payloads of real cameras show what they mean.

A number that is not here tells no country. That costs nothing: a plate of an unknown country is compared with those of
every country, while a wrong country would hide who is sought.
"""

COUNTRIES = {3: "DE", 7: "PL", 46: "TR"}
"""By the vendor's number, the code of ISO 3166; 0 is not known."""
