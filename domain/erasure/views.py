"""What can be looked up of erasures."""

from typing import Protocol

from domain.erasure.model import Erasure
from domain.shared.views import Page, Window


class ErasureViews(Protocol):
    """Erasures as they are known at this node."""

    async def erasures(self, window: Window) -> Page[Erasure]:
        """Return erasures, newest first."""
        ...
