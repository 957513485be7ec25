from collections.abc import Callable
from typing import Any

import pytest

from sites.demo.book import Passing


@pytest.fixture
def passing() -> Callable[..., Passing]:
    def make(**fields: Any) -> Passing:
        usual: dict[str, Any] = {
            "site": "koroszczyn",
            "lane": "in-1",
            "label": "WPR10234",
            "spellings": frozenset({"WPR10234"}),
            "country": "PL",
            "kind": "Big Truck",
            "sought": False,
            "pushed_at": 100.0,
        }
        return Passing(**usual | fields)

    return make
