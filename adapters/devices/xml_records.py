"""XML of megabytes of which a few elements matter: read in one pass, without making a tree of it.

Prefixes are not looked at, so that those which were never declared, as in many real files, do no harm; document types
and entities are refused.
"""

from dataclasses import dataclass, field
from xml.parsers import expat

from domain.registrations.readings import PushUnreadable

MAX_TAGS = 400_000
MAX_RECORDS = 20_000
MAX_DEPTH = 64
MAX_TEXT = 1024


@dataclass(slots=True)
class Record:
    """An element that matters.

    Attributes:
        values: texts of the wanted elements in it that are in no other record, of several of a name the first, without
            the blanks around them and cut after 1,024 characters; an attribute of such is under ``Speed@Units``.
    """

    kind: str
    attributes: dict[str, str]
    values: dict[str, str] = field(default_factory=dict)
    records: list["Record"] = field(default_factory=list)

    def value(self, name: str) -> str:
        """Return the text of an element, empty when there is none."""
        return self.values.get(name, "")

    def of(self, kind: str) -> list["Record"]:
        """Return the records of a kind, at any depth, in order."""
        return [each for record in self.records for each in ([record] * (record.kind == kind) + record.of(kind))]


def records_in(content: bytes, *, roots: frozenset[str], kinds: frozenset[str], wanted: frozenset[str]) -> Record:
    """Return the root as a record, and in it the elements of ``kinds`` as records.

    Raises:
        PushUnreadable: malformed, with a document type, another root, nested too deep, a record in one of its kind,
            over 400,000 tags and attributes or 20,000 records.
    """
    if content.count(b"<") + content.count(b"=") > MAX_TAGS:
        raise PushUnreadable("too_large", f"The XML has more than {MAX_TAGS} tags and attributes.")
    reader = _Reader(roots, kinds, wanted)
    parser = expat.ParserCreate("UTF-8")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    parser.StartDoctypeDeclHandler = reader.document_type
    try:
        parser.Parse(content, True)  # noqa: FBT003 - takes no keywords
    except expat.ExpatError as error:
        raise PushUnreadable("malformed", f"The XML is malformed: {error}") from None
    return reader.root


class _Reader:
    def __init__(self, roots: frozenset[str], kinds: frozenset[str], wanted: frozenset[str]) -> None:
        self.root = Record("", {})
        self._roots = roots
        self._kinds = kinds
        self._wanted = wanted
        self._open: list[Record] = []
        self._depth = 0
        self._count = 0
        self._text: list[str] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise PushUnreadable("malformed", "The XML is nested too deep.")
        local = name.rpartition(":")[2]
        if self._depth == 1:
            self._begin(local, attributes)
        elif local in self._kinds:
            self._open_record(Record(local, attributes))
        elif local in self._wanted:
            self._text = []
            values = self._open[-1].values
            for key, value in attributes.items():
                values.setdefault(f"{local}@{key}", value[:MAX_TEXT])

    def end(self, name: str) -> None:
        self._depth -= 1
        local = name.rpartition(":")[2]
        if local in self._kinds and len(self._open) > 1:
            self._open.pop()
        elif local in self._wanted and self._text is not None:
            self._open[-1].values.setdefault(local, "".join(self._text).strip()[:MAX_TEXT])
            self._text = None

    def characters(self, text: str) -> None:
        if self._text is not None and len(self._text) < MAX_TEXT:
            self._text.append(text)

    def document_type(self, *_: object) -> None:
        raise PushUnreadable("malformed", "The XML has a document type.")

    def _begin(self, local: str, attributes: dict[str, str]) -> None:
        if local not in self._roots:
            raise PushUnreadable("malformed", f"The root of the XML is not {' or '.join(sorted(self._roots))}.")
        self.root = Record(local, attributes)
        self._open = [self.root]

    def _open_record(self, record: Record) -> None:
        if any(each.kind == record.kind for each in self._open):
            raise PushUnreadable("malformed", f"The XML has a {record.kind} in another.")
        self._count += 1
        if self._count > MAX_RECORDS:
            raise PushUnreadable("too_large", f"The XML has more than {MAX_RECORDS} records.")
        self._open[-1].records.append(record)
        self._open.append(record)
