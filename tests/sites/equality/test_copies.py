import sites.equality
from adapters.database.tables import METADATA
from sites.equality.copies import _DOWN, _UP


def test_each_table_is_compared_or_said_to_be_each_nodes_own() -> None:
    documented = sites.equality.__doc__ or ""
    compared = {*_UP, *_DOWN}
    own = {table for table in METADATA.tables if f"`{table}`" in documented}
    assert compared | own == set(METADATA.tables)
    assert compared & own == set()
