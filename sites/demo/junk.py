"""What cameras send when they are broken, or not what they were said to be. No format can read any of it."""

from sites.demo.cameras import Shot

KINDS: tuple[tuple[str, bytes], ...] = (
    ("application/json", b'{"hook": {"event": "recognition"}, "data": {"results": [{"plate"'),
    ("application/xml", b"<EventNotificationAlert><eventType>ANPR</eventType><ANPR>"),
    ("image/jpeg", bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")),
    ("text/html", b"<html><body>Please log in</body></html>"),
    ("multipart/form-data; boundary=lost", b"--other\r\n\r\n--other--\r\n"),
    ("application/octet-stream", bytes(range(256)) * 16),
)


def junk(number: int) -> Shot:
    """Return one kind after the other; no two of different numbers are the same."""
    content_type, body = KINDS[number % len(KINDS)]
    return Shot(content_type=content_type, body=body + str(number).encode())
