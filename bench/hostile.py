"""What a device might send to keep its site busy: filled up to a length with what costs the most to look at."""

from collections.abc import Callable, Iterator, Mapping

from domain.registrations.readings import Push

_JSON, _XML, _TEXT = "application/json", "text/xml", "text/plain"
_URL_ENCODED = "application/x-www-form-urlencoded"
_STREAM, _FORM = "multipart/mixed; boundary=b", "multipart/form-data; boundary=b"
_REPLACED = "multipart/x-mixed-replace; boundary=b"
_HEAD = b"--b\r\nContent-Disposition: form-data; name=x\r\n\r\n"
_N42 = b"<N42InstrumentData><Measurement>%b</Measurement></N42InstrumentData>"
_LAUGHS = b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))


def _filled(start: bytes, repeated: bytes, end: bytes = b"") -> Callable[[int], bytes]:
    def fill(size: int) -> bytes:
        return start + repeated * ((size - len(start) - len(end)) // len(repeated)) + end

    return fill


_KINDS: Mapping[str, tuple[str, Callable[[int], bytes]]] = {
    "JSON, brackets": (_JSON, _filled(b"", b"[")),
    "JSON, objects": (_JSON, _filled(b"", b'{"a":')),
    "JSON, empty results": (_JSON, _filled(b'{"results":[', b"{},", b"{}]}")),
    "JSON, fields": (_JSON, _filled(b'{"', b'a":0,"', b'a":0}')),
    "JSON, escapes": (_JSON, _filled(b'{"results":[{"plate":"', b"\\u0041", b'","score":1,"confidence":1}]}')),
    "JSON, a picture": (
        _JSON,
        _filled(b'{"results":[{"plate":"a","score":1,"confidence":1,"plate_crop_jpeg":"/9j/', b"AAAA", b'"}]}'),
    ),
    "XML, elements": (_XML, _filled(b"", b"<a>")),
    "XML, attributes": (_XML, _filled(b"<a ", b'a="" ', b"/>")),
    "XML, references": (_XML, _filled(b"<EventNotificationAlert>", b"&lt;", b"</EventNotificationAlert>")),
    "XML, text": (_XML, _filled(b"<N42InstrumentData>", b"1 2 3\n", b"</N42InstrumentData>")),
    "XML, billion laughs": (_XML, _filled(b'<!DOCTYPE a [<!ENTITY a "ha">' + _LAUGHS + b"]><a>", b"&j;", b"</a>")),
    "text, lines": (_TEXT, _filled(b"", b"Events[0].A=1\r\n")),
    "text, one line": (_TEXT, _filled(b"Events[0].TrafficCar.PlateNumber=", b"A")),
    "text, brackets": (_TEXT, _filled(b"Code=TrafficJunction;action=Pulse;index=0;data=", b"[")),
    "form, parts": (_FORM, _filled(b"", _HEAD)),
    "form, false boundaries": (_FORM, _filled(_HEAD, b"\r\n--bX")),
    "form, padding": (_FORM, _filled(_HEAD + b"x\r\n--b", b" ")),
    "form, headers": (_FORM, _filled(b"--b\r\n", b"a:b\r\n")),
    "form, escapes": (_URL_ENCODED, _filled(b"Plate=", b"%41")),
    "form, fields": (_URL_ENCODED, _filled(b"", b"a=b&")),
    "stream, XML": (_STREAM, _filled(b"", b"--b\r\nContent-Type: text/xml\r\n\r\n" + b"<a/>" * 60_000 + b"\r\n")),
    "stream, text": (_REPLACED, _filled(b"", b"--b\r\nContent-Type: text/plain\r\n\r\n" + b"a=1\n" * 60_000 + b"\r\n")),
    "JSON, as many values as may be": (_JSON, lambda _: b'{"results":[' + b'{"plate":"a"},' * 6_000 + b"{}]}"),
    "XML, as many elements as may be": (
        _XML,
        lambda _: b"<EventNotificationAlert>" + b"<a>x</a>" * 9_000 + b"</EventNotificationAlert>",
    ),
    "XML, as many values of N42 as may be": (_XML, lambda _: _N42 % (b"<Speed/>" * 399_000)),
    "XML, as many records of N42 as may be": (_XML, lambda _: _N42 % (b"<Nuclide/>" * 19_999)),
    "text, events": (_TEXT, _filled(b"", b"Code=;data={}\n")),
    "junk": ("application/octet-stream", _filled(b"", b"x")),
}


def hostile_pushes(size: int) -> Iterator[tuple[str, Push]]:
    """Yield pushes of about ``size`` bytes and the names of their kinds."""
    for name, (content_type, fill) in _KINDS.items():
        yield name, Push(content_type=content_type, body=fill(size))
