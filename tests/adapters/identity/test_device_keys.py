from base64 import urlsafe_b64decode
from pathlib import Path

import pytest

from adapters.identity.device_keys import SECRET_FILE, DerivedDeviceKeys
from adapters.identity.errors import KeyDamaged, KeyExposed

REQUEST = "0b0f1f7e-7a0b-4a2e-9d36-0e6f6f3b6a11"


def test_the_same_request_gives_the_same_key(tmp_path: Path) -> None:
    key = DerivedDeviceKeys(tmp_path).key("jan", REQUEST, "cam-1")

    assert DerivedDeviceKeys(tmp_path).key("jan", REQUEST, "cam-1") == key
    assert len(urlsafe_b64decode(key + "=")) == 32


def test_whatever_differs_gives_another_key(tmp_path: Path) -> None:
    keys = DerivedDeviceKeys(tmp_path)
    wishes = [("jan", REQUEST, "cam-1"), ("anna", REQUEST, "cam-1"), ("jan", "1", "cam-1"), ("jan", REQUEST, "cam-2")]
    wishes += [('jan", "x', "y", "z"), ("jan", 'x", "y', "z"), ("janx", "y", "z"), ("jan", "xy", "z")]
    (tmp_path / "elsewhere").mkdir()
    found = {keys.key(*wish) for wish in wishes} | {DerivedDeviceKeys(tmp_path / "elsewhere").key(*wishes[0])}
    assert len(found) == len(wishes) + 1


def test_the_secret_is_for_the_node_alone(tmp_path: Path) -> None:
    DerivedDeviceKeys(tmp_path)
    file = tmp_path / SECRET_FILE
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o640)
    with pytest.raises(KeyExposed):
        DerivedDeviceKeys(tmp_path)


@pytest.mark.parametrize("content", ["", "00" * 31, "00" * 33, "not hexadecimal", "\u017c" * 64])
def test_a_damaged_secret_is_not_replaced(tmp_path: Path, content: str) -> None:
    file = tmp_path / SECRET_FILE
    file.touch(mode=0o600)
    file.write_text(content, encoding="utf-8")
    with pytest.raises(KeyDamaged):
        DerivedDeviceKeys(tmp_path)
    assert file.read_text(encoding="utf-8") == content
