"""Dahua and its OEMs (Intelbras, CP Plus, …): plates and weights, in all four encodings.

eventManager and snapManager are streams that somebody reads at the camera and pushes on in pieces, with the pictures as
parts of their own; ITSAPI is pushed by the camera itself. See `adapters.devices.dahua` for the encodings.
"""

from collections.abc import Iterator

from adapters.devices.dahua.event import Event, read_events
from adapters.devices.dahua.messages import message_events, message_in, message_is_heartbeat, message_pictures
from adapters.devices.dahua.texts import events_in, is_heartbeat, text_of
from adapters.devices.document import media_type
from adapters.devices.limits import MAX_DOCUMENT, MAX_PUSH, require_few, require_size
from adapters.devices.multipart import parts
from adapters.devices.pictures import first_pictures, picture
from domain.registrations.readings import Picture, Push, PushContent, PushUnreadable

_JSON, _TEXT = "application/json", "text/plain"
_STREAMS = frozenset({"multipart/x-mixed-replace", "multipart/mixed", "multipart/form-data"})


class Dahua:
    """Reads the events of Dahua's cameras."""

    name = "dahua"

    def read(self, push: Push) -> PushContent:
        """Read a push; see `DeviceFormat.read`."""
        require_size(push.body, MAX_PUSH, "The push")
        told = _Told()
        told.hear_all(_contents(push))
        return told.content()


FORMAT = Dahua()


class _Told:
    """What the parts of a push have told so far."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._pictures: list[Picture | None] = []
        self._unread: list[PushUnreadable] = []
        self._is_alive = False
        self._texts = b""

    def hear_all(self, contents: Iterator[tuple[str, bytes | memoryview]]) -> None:
        """Take the parts of a push as far as they can be told apart and read.

        Raises:
            PushUnreadable: a part is too large, or there are too many events.
        """
        while True:
            try:
                part = next(contents, None)
            except PushUnreadable as refusal:
                self._unread.append(refusal)
                return
            if part is None:
                return
            self._hear(*part)

    def content(self) -> PushContent:
        """Return what the push says, and why a part of it cannot be read.

        Raises:
            PushUnreadable: it says nothing, or nothing of a vehicle.
        """
        unread = self._unread[0] if self._unread else None
        if self._events:
            try:
                seen, weighed = read_events(self._events)
            except PushUnreadable as nothing:
                raise unread or nothing from None
            return PushContent(seen=seen, weighed=weighed, pictures=first_pictures(self._pictures), unread=unread)
        if unread:
            raise unread
        if self._is_alive:
            return PushContent(heartbeat=True)
        raise PushUnreadable("missing_field", "The push has no event.")

    def _hear(self, kind: str, content: bytes | memoryview) -> None:
        """Take a part of a media type; one of another than text, JSON and pictures is passed over."""
        try:
            if kind == _JSON:
                self._hear_message(bytes(content))
            elif kind == _TEXT:
                self._hear_text(content)
            elif kind.startswith("image/"):
                self._pictures.append(picture(content))
        except PushUnreadable as refusal:
            self._keep(refusal)
        require_few(self._events)

    def _keep(self, refusal: PushUnreadable) -> None:
        """Keep why a part cannot be read.

        Raises:
            PushUnreadable: it is too large.
        """
        if refusal.reason == "too_large":
            raise refusal
        self._unread.append(refusal)

    def _hear_message(self, content: bytes) -> None:
        message = message_in(content)
        self._is_alive = self._is_alive or message_is_heartbeat(message)
        self._events += message_events(message)
        self._pictures += message_pictures(message)

    def _hear_text(self, content: bytes | memoryview) -> None:
        self._texts += bytes(content)
        require_size(self._texts, MAX_DOCUMENT, "The text in the push")
        text = text_of(content)
        self._is_alive = self._is_alive or is_heartbeat(text)
        for told in events_in(text):
            if isinstance(told, PushUnreadable):
                self._keep(told)
            else:
                self._events.append(told)


def _contents(push: Push) -> Iterator[tuple[str, bytes | memoryview]]:
    kind = media_type(push.content_type)
    if kind in {_JSON, _TEXT}:
        yield kind, push.body
    elif kind in _STREAMS:
        yield from ((part.media_type, part.content) for part in parts(push.content_type, push.body))
    else:
        raise PushUnreadable("content_type", "This format does not come with such a content type.")
