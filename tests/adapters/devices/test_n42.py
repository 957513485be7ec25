"""N42.42 of 2006 and of 2012."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from adapters.devices.formats import FORMATS
from domain.registrations.readings import Push, PushContent, PushUnreadable, RadiationAlarm, RadiationMeasured

N42 = FORMATS["n42"]
CLASS = "<MeasurementClassCode>{}</MeasurementClassCode>"


def read(body: bytes) -> PushContent:
    return N42.read(Push(content_type="application/xml", body=body))


def measured(body: bytes) -> RadiationMeasured:
    [radiation] = read(body).radiation
    return radiation


def reason(body: bytes) -> str:
    with pytest.raises(PushUnreadable) as refused:
        read(body)
    return refused.value.reason


def of_2006(inner: str) -> bytes:
    return f"<N42InstrumentData><Measurement>{inner}</Measurement></N42InstrumentData>".encode()


def of_2012(inner: str) -> bytes:
    return f'<RadInstrumentData xmlns="http://physics.nist.gov/N42/2011/N42">{inner}</RadInstrumentData>'.encode()


def test_a_vehicle_in_a_portal_of_2006(payload: Callable[[str], bytes]) -> None:
    """Source: sandialabs/SpecUtils, ``bindings/python/passthrough.n42``."""
    content = read(payload("n42_2006_passthrough.n42"))
    [radiation] = content.radiation
    assert radiation == RadiationMeasured(
        vendor_id="fc0fe9d6-cf29-4256-a54d-88b09644496e",
        device_time=datetime(2010, 1, 24, 0, 8, 24, 78000, tzinfo=UTC),
        seconds=0.5,
        occupied=True,
        alarms=(),
        nuclides=(),
        speed_kmh=pytest.approx(3.8624256),
        lane="1",
        instrument="ORTEC OSASP Serial #10000033",
    )
    assert not content.heartbeat


def test_a_measurement_of_2012(payload: Callable[[str], bytes]) -> None:
    """Source: sandialabs/SpecUtils, ``unit_tests/test_data/spectra/Mn56_DetX_Shielded.n42``."""
    assert measured(payload("n42_2012_detective_x.n42")) == RadiationMeasured(
        vendor_id="13122621-1500-4006-a885-500972616509",
        device_time=datetime(2013, 12, 26, 21, 15, tzinfo=UTC),
        seconds=1824.650024,
        occupied=True,
        alarms=(),
        nuclides=(),
        speed_kmh=None,
        lane=None,
        instrument="ORTEC Detective X",
    )


def test_alarms_of_2012() -> None:
    """Made after the schema: no file of a portal with an alarm in it is public."""
    radiation = measured(
        of_2012(
            "<RadMeasurement><MeasurementClassCode>Background</MeasurementClassCode>"
            "<StartDateTime>2024-01-01T00:00:00Z</StartDateTime><RealTimeDuration>PT1M</RealTimeDuration>"
            "<OccupancyIndicator>false</OccupancyIndicator></RadMeasurement>"
            "<RadMeasurement><MeasurementClassCode>Foreground</MeasurementClassCode>"
            "<StartDateTime>2024-01-01T00:05:00.5Z</StartDateTime><RealTimeDuration>PT0.1S</RealTimeDuration>"
            "<OccupancyIndicator>true</OccupancyIndicator></RadMeasurement>"
            "<RadMeasurement><MeasurementClassCode>Foreground</MeasurementClassCode>"
            "<StartDateTime>2024-01-01T00:05:00.6Z</StartDateTime><RealTimeDuration>PT0.1S</RealTimeDuration>"
            "<OccupancyIndicator>true</OccupancyIndicator></RadMeasurement>"
            '<RadItemState id="a"><StateVector><SpeedValue>2.5</SpeedValue></StateVector></RadItemState>'
            "<RadInstrumentCharacteristics><Characteristic><CharacteristicName>Lane number</CharacteristicName>"
            "<CharacteristicValue>7</CharacteristicValue></Characteristic></RadInstrumentCharacteristics>"
            '<AnalysisResults><RadAlarm id="x"><RadAlarmDateTime>2024-01-01T00:05:01Z</RadAlarmDateTime>'
            "<RadAlarmCategoryCode>Neutron</RadAlarmCategoryCode>"
            "<RadAlarmDescription>3 sigma</RadAlarmDescription></RadAlarm>"
            "<RadAlarm><RadAlarmCategoryCode>Gamma-Neutron</RadAlarmCategoryCode></RadAlarm>"
            "<NuclideAnalysisResults><Nuclide><NuclideIdentifiedIndicator>true</NuclideIdentifiedIndicator>"
            "<NuclideName>Cs-137</NuclideName></Nuclide>"
            "<Nuclide><NuclideIdentifiedIndicator>false</NuclideIdentifiedIndicator>"
            "<NuclideName>Co-60</NuclideName></Nuclide></NuclideAnalysisResults></AnalysisResults>"
        )
    )
    assert radiation.alarms == (
        RadiationAlarm(category="neutron", description="3 sigma"),
        RadiationAlarm(category="other", description=""),
    )
    assert (radiation.occupied, radiation.seconds) == (True, pytest.approx(0.2))
    assert radiation.device_time == datetime(2024, 1, 1, 0, 5, 0, 500000, tzinfo=UTC)
    assert (radiation.nuclides, radiation.speed_kmh, radiation.lane) == (("Cs-137",), 9.0, "7")


def test_prefixes_that_were_never_declared(payload: Callable[[str], bytes]) -> None:
    whole = payload("n42_2006_passthrough.n42")
    declaration = b'xmlns:dndons="http://www.DNDO.gov/N42Schema/2006/DNDOSchema"'
    assert declaration in whole
    assert measured(whole.replace(declaration, b"")) == measured(whole)


def test_the_namespace_may_have_a_prefix(payload: Callable[[str], bytes]) -> None:
    whole = payload("n42_2012_detective_x.n42")
    prefixed = whole.replace(b"<Rad", b"<n42:Rad").replace(b"</Rad", b"</n42:Rad")
    assert measured(prefixed) == measured(whole)


def test_nuclides_of_2006_are_those_identified() -> None:
    radiation = measured(
        of_2006(
            "<AnalysisResults><NuclideAnalysis><Nuclide><NuclideName>Co-60</NuclideName>"
            "<NuclideIDConfidenceIndication>100</NuclideIDConfidenceIndication></Nuclide>"
            "<Nuclide><NuclideName>Am-241</NuclideName>"
            "<NuclideIDConfidenceIndication>0</NuclideIDConfidenceIndication></Nuclide>"
            "<Nuclide><NuclideName>K-40</NuclideName></Nuclide></NuclideAnalysis>"
            "<ThreatDescription>Industrial</ThreatDescription></AnalysisResults>"
        )
    )
    assert radiation.nuclides == ("Co-60", "K-40")
    assert radiation.alarms == (RadiationAlarm(category="other", description="Industrial"),)


def test_a_background_is_not_of_something() -> None:
    background = "<RadMeasurement><MeasurementClassCode>Background</MeasurementClassCode></RadMeasurement>"
    radiation = measured(of_2012(background))
    assert (radiation.occupied, radiation.seconds, radiation.device_time, radiation.vendor_id) == (
        *(False, None, None),
        None,
    )


@pytest.mark.parametrize(
    ("body", "occupied"),
    [
        (of_2012("<RadAlarm/>"), True),
        (of_2012("<RadMeasurement><RealTimeDuration>PT1S</RealTimeDuration></RadMeasurement><RadAlarm/>"), True),
        (of_2012(f"<RadMeasurement>{CLASS.format('NotSpecified')}</RadMeasurement><RadAlarm/>"), True),
        (of_2012(f"<RadMeasurement>{CLASS.format('NotSpecified')}</RadMeasurement>"), False),
        (of_2012(f"<RadMeasurement>{CLASS.format('Background')}</RadMeasurement><RadAlarm/>"), False),
        (of_2012(f"<RadMeasurement>{CLASS.format('Calibration')}</RadMeasurement><RadAlarm/>"), False),
        (of_2006("<ThreatDescription>gamma</ThreatDescription>"), True),
        (of_2006("<DetectorData><Occupied>0</Occupied></DetectorData><ThreatDescription>g</ThreatDescription>"), False),
        (of_2006("<DetectorData/>"), False),
    ],
)
def test_where_nothing_says_whether_the_portal_was_empty_an_alarm_does(body: bytes, *, occupied: bool) -> None:
    assert measured(body).occupied is occupied


def test_without_an_id_the_time_makes_one() -> None:
    slices = "<DetectorData><StartTime>2024-01-01T00:00:0{}Z</StartTime></DetectorData>"
    first, again, other = (measured(of_2006(slices.format(second))) for second in (1, 1, 2))
    assert first.vendor_id == again.vendor_id != other.vendor_id


def test_several_measurements_of_2006() -> None:
    one = "<Measurement><DetectorData><Occupied>{}</Occupied></DetectorData></Measurement>"
    body = f"<N42InstrumentData>{one.format(0)}{one.format(1)}</N42InstrumentData>".encode()
    assert [radiation.occupied for radiation in read(body).radiation] == [False, True]


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [("PT0.25S", 0.25), ("P1DT1H1M1S", 90061.0), ("PT2M", 120.0)]
    + [(odd, None) for odd in ("PT", "P", "", "0.25", "-PT1S", "PT1.1.1S", "P1Y", f"PT{'9' * 400}S", "P999D")],
)
def test_durations(duration: str, seconds: float | None) -> None:
    assert measured(of_2006(f"<SampleRealTime>{duration}</SampleRealTime>")).seconds == seconds


@pytest.mark.parametrize(
    ("speed", "kmh"),
    [
        ('<Speed Units="mph">10</Speed>', 16.09344),
        ('<Speed Units="m/s">10</Speed>', 36.0),
        ("<Speed>10</Speed>", 36.0),
        ('<Speed Units="kph">10</Speed>', 10.0),
        ('<Speed Units="furlongs">10</Speed>', None),
        ("<Speed>fast</Speed>", None),
        ("", None),
    ],
)
def test_speeds(speed: str, kmh: float | None) -> None:
    assert measured(of_2006(f"<DetectorData>{speed}</DetectorData>")).speed_kmh == kmh


def test_a_file_without_a_measurement_is_a_sign_of_life() -> None:
    body = of_2012("<RadInstrumentManufacturerName>ORTEC</RadInstrumentManufacturerName>")
    assert read(body) == PushContent(heartbeat=True)


@pytest.mark.parametrize("body", [of_2012(""), b"<N42InstrumentData/>"])
def test_a_file_of_nothing(body: bytes) -> None:
    assert reason(body) == "missing_field"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"<Other/>",
        b"<N42InstrumentData>",
        b"<!DOCTYPE a><N42InstrumentData/>",
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><N42InstrumentData/>',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><N42InstrumentData>&x;</N42InstrumentData>',
        of_2012("&undefined;"),
        of_2012("\x00"),
        of_2012("a").replace(b">a<", b">\xff<"),
        of_2012("<a>" * 100 + "</a>" * 100),
        of_2006("<Measurement/>"),
    ],
)
def test_what_is_malformed(body: bytes) -> None:
    assert reason(body) == "malformed"


def test_long_texts_are_cut() -> None:
    assert measured(of_2006(f"<LaneNumber>{'1' * 5000}</LaneNumber>")).lane == "1" * 1024
