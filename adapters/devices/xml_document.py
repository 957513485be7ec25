"""XML in a push. Namespaces differ between firmwares and brands: elements are told by their local names."""

from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from adapters.devices.limits import MAX_NODES
from domain.registrations.readings import PushUnreadable


def parsed(content: bytes, *roots: str) -> Element:
    """Return the root of the document.

    Raises:
        PushUnreadable: more than 20,000 tags and attributes, not UTF-8, a document type or entities, malformed, or a
            root of none of these local names.
    """
    if content.count(b"<") + content.count(b"=") > MAX_NODES:
        raise PushUnreadable("too_large", f"The XML has more than {MAX_NODES} tags and attributes.")
    try:
        root: Element = fromstring(content.decode(), forbid_dtd=True)
    except UnicodeDecodeError:
        raise PushUnreadable("malformed", "The XML is not UTF-8.") from None
    except DefusedXmlException:
        raise PushUnreadable("malformed", "The XML has a document type or entities.") from None
    except ParseError as error:
        raise PushUnreadable("malformed", f"The XML is malformed: {error}") from None
    if local_name(root) not in roots:
        raise PushUnreadable("malformed", f"The root of the XML is not {' or '.join(roots)}.")
    return root


def local_name(element: Element) -> str:
    """Return the name without its namespace."""
    return element.tag.rpartition("}")[2]


def children(element: Element | None) -> dict[str, Element]:
    """Return the children by their local names, of several of a name the last."""
    return {} if element is None else {local_name(child): child for child in element}


def text(named: dict[str, Element], name: str) -> str:
    """Return the text of a child without the blanks around it, empty when there is none."""
    element = named.get(name)
    return "" if element is None else (element.text or "").strip()
