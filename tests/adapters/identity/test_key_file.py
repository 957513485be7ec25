import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from adapters.identity.errors import KeyDamaged, KeyExposed
from adapters.identity.key_file import key_pair


def test_key_is_made_once_for_the_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    made = key_pair(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert key_pair(file).as_dict(private=True) == made.as_dict(private=True)
    assert [each.name for each in tmp_path.iterdir()] == ["key.json"]


def test_two_that_start_at_once_share_a_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(key_pair, [tmp_path / "key.json"] * 8))
    assert len({key.as_dict()["x"] for key in keys}) == 1


def test_key_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    key_pair(file)
    file.chmod(0o640)
    with pytest.raises(KeyExposed):
        key_pair(file)


@pytest.mark.parametrize("content", ["", "{}", "[]", "7", "not json", '{"kty": "OKP", "crv": "Ed25519", "x": "!"}'])
def test_damaged_key_is_not_replaced(tmp_path: Path, content: str) -> None:
    file = tmp_path / "key.json"
    file.touch(mode=0o600)
    file.write_text(content)
    with pytest.raises(KeyDamaged):
        key_pair(file)
    assert file.read_text() == content


def test_key_of_another_kind_is_not_used(tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(ECKey.generate_key("P-256").as_dict(private=True)))
    with pytest.raises(KeyDamaged):
        key_pair(file)


def test_public_half_alone_is_not_enough(tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    public = key_pair(file).as_dict(private=False)
    file.write_text(json.dumps(public))
    with pytest.raises(KeyDamaged):
        key_pair(file)
