"""What cameras send when they are broken, or not what they were said to be. No format can read any of it."""

from sites.demo.cameras import Shot

JUNK = (
    Shot(content_type="application/json", body=b'{"hook": {"event": "recognition"}, "data": {"results": [{"plate"'),
    Shot(content_type="application/xml", body=b"<EventNotificationAlert><eventType>ANPR</eventType><ANPR>"),
    Shot(content_type="image/jpeg", body=bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")),
    Shot(content_type="text/html", body=b"<html><body>Please log in</body></html>"),
    Shot(content_type="multipart/form-data; boundary=lost", body=b"--other\r\n\r\n--other--\r\n"),
    Shot(content_type="application/octet-stream", body=bytes(range(256)) * 16),
)
