"""Payloads of real devices, and forms to carry them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from domain.registrations.readings import Push

PAYLOADS = Path(__file__).parents[2] / "data" / "devices"


JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")


@pytest.fixture(scope="session")
def jpeg() -> bytes:
    return JPEG


@pytest.fixture(scope="session")
def payloads() -> list[tuple[str, Push]]:
    """The names of formats, and the real pushes that they read."""
    table = json.loads((PAYLOADS / "payloads.json").read_bytes())
    return [
        (row["format"], Push(content_type=row["content_type"], body=(PAYLOADS / row["file"]).read_bytes()))
        for row in table
    ]


@pytest.fixture(scope="session")
def stream_json() -> bytes:
    return (PAYLOADS / "platerecognizer_stream_webhook_recognition.json").read_bytes()


@pytest.fixture(scope="session")
def hikvision_xml() -> bytes:
    return (PAYLOADS / "hikvision_anpr_PECT600.xml").read_bytes()


@pytest.fixture(scope="session")
def openalpr_json() -> bytes:
    return (PAYLOADS / "openalpr_agent_alpr_group.json").read_bytes()


@pytest.fixture(scope="session")
def payload() -> Callable[[str], bytes]:
    """Give the content of a real payload by the name of its file."""
    return lambda name: (PAYLOADS / name).read_bytes()


@pytest.fixture(scope="session")
def form() -> Callable[..., Push]:
    """Make a push of a form from pairs of the parameters of Content-Disposition and the content."""

    def make(*parts: tuple[str, bytes], boundary: str = "-----7e13971310878") -> Push:
        body = b"".join(
            f"--{boundary}\r\nContent-Disposition: form-data; {parameters}\r\n\r\n".encode() + content + b"\r\n"
            for parameters, content in parts
        )
        return Push(
            content_type=f"multipart/form-data; boundary={boundary}", body=body + f"--{boundary}--\r\n".encode()
        )

    return make
