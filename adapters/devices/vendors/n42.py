"""Radiation portals: ANSI N42.42, of 2006 (``N42InstrumentData``) and of 2012 (``RadInstrumentData``).

Of a file of megabytes only what a post acts on is read: never the channel data.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from math import isfinite
from re import compile as pattern
from typing import NamedTuple

from adapters.devices.device_number import device_number
from adapters.devices.device_time import device_time
from adapters.devices.document import document
from adapters.devices.limits import require_few
from adapters.devices.observation_id import observation_id
from adapters.devices.xml_records import Record, records_in
from domain.registrations.readings import Push, PushContent, PushUnreadable, RadiationAlarm, RadiationMeasured

MAX_N42 = 8 * 1024 * 1024

_MEDIA_TYPES = frozenset({"application/xml", "text/xml"})
_OF_2006, _OF_2012 = "N42InstrumentData", "RadInstrumentData"
_CATEGORIES = frozenset({"gamma", "neutron", "alpha", "beta", "isotope"})
_NO_CLASS = frozenset({"", "NotSpecified"})
_YES = frozenset({"1", "true"})
_KMH = {"mph": 1.609344, "km/h": 1.0, "kph": 1.0, "kmph": 1.0, "m/s": 3.6, "": 3.6}
_DURATION = pattern(r"P(?:([\d.]+)D)?(?:T(?:([\d.]+)H)?(?:([\d.]+)M)?(?:([\d.]+)S)?)?")
_SECONDS = (86400.0, 3600.0, 60.0, 1.0)
_MAX_SECONDS = 366 * 86400.0
_KINDS = frozenset(
    {"Measurement", "DetectorData", "Nuclide", "RadMeasurement", "RadAlarm", "RadItemState", "Characteristic"}
)
_WANTED = frozenset(
    {
        *("Manufacturer", "InstrumentModel", "InstrumentID", "LaneNumber", "ThreatDescription"),
        *("StartTime", "SampleRealTime", "Occupied", "Speed"),
        *("NuclideName", "NuclideIDConfidenceIndication", "NuclideIdentifiedIndicator"),
        *("RadInstrumentManufacturerName", "RadInstrumentModelName", "RadInstrumentIdentifier"),
        *("MeasurementClassCode", "StartDateTime", "RealTimeDuration", "OccupancyIndicator"),
        *("RadAlarmCategoryCode", "RadAlarmDescription"),
        *("SpeedValue", "CharacteristicName", "CharacteristicValue"),
    }
)


class N42:
    """Reads the files of radiation portals."""

    name = "n42"

    def read(self, push: Push) -> PushContent:
        """Read a push; see `DeviceFormat.read`."""
        content = document(push, media_types=_MEDIA_TYPES, part="n42", limit=MAX_N42).content
        root = records_in(content, roots=frozenset({_OF_2006, _OF_2012}), kinds=_KINDS, wanted=_WANTED)
        measured = tuple(_of_2006(root) if root.kind == _OF_2006 else _of_2012(root))
        require_few(measured)
        if not measured and _instrument(root) is None:
            raise PushUnreadable("missing_field", "The file has neither a measurement nor an instrument.")
        return PushContent(radiation=measured, heartbeat=not measured)


FORMAT = N42()


class _Span(NamedTuple):
    """A measurement, or one of the slices of which a portal makes it, by the names of its edition."""

    record: Record
    start: str
    duration: str
    occupied: bool | None


def _of_2006(root: Record) -> Iterator[RadiationMeasured]:
    for measurement in root.of("Measurement"):
        slices = measurement.of("DetectorData") or [measurement]
        spans = [_Span(each, "StartTime", "SampleRealTime", _told(each.value("Occupied"))) for each in slices]
        threat = measurement.value("ThreatDescription")
        instrument = _instrument(measurement) or _instrument(root)
        yield RadiationMeasured(
            vendor_id=measurement.attributes.get("UUID") or _made_id(instrument, spans),
            device_time=_start(spans),
            seconds=_seconds(spans),
            occupied=_is_occupied(spans, sounds=bool(threat)),
            alarms=(RadiationAlarm(category="other", description=threat),) if threat else (),
            nuclides=_nuclides(measurement),
            speed_kmh=next((_kmh(each, "Speed") for each in slices if each.value("Speed")), None),
            lane=measurement.value("LaneNumber") or None,
            instrument=instrument,
        )


def _of_2012(root: Record) -> Iterator[RadiationMeasured]:
    """Yield one for the whole file: its measurements are the background and the slices of one passage."""
    measurements, alarms = root.of("RadMeasurement"), root.of("RadAlarm")
    if not (measurements or alarms):
        return
    spans = [_Span(each, "StartDateTime", "RealTimeDuration", _occupied(each)) for each in measurements]
    yield RadiationMeasured(
        vendor_id=root.attributes.get("n42DocUUID") or _made_id(_instrument(root), spans),
        device_time=_start(spans),
        seconds=_seconds(spans),
        occupied=_is_occupied(spans, sounds=bool(alarms)),
        alarms=tuple(_alarm(each) for each in alarms),
        nuclides=_nuclides(root),
        speed_kmh=next(
            (_kmh(each, "SpeedValue") for each in root.of("RadItemState") if each.value("SpeedValue")), None
        ),
        lane=next(
            (each.value("CharacteristicValue") or None for each in root.of("Characteristic") if _is_lane(each)), None
        ),
        instrument=_instrument(root),
    )


def _is_occupied(spans: Sequence[_Span], *, sounds: bool) -> bool:
    """Tell whether something stood in the portal; where nothing says, it did when an alarm ``sounds``."""
    told = [span.occupied for span in spans if span.occupied is not None]
    return any(told) if told else sounds


def _occupied(measurement: Record) -> bool | None:
    """Tell whether something stood in the portal; where the file does not say, a foreground is one of something."""
    told, kind = _told(measurement.value("OccupancyIndicator")), measurement.value("MeasurementClassCode")
    return told if told is not None or kind in _NO_CLASS else kind == "Foreground"


def _told(indicator: str) -> bool | None:
    return indicator.lower() in _YES if indicator else None


def _alarm(alarm: Record) -> RadiationAlarm:
    category = alarm.value("RadAlarmCategoryCode").lower()
    return RadiationAlarm(
        category=category if category in _CATEGORIES else "other", description=alarm.value("RadAlarmDescription")
    )


def _nuclides(record: Record) -> tuple[str, ...]:
    """Return the nuclides identified: a file may list all that were looked for."""
    names = (each.value("NuclideName") for each in record.of("Nuclide") if _is_identified(each))
    return tuple(dict.fromkeys(name for name in names if name))


def _is_identified(nuclide: Record) -> bool:
    if device_number(nuclide.value("NuclideIDConfidenceIndication")) == 0:
        return False
    return _told(nuclide.value("NuclideIdentifiedIndicator")) is not False


def _is_lane(characteristic: Record) -> bool:
    return "lane" in characteristic.value("CharacteristicName").lower()


def _instrument(record: Record) -> str | None:
    names = (
        *("Manufacturer", "InstrumentModel", "InstrumentID"),
        *("RadInstrumentManufacturerName", "RadInstrumentModelName", "RadInstrumentIdentifier"),
    )
    return " ".join(filter(None, map(record.value, names))) or None


def _passage(spans: Sequence[_Span]) -> Sequence[_Span]:
    """Return the spans in which something stood in the portal, or all when nothing did."""
    return [span for span in spans if span.occupied] or spans


def _start(spans: Sequence[_Span]) -> datetime | None:
    return min(filter(None, (device_time(span.record.value(span.start)) for span in _passage(spans))), default=None)


def _seconds(spans: Sequence[_Span]) -> float | None:
    durations = [_duration(span.record.value(span.duration)) for span in _passage(spans)]
    known = [each for each in durations if each is not None]
    return sum(known) if known else None


def _duration(text: str) -> float | None:
    """Return the seconds of an ISO 8601 duration without years and months; None for what is none."""
    matched = _DURATION.fullmatch(text)
    if not matched:
        return None
    numbers = [device_number(each) if each else 0.0 for each in matched.groups()]
    if None in numbers or not any(matched.groups()):
        return None
    seconds = sum(number * unit for number, unit in zip(numbers, _SECONDS, strict=True) if number)
    return seconds if isfinite(seconds) and seconds <= _MAX_SECONDS else None


def _kmh(record: Record, name: str) -> float | None:
    number = device_number(record.value(name))
    factor = _KMH.get(record.value(f"{name}@Units").lower())
    return None if number is None or factor is None else number * factor


def _made_id(instrument: str | None, spans: Sequence[_Span]) -> str | None:
    started = _start(spans)
    return observation_id(instrument, started) if started else None
