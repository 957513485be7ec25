"""Countries by the codes in which devices name them: ISO 3166 or the distinguishing sign on vehicles."""

# Distinguishing sign (UN list under the 1968 Convention on Road Traffic), ISO 3166 alpha-2, alpha-3.
_TABLE = """
A AT AUT  AL AL ALB  AM AM ARM  AND AD AND  AZ AZ AZE  B BE BEL  BG BG BGR  BIH BA BIH  BY BY BLR  CDN CA CAN
CH CH CHE  CN CN CHN  CY CY CYP  CZ CZ CZE  D DE DEU  DK DK DNK  E ES ESP  EST EE EST  F FR FRA  FIN FI FIN
FL LI LIE  GE GE GEO  GR GR GRC  H HU HUN  HR HR HRV  I IT ITA  IL IL ISR  IR IR IRN  IRL IE IRL  IS IS ISL
KG KG KGZ  KZ KZ KAZ  L LU LUX  LT LT LTU  LV LV LVA  M MT MLT  MC MC MCO  MD MD MDA  MGL MN MNG  MNE ME MNE
N NO NOR  NL NL NLD  NMK MK MKD  P PT PRT  PL PL POL  RKS XK XKX  RO RO ROU  RSM SM SMR  RUS RU RUS  S SE SWE
SK SK SVK  SLO SI SVN  SRB RS SRB  TJ TJ TJK  TM TM TKM  TR TR TUR  UA UA UKR  UK GB GBR  USA US USA  UZ UZ UZB
V VA VAT
"""
_CODES = _TABLE.split()
_SIGNS = {code: _CODES[row] for row in range(0, len(_CODES), 3) for code in _CODES[row : row + 3]}


def distinguishing_sign(code: str | None) -> str | None:
    """Return the sign of the country that a source names.

    Args:
        code: a distinguishing sign or an ISO 3166 code in any case, with or without a subdivision (``us-ca``).

    Returns:
        The sign (``PL``, ``D``, ``RUS``), or None when the code is none of those known here.
    """
    if code is None:
        return None
    return _SIGNS.get(code.strip().upper().replace("_", "-").partition("-")[0])
