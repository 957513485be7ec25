"""What registrations say of their objects, and how officers corrected it."""

from datetime import date, datetime

from api.objects.identifiers import Identifier
from api.objects.lens import described, lens
from api.objects.screenings import Match
from domain.registrations import model


@lens(model.Traveller, description="What a travel document says of its holder.")
class Traveller:
    """A holder of a travel document."""

    surname: str = described("As in the machine-readable zone.")
    given_names: str = described("As in the machine-readable zone.")
    nationality: str = described("Code as printed; XXA stateless, XXX unspecified.")
    birth_date: date | None = described("Null when it is unknown in part.")
    sex: str = described("M, F or X.")


@lens(model.Said, description="What a registration says of its object.")
class RegistrationStatement:
    """What is said of an object."""

    label: str = described("The one identifier by which an officer would call the object.")
    identifiers: list[Identifier] = described("All identifiers of the object.")
    traveller: Traveller | None = described("What the travel document says; null for a vehicle.")
    failed_checks: list[str] = described("Fields of the document whose check digit does not agree, as confirmed.")


@lens(model.Correction, description="That an officer said what a registration should have said. The first stays.")
class RegistrationCorrection:
    """A correction of a registration."""

    number: int = described("The version of the registration since then.")
    by: str = described("Who corrected it.")
    at: datetime = described("When it was corrected.")
    reason: str = described("Why.")
    before: RegistrationStatement = described("What it said until then.")
    after: RegistrationStatement = described("What it says since.")
    met: list[Match] = described("Matches of what it said until then.")
