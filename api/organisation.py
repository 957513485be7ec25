"""Looking at devices, at every node."""

import strawberry

from api.context import Info
from api.fields import look
from api.ids import local_id
from api.objects.organisation import Device
from api.paging import USUAL_PAGE, After, Connection, First, Id, connection, window
from api.rules import ADMINISTRATOR, ANALYST, OFFICER, open_to
from domain.organisation import model

LOOK = open_to(OFFICER, ANALYST, ADMINISTRATOR)


@strawberry.type
class OrganisationQuery:
    """What can be looked up."""

    @look(Device | None, LOOK, "One device, or null.")
    async def device(self, info: Info, id_: Id) -> model.Device | None:
        return await info.context.doors.views.device(local_id(id_, "Device"))

    @look(Connection[Device], LOOK, "Devices by their codes, descending.")
    async def devices(self, info: Info, first: First = USUAL_PAGE, after: After = None) -> Connection[model.Device]:
        asked = window("Device", first, after)
        return connection(await info.context.doors.views.devices(asked), asked, lambda each: each.code)
