"""Reading identifiers and machine-readable zones, at every node: nothing is looked up, nothing is put on record."""

from typing import Annotated

import strawberry

from api.context import Info
from api.fields import look
from api.objects.identifiers import IdentifierGuess, MachineReadableZone, ParsedIdentifier
from api.rules import ANALYST, OFFICER, open_to
from domain.identifiers.corrections import corrections
from domain.identifiers.kinds import NAMES, guess, parse
from domain.identifiers.mrn import MRN, procedure
from domain.identifiers.mrz import travel_document
from domain.identifiers.mrz_correction import correction

READ = open_to(OFFICER, ANALYST)

_KINDS = f"One of {', '.join(f'`{name}`' for name in NAMES)}."

Text = Annotated[str, strawberry.argument(description="As it was read or typed: any case, with or without separators.")]


@strawberry.type
class IdentifiersQuery:
    """What can be read."""

    @look(ParsedIdentifier, READ, "A text as an identifier of a kind, and what may have been misread in it.")
    async def identifier_parse(
        self,
        kind: Annotated[str, strawberry.argument(description=_KINDS)],
        text: Text,
        country: Annotated[
            str | None, strawberry.argument(description="Of a plate, or the issuer of a document; others tell it.")
        ] = None,
    ) -> ParsedIdentifier:
        read = parse(kind, text, country)
        return ParsedIdentifier(
            identifier=read,
            procedure=procedure(read.canonical) if read.kind == MRN.name else None,
            corrections=list(corrections(read)),
        )

    @look(IdentifierGuess, READ, "What a text might be; for search boxes.")
    async def identifier_guess(self, text: Text) -> IdentifierGuess:
        return IdentifierGuess(identifiers=list(guess(text)))

    @look(MachineReadableZone, READ, "The machine-readable zone of a travel document, and what may have been misread.")
    async def mrz_read(
        self,
        info: Info,
        lines: Annotated[
            list[str], strawberry.argument(description="3 of 30, 2 of 36 or 2 of 44 characters A-Z, 0-9 and <.")
        ],
    ) -> MachineReadableZone:
        today = info.context.doors.clock.now().date()
        return MachineReadableZone(
            document=travel_document(lines, today=today), correction=correction(lines, today=today)
        )
