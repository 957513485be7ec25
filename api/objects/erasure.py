"""What was erased."""

from datetime import datetime

import strawberry

from api.numbers import Int64
from api.objects.lens import described, id_of, lens
from domain.erasure import model


@lens(model.Erasure, description="That data was erased: who did it, when and why; nothing of what it was.")
class Erasure:
    """An erasure."""

    id: strawberry.ID = id_of("Erasure")
    scope: str = described("Code of the site, region or country whose nodes held the data.")
    size: Int64 = described("How many events and objects it names.")
    reason: str = described("Why, in the words of the one who asked.")
    legal_basis: str = described("The provision that demands or allows it.")
    erased_by: str = described("Subject of the token.")
    erased_at: datetime = described("When it was erased at the centre; it travels to the other nodes from there.")
