"""XML in a push."""

import pytest

from adapters.devices.limits import MAX_NODES
from adapters.devices.xml_document import children, local_name, parsed, text
from domain.registrations.readings import PushUnreadable


def reason(content: bytes) -> str:
    with pytest.raises(PushUnreadable) as refused:
        parsed(content, "a", "b")
    return refused.value.reason


def test_elements_are_told_by_their_local_names() -> None:
    root = parsed(b'<b xmlns="urn:x"><c> 1 </c><c>2</c><d/></b>', "a", "b")
    assert local_name(root) == "b"
    named = children(root)
    assert (text(named, "c"), text(named, "d"), text(named, "e"), children(None)) == ("2", "", "", {})


def test_tags_and_attributes_are_counted_before_any_is_made() -> None:
    assert parsed(b"<a>" + b"<c/>" * (MAX_NODES - 2) + b"</a>", "a")
    assert reason(b"<a>" + b"<c/>" * (MAX_NODES - 1) + b"</a>") == "too_large"
    assert reason(b"<a " + b" ".join(b'a%d=""' % number for number in range(MAX_NODES)) + b"/>") == "too_large"


DOCTYPE = '<!DOCTYPE a [<!ENTITY x "ha">]><a>&x;</a>'


@pytest.mark.parametrize(
    "content",
    [
        DOCTYPE.encode(),
        DOCTYPE.encode("utf-8-sig"),
        DOCTYPE.encode("utf-16"),
        DOCTYPE.encode("utf-16-le"),
        DOCTYPE.encode("utf-32"),
        DOCTYPE.encode("utf-7"),
        b'<?xml version="1.0" encoding="utf-7"?>' + DOCTYPE.encode("utf-7"),
        b'<?xml version="1.0" encoding="utf-16"?>' + DOCTYPE.encode("utf-16-le"),
        b'<?xml version="1.0" encoding="cp037"?>' + DOCTYPE.encode("cp037"),
        DOCTYPE.replace("DOCTYPE", "doctype").encode(),
        DOCTYPE.replace("<!DOCTYPE a", "<!DOCTYPE\na").encode(),
        b'<?xml version="1.1"?>' + DOCTYPE.encode(),
        b'<a><!ENTITY x "ha">&x;</a>',
    ],
)
def test_entities_cannot_be_defined_in_any_spelling(content: bytes) -> None:
    assert reason(content) == "malformed"


@pytest.mark.parametrize("content", [b"", b"<c/>", b"<a>", b"<a>\xff</a>", b"<!DOCTYPE a><a/>", b"<a>&x;</a>"])
def test_what_is_malformed(content: bytes) -> None:
    assert reason(content) == "malformed"
