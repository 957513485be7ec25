"""What the vehicle of each vendor's own example is, by the word that its format reads; Axis and Verkada send none."""

from collections.abc import Callable

import pytest

from adapters.devices.formats import FORMATS
from domain.organisation.events import VehicleClass
from domain.registrations.readings import Push
from domain.registrations.vehicle_classes import class_of

JSON, TEXT, XML = "application/json", "text/plain", "application/xml"


@pytest.mark.parametrize(
    ("form", "content_type", "file", "was", "word", "meant"),
    [
        (
            "plate_recognizer_stream",
            JSON,
            "platerecognizer_stream_webhook_recognition.json",
            b"Sedan",
            "Big Truck",
            "truck",
        ),
        ("plate_recognizer_snapshot", JSON, "platerecognizer_snapshot.json", b"Sedan", "Motorcycle", "motorcycle"),
        ("openalpr", JSON, "openalpr_agent_alpr_group.json", b"sedan-standard", "tractor-trailer", "truck"),
        ("hikvision_isapi", XML, "hikvision_anpr_38AAP084.xml", b">bus<", "largeBus", "bus"),
        ("hikvision_isapi", XML, "hikvision_anpr_PECT600.xml", b">vehicle<", "containerTruck", "truck"),
        ("dahua", TEXT, "dahua_snap_retrograde.txt", b"LargeTruck", "SaloonCar", "car"),
        ("genetec_autovu", JSON, "genetec_autovu.json", b"Passenger Vehicle", "Truck", "truck"),
        ("axis_license_plate", JSON, "axis_license_plate.json", None, "", None),
        ("verkada_lpr", JSON, "verkada_lpr.json", None, "", None),
    ],
)
def test_the_word_of_a_vendor_is_read_and_means_a_class(
    payload: Callable[[str], bytes],
    *,
    form: str,
    content_type: str,
    file: str,
    was: bytes | None,
    word: str,
    meant: str | None,
) -> None:
    def read(body: bytes) -> VehicleClass | None:
        [seen, *_] = FORMATS[form].read(Push(content_type=content_type, body=body)).seen
        return class_of(seen.vehicle_type)

    body = payload(file)
    if was is None or meant is None:
        assert read(body) is None
        return
    assert read(body) is class_of(was.strip(b"<>").decode()) is not None
    assert read(body.replace(was, was.replace(was.strip(b"<>"), word.encode()))) is VehicleClass(meant)
    assert read(body.replace(was, was.replace(was.strip(b"<>"), b"Zeppelin"))) is None
