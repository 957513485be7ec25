"""A lorry with its driver, registered at a lane, and the crossing of it."""

from domain.crossings.commands import OpenCrossing
from domain.crossings.measured import Measured
from domain.crossings.model import Crossing
from domain.crossings.parts import Member, MemberRole, Parts
from domain.organisation.events import Subsystem
from domain.registrations.commands import RegisterPerson, RegisterVehicle
from tests.nodes import NodeInMemory

MRZ = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
UNMEASURED = Measured()
LORRY = (("WA 12345", MemberRole.TRACTOR), ("WZ 9876X", MemberRole.SEMITRAILER))


async def lorry(site: NodeInMemory) -> tuple[Member, ...]:
    """Register tractor, semitrailer and driver."""
    members = []
    for plate, role in LORRY:
        vehicle = await site.do(RegisterVehicle(lane="lane-1", direction="inbound", plate=plate, country="PL"))
        members.append(Member(registration_id=vehicle.id, role=role))
    driver = await site.do(RegisterPerson(lane="lane-1", direction="inbound", mrz=MRZ))
    site.clock.step()
    return (*members, Member(registration_id=driver.id, role=MemberRole.DRIVER))


async def open_lorry(site: NodeInMemory) -> Crossing:
    """Open the crossing of a lorry."""
    put = Parts(lane="lane-1", direction="inbound", members=await lorry(site))
    crossing: Crossing = await site.do(OpenCrossing(subsystem=Subsystem.SOC_T, put=put))
    return crossing
