import hashlib
from collections.abc import Callable

import pytest

from bus.replication import GENESIS, Record, chain, commitment, link

Records = Callable[..., list[Record]]


def test_commitment_is_sha256_of_salt_and_body() -> None:
    salt = bytes(range(16))
    assert commitment(salt, b"body") == hashlib.sha256(salt + b"body").digest()


@pytest.mark.parametrize("salt", [b"", bytes(15), bytes(17)])
def test_commitment_refuses_a_salt_of_another_length(salt: bytes) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        commitment(salt, b"body")


def test_chain_links_each_record_to_the_one_before(records: Records) -> None:
    first, second = records(2)
    one = link(GENESIS, first.id, first.hlc, commitment(first.salt, first.body))
    two = link(one, second.id, second.hlc, commitment(second.salt, second.body))
    assert chain(GENESIS, [first, second]) == [one, two]


def test_chain_continues_where_it_was_cut(records: Records) -> None:
    whole = records(9)
    hashes = chain(GENESIS, whole)
    assert chain(hashes[3], whole[4:]) == hashes[4:]


@pytest.mark.parametrize("erased", [0, 4, 8])
def test_an_erased_record_still_chains(records: Records, erased: int) -> None:
    whole = records(9)
    rest = [record.erased() if number == erased else record for number, record in enumerate(whole)]
    assert (rest[erased].salt, rest[erased].body) == (None, None)
    assert chain(GENESIS, rest) == chain(GENESIS, whole)


def test_erasing_twice_changes_nothing(records: Records) -> None:
    gone = records(1)[0].erased()
    assert gone.erased() == gone


def test_chain_tells_another_order_body_salt_and_id_apart(records: Records) -> None:
    one, two = records(2)
    others = [
        [two, one],
        [Record(one.id, one.hlc, one.salt, b"other"), two],
        [Record(one.id, one.hlc, two.salt, one.body), two],
        [Record(two.id, one.hlc, one.salt, one.body), two],
    ]
    ends = {chain(GENESIS, each)[-1] for each in [[one, two], *others]}
    assert len(ends) == 5


def test_chain_refuses_a_record_without_body_and_commitment() -> None:
    with pytest.raises(ValueError, match="commitment"):
        chain(GENESIS, [Record(bytes(16), 0, None, None)])
