"""The table of the clearance as data: goods or circumstances, and what is required for them.

The prefixes are of the Combined Nomenclature (Regulation 2658/87, annex I). They are drawn wide: what does
not apply is waived with a reason; one that nobody saw is not. By the acts that name the goods: veterinary checks
Regulation 2019/2007, plant health Regulation 2019/2072 annex XI, CITES Regulation 338/97, dual use Regulation
2021/821, waste Regulation 1013/2006, cash Regulation 2018/1672 article 3, pets Regulation 576/2013, ADR chapter 8.1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from domain.crossings.parts import Document, DocumentKind, GoodsLine, Parts
from domain.identifiers.mrn import procedure

CASH_MAX = 10_000


class Service(StrEnum):
    """Who checks a requirement."""

    CUSTOMS = "customs"
    VETERINARY = "veterinary"
    PLANT_HEALTH = "plant_health"
    SANITARY = "sanitary"
    FOOD_QUALITY = "food_quality"
    ROAD_TRANSPORT = "road_transport"
    ENVIRONMENT = "environment"
    POLICE = "police"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A line of the table: goods or circumstances, and what is required for them.

    Attributes:
        code: stable name of the requirement.
        prefixes: of tariff codes, without blanks; goods meet one when their code begins with it, or it with their
            code: what is told too shortly is not let through.
        dangerous: goods with a UN number meet it.
        documents: a document of one of these kinds meets it.
        transit: an MRN of a transit procedure meets it.
        cash, pets: more cash than may be carried undeclared, or any pet, meets it.
        direction: only in this one; empty for both.
    """

    code: str
    service: Service
    prefixes: tuple[str, ...] = ()
    dangerous: bool = False
    documents: frozenset[DocumentKind] = frozenset()
    transit: bool = False
    cash: bool = False
    pets: bool = False
    direction: str = ""

    def met_by(self, parts: Parts) -> bool:
        """Tell whether something of these parts calls for it, whatever the direction."""
        return (
            any(self._meets(line) for line in parts.goods)
            or any(self._is_met_by(document) for document in parts.documents)
            or (self.cash and (parts.cash_eur or 0) >= CASH_MAX)
            or (self.pets and (parts.pets or 0) > 0)
        )

    def _is_met_by(self, document: Document) -> bool:
        if self.transit and document.kind is DocumentKind.MRN:
            return (procedure(document.canonical) or "").startswith("transit")
        return document.kind in self.documents

    def _meets(self, line: GoodsLine) -> bool:
        if self.dangerous and line.un_number:
            return True
        return bool(line.code) and any(_begins(line.code, prefix) for prefix in self.prefixes)


def _begins(code: str, prefix: str) -> bool:
    return code.startswith(prefix) or prefix.startswith(code)


_IN: Final = "inbound"
_OUT: Final = "outbound"
RULES: Final[Sequence[Rule]] = (
    Rule(
        code="veterinary",
        service=Service.VETERINARY,
        prefixes=(
            "01",
            "02",
            "03",
            "04",
            "05",
            "1501",
            "1502",
            "1504",
            "1505",
            "1506",
            "16",
            "2301",
            "2309",
            "3001",
            "3002",
            "3502",
            "3503",
            "3504",
            "4101",
            "4102",
            "4103",
            "4301",
            "5101",
            "5102",
        ),
        direction=_IN,
    ),
    Rule(
        code="plant_health",
        service=Service.PLANT_HEALTH,
        prefixes=(
            "06",
            "0701",
            "0702",
            "0703",
            "0704",
            "0705",
            "0706",
            "0707",
            "0708",
            "0709",
            "0714",
            "08",
            "1001",
            "1005",
            "1006",
            "1209",
            "1211",
            "1404",
            "4401",
            "4403",
            "4404",
            "4406",
            "4407",
            "4415",
        ),
        direction=_IN,
    ),
    Rule(
        code="food_quality",
        service=Service.FOOD_QUALITY,
        prefixes=("07", "08", "09", "10", "11", "12", "15", "17", "18", "19", "20", "2204", "2205"),
        direction=_IN,
    ),
    Rule(
        code="sanitary",
        service=Service.SANITARY,
        prefixes=("09", "17", "18", "19", "20", "21", "22", "3304", "3307", "3923", "3924", "4823", "6911", "6912"),
        direction=_IN,
    ),
    Rule(code="adr", service=Service.ROAD_TRANSPORT, dangerous=True),
    Rule(
        code="cites",
        service=Service.CUSTOMS,
        prefixes=(
            "0106",
            "0208",
            "030193",
            "030571",
            "0507",
            "0508",
            "1211",
            "160431",
            "160432",
            "4103",
            "4106",
            "4113",
            "4202",
            "4301",
            "4303",
            "4403",
            "9205",
            "9601",
            "9705",
            "9706",
        ),
    ),
    Rule(
        code="licence_dual_use",
        service=Service.CUSTOMS,
        prefixes=(
            "2612",
            "2844",
            "2845",
            "8401",
            "8456",
            "8457",
            "8479",
            "8525",
            "8526",
            "8541",
            "8542",
            "8802",
            "8806",
            "9013",
            "9014",
            "9027",
        ),
        direction=_OUT,
    ),
    Rule(code="licence_weapons", service=Service.POLICE, prefixes=("8710", "93", "3601", "3602", "3603", "3604")),
    Rule(code="licence_medicines", service=Service.SANITARY, prefixes=("3001", "3002", "3003", "3004", "3006")),
    Rule(code="licence_narcotics", service=Service.SANITARY, prefixes=("1302", "2924", "2933", "2939")),
    Rule(
        code="excise", service=Service.CUSTOMS, prefixes=("2203", "2204", "2205", "2206", "2207", "2208", "24", "2710")
    ),
    Rule(code="cultural_goods", service=Service.CUSTOMS, prefixes=("97",)),
    Rule(
        code="waste",
        service=Service.ENVIRONMENT,
        prefixes=(
            "2619",
            "2620",
            "2621",
            "2710",
            "3825",
            "3915",
            "4004",
            "4707",
            "6309",
            "6310",
            "7001",
            "7204",
            "7404",
            "7503",
            "7602",
            "7802",
            "7902",
            "8112",
            "8549",
        ),
    ),
    Rule(code="ozone", service=Service.ENVIRONMENT, prefixes=("2903", "3827", "8415", "8418"), direction=_IN),
    Rule(
        code="transit", service=Service.CUSTOMS, documents=frozenset({DocumentKind.TIR, DocumentKind.GRN}), transit=True
    ),
    Rule(code="permits", service=Service.ROAD_TRANSPORT, documents=frozenset({DocumentKind.PERMIT})),
    Rule(code="cash", service=Service.CUSTOMS, cash=True),
    Rule(code="pets", service=Service.VETERINARY, pets=True, direction=_IN),
)
BY_CODE: Final[Mapping[str, Rule]] = {rule.code: rule for rule in RULES}
