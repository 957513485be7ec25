"""Identifiers of objects, what may have been misread in them, and machine-readable zones."""

from datetime import date

import strawberry

from api.objects.lens import described, lens
from domain.identifiers import corrections as offers
from domain.identifiers import identifier as model
from domain.identifiers import mrz, mrz_correction


@lens(model.Identifier, description="What identifies an object, in the forms in which it is compared.")
class Identifier:
    """An identifier."""

    kind: str = described("`plate`, `document`, `wagon` ...: what `identifierParse` takes.")
    raw: str = described("As it was read or typed.")
    canonical: str = described("The form in which two spellings of the same identifier are equal.")
    folded: str = described("The form in which look-alikes are equal.")
    country: str | None = described(
        "Of a plate or wagon the distinguishing sign (PL, RUS), of a document the issuer's code, of others ISO 3166."
    )
    check: str = described("Whether the shape or the check digit agrees: `holds`, `fails` or `none`.")
    why: str | None = described(
        "What that rests on: `shape` or `check_digit`, or `length` or `characters` where these are wrong."
    )


@lens(offers.Correction, description="One character in place of another, with which a check holds that fails.")
class IdentifierCorrection:
    """A correction that is offered."""

    canonical: str = described("The identifier with it, in canonical form.")
    place: int = described("From 0, in that form.")
    was: str = described("The character that was read.")
    becomes: str = described("The character that may have been there.")
    look_alike: bool = described("The two are often taken for one another.")


@strawberry.type(description="A text read as an identifier. Nothing in it is corrected by itself.")
class ParsedIdentifier:
    """A text read as an identifier."""

    identifier: model.Identifier = strawberry.field(graphql_type=Identifier, description="What it says.")
    procedure: str | None = strawberry.field(
        description="What an MRN with a procedure letter declares; null for all others."
    )
    corrections: list[offers.Correction] = strawberry.field(
        graphql_type=list[IdentifierCorrection],
        description="Single characters with which a check holds that fails: look-alikes first, then by place.",
    )


@strawberry.type(description="What a text might be.")
class IdentifierGuess:
    """What a text might be."""

    identifiers: list[model.Identifier] = strawberry.field(
        graphql_type=list[Identifier], description="At most one of each kind, the likeliest first; empty for a name."
    )


@lens(mrz.TravelDocument, description="What a machine-readable zone says.")
class TravelDocument:
    """A travel document."""

    form: str = described("TD1, TD2, TD3, MRV-A or MRV-B.")
    document_kind: str = described("Code of the document (P, I, V, AC ...).")
    issuer: str = described("Code of the issuing state or organisation as printed.")
    surname: str = described("As in the zone.")
    given_names: str = described("As in the zone.")
    number: model.Identifier = strawberry.field(graphql_type=Identifier, description="Number of the document.")
    nationality: str = described("Code as printed; XXA stateless, XXX unspecified.")
    birth_date: date | None = described("Null when it is unknown in part or impossible.")
    birth_partial: str | None = described("What is known of such a date: `1974-08`, `1974` or empty.")
    sex: str = described("M, F or X.")
    expiry_date: date | None = described("Null when the zone gives none that is possible.")
    optional: str = described("What the issuer adds.")
    failed_checks: list[str] = described(
        "Fields whose check digit does not agree: `number`, `birth_date`, `expiry_date`, `optional`, `composite`."
    )


@lens(mrz_correction.MrzCorrection, description="One character in place of another that is like it.")
class MrzCorrection:
    """A correction that is offered."""

    line: int = described("From 0.")
    place: int = described("In the line, from 0.")
    was: str = described("The character that was read.")
    becomes: str = described("The character that may have been there.")
    lines: list[str] = described("The zone with it; all check digits hold.")


@strawberry.type(description="A machine-readable zone as it was read. Nothing in it is corrected by itself.")
class MachineReadableZone:
    """A machine-readable zone."""

    document: mrz.TravelDocument = strawberry.field(graphql_type=TravelDocument, description="What it says.")
    correction: mrz_correction.MrzCorrection | None = strawberry.field(
        graphql_type=MrzCorrection | None,
        description="The one look-alike that makes all check digits hold; null when there is none or more than one.",
    )
