"""What the API itself refuses, before any message is dispatched."""

from domain.shared.errors import Forbidden, Invalid, NotFound, Unavailable


class Unauthenticated(Forbidden):
    """A valid bearer token is needed."""

    code = "UNAUTHENTICATED"


class RoleMissing(Forbidden):
    """None of your roles opens this."""

    code = "ROLE_MISSING"


class PurposeMissing(Forbidden):
    """State the purpose of looking at personal data, in the header X-Purpose."""

    code = "PURPOSE_MISSING"


class PictureUnknown(NotFound):
    """There is no such picture here."""

    code = "PICTURE_UNKNOWN"


class PurposeMalformed(Invalid):
    """A purpose is 1 to 200 printable characters."""

    code = "PURPOSE_MALFORMED"


class IdMalformed(Invalid):
    """This is not the id of such an object."""

    code = "ID_MALFORMED"


class ParentMissing(NotFound):
    """This node has no parent to be compared with."""

    code = "PARENT_MISSING"


class DigestMalformed(Invalid):
    """Such rows or events are not told in digests, or not so many at once."""

    code = "DIGEST_MALFORMED"


class CursorMalformed(Invalid):
    """This is not a cursor of this list."""

    code = "CURSOR_MALFORMED"


class FirstOutOfRange(Invalid):
    """A page holds 1 to 100 objects."""

    code = "FIRST_OUT_OF_RANGE"


class HoursOutOfRange(Invalid):
    """So far back one looks by the hour: 1 to 24."""

    code = "HOURS_OUT_OF_RANGE"


class PassengersOutOfRange(Invalid):
    """A request takes 1 to 100 passengers; send the others in another one."""

    code = "PASSENGERS_OUT_OF_RANGE"


class TimeMalformed(Invalid):
    """A time has its offset from UTC and lies in the years 1 to 9999."""

    code = "TIME_MALFORMED"


class SubscriberLagging(Unavailable):
    """From here on events may be missing; subscribe again and read the list."""

    code = "LAGGING"


class RequestMalformed(Invalid):
    """This is not a GraphQL request: an object with `query`, and with `variables` and `extensions` as objects."""

    code = "REQUEST_MALFORMED"


class MediaTypeUnknown(Invalid):
    """Requests are application/json in UTF-8; answers are application/graphql-response+json or application/json."""

    code = "MEDIA_TYPE_UNKNOWN"


class MethodNotAllowed(Invalid):
    """Queries come by GET or POST, mutations by POST, subscriptions by WebSocket."""

    code = "METHOD_NOT_ALLOWED"


class OperationUnknown(Invalid):
    """The document has no such operation, or several and none is named."""

    code = "OPERATION_UNKNOWN"


class BodyTooLarge(Invalid):
    """The body of the request is too large."""

    code = "BODY_TOO_LARGE"


class ReplayAmbiguous(Invalid):
    """Name either an event or a log."""

    code = "REPLAY_AMBIGUOUS"
