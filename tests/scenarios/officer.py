"""An officer at a site, and whoever looks at what the officer did, by the public interface alone."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import pytest

from api.ids import local_id
from domain.shared.actors import Role
from sites.demo.officers import ACKNOWLEDGE
from sites.demo.topology import CENTRE, Topology
from sites.demo.waiting import until
from sites.desk import PURPOSE, Desk, Refused
from tests.scenarios.arrival import has_come

WHOLE = """
fragment Whole on Crossing {
  id node subsystem state version officer openedBy openedAt decidedAt lane direction missing nextStep
  parts { ...Parts members { registration { label kind direction traveller { surname } } } }
  requirements { code isSatisfied check { outcome by reason shown } }
  notices { code about }
  weighings { source by at totalKg axlesKg }
  acts { number kind by at before after reason code undoes put { ...Parts } took { ...Parts } }
}
fragment Parts on CrossingParts {
  members { registrationId role seals }
  goods { number code description packages grossKg unNumber }
  documents { number kind text canonical check }
  weights { number totalKg axlesKg measured }
  checks { requirement outcome }
  lane direction at position { latitude longitude } cashEur pets
}
"""
PROBLEM = "... on Problem { code path facts { name values } }"
ACT = f"""mutation Act($input: %(input)s!) {{
  %(act)s(input: $input) {{ __typename ... on CrossingSuccess {{ crossing {{ ...Whole }} }} {PROBLEM} }}
}}
{WHOLE}"""
INPUTS = {
    "crossingOpen": "CrossingOpenInput",
    "crossingComplete": "CrossingCompleteInput",
    "crossingCorrect": "CrossingCorrectInput",
    "crossingCheck": "CrossingCheckInput",
    "crossingOverride": "CrossingOverrideInput",
    "crossingSendToControl": "CrossingReasonInput",
    "crossingReturnFromControl": "CrossingReturnInput",
    "crossingRelease": "CrossingActInput",
    "crossingRefuse": "CrossingRefuseInput",
    "crossingUndo": "CrossingActInput",
}
REGISTER = f"""mutation Register($input: %s!) {{
  %s(input: $input) {{ __typename ... on RegisterSuccess {{ registration {{ id }} }} {PROBLEM} }}
}}"""
CORRECT = f"""mutation Correct($input: RegistrationCorrectInput!) {{
  registrationCorrect(input: $input) {{ __typename ... on RegisterSuccess {{ registration {{ id label }} }} {PROBLEM} }}
}}"""
PASSENGERS = f"""mutation Passengers($input: PassengersRegisterInput!) {{
  passengersRegister(input: $input) {{
    __typename
    ... on PassengersSuccess {{
      passengers {{ registration {{ id label }} problem {{ code }} }} crossing {{ ...Whole }} problem {{ code }}
    }}
    {PROBLEM}
  }}
}}
{WHOLE}"""
ZONE = "query Zone($lines: [String!]!) { mrzRead(lines: $lines) { document { failedChecks } correction { lines } } }"
OCCUR = f"""mutation Occur($input: OccurrenceRecordInput!) {{
  occurrenceRecord(input: $input) {{ __typename ... on OccurrenceSuccess {{ occurrence {{ id }} }} {PROBLEM} }}
}}"""
SHIFT = f"""mutation Shift($input: %sInput!) {{
  %s(input: $input) {{ __typename ... on ShiftSuccess {{ shift {{ ...Shown }} }} {PROBLEM} }}
}}
fragment Shown on Shift {{
  id node officer state takenBy handOver {{ notes complete crossings {{ id state }} occurrences {{ id }} }}
}}"""
CROSSING = f"query One($id: ID!) {{ crossing(id: $id) {{ ...Whole }} }}\n{WHOLE}"
CROSSINGS = """query All($node: String!) {
  crossings(first: 100, node: $node) { edges { node { id } } }
}"""
REGISTRATIONS = """query Seen($node: String!, $label: String) {
  registrations(first: 100, node: $node, label: $label) {
    edges { node { id label kind source registeredBy readings { view } screening { outcome matches { entryId } } } }
  }
}"""
ALARMS = """query Alarms($node: String!) {
  alarms(first: 100, node: $node) {
    edges { node { id node source cause label registrationId priority text state acknowledgedBy repeats } }
  }
}"""
TRAIL = """query Trail($target: String!) {
  auditRecords(first: 100, target: $target) { edges { node { node who action purpose outcome } } }
}"""
ACTIONS = {
    "OPENED": "OpenCrossing",
    "COMPLETED": "CompleteCrossing",
    "CHECKED": "CheckRequirement",
    "OVERRIDDEN": "OverrideRequirement",
    "SENT_TO_CONTROL": "SendToControl",
    "RETURNED": "ReturnFromControl",
    "RELEASED": "ReleaseCrossing",
}
"""What the trail calls the acts."""

Told = Mapping[str, Any]


class Officer:
    """An officer on duty."""

    def __init__(self, desk: Desk, site: str, lane: str) -> None:
        self.desk = desk
        self.site = site
        self.place = {"lane": lane, "direction": "inbound"}

    async def found(self, label: str) -> str:
        """Return the id of the one registration of what a device saw."""
        (seen,) = await listed(self.desk, REGISTRATIONS, node=self.site, label=label)
        return str(seen["id"])

    async def vehicle(self, plate: str, **place: str) -> str:
        """Register a vehicle by hand."""
        return await self._register("vehicleRegister", "VehicleRegisterInput", plate=plate, country="PL", **place)

    async def person(self, mrz: Sequence[str]) -> str:
        """Register a person by the machine-readable zone."""
        return await self._register("personRegister", "PersonRegisterInput", mrz=list(mrz))

    async def person_by_hand(self, **person: str) -> str:
        """Register a person who has no machine-readable zone."""
        return await self._register("personRegisterByHand", "PersonRegisterByHandInput", person=person)

    async def container(self, code: str) -> str:
        """Register a container."""
        return await self._register("cargoUnitRegister", "CargoUnitRegisterInput", kind="CONTAINER", code=code)

    async def _register(self, mutation: str, input_: str, **wish: Any) -> str:
        answer = await self.desk.ask(REGISTER % (input_, mutation), {"idempotencyKey": key()} | self.place | wish)
        return str(answer["registration"]["id"])

    async def corrects(self, registration: str, seen: int = 0, **right: Any) -> str:
        """Correct what a registration says; return by what its object is known since."""
        wish = {"registrationId": registration, "seen": seen, "reason": "Misread", **right}
        answer = await self.desk.ask(CORRECT, {"idempotencyKey": key()} | wish)
        return str(answer["registration"]["label"])

    async def occurs(self, **wish: str) -> str:
        """Put on record what happens besides crossings; return the id of the occurrence."""
        return str((await self.desk.ask(OCCUR, {"idempotencyKey": key()} | wish))["occurrence"]["id"])

    async def shift(self, mutation: str, **wish: str) -> Told:
        """Begin a shift, end it or take it over; return it as it stands since."""
        document = SHIFT % (mutation[0].upper() + mutation[1:], mutation)
        answer: Told = (await self.desk.ask(document, {"idempotencyKey": key()} | wish))["shift"]
        return answer

    async def open(self, subsystem: str, members: Mapping[str, str], **put: Any) -> Told:
        """Open a crossing of registrations, each in its role."""
        wish = {"subsystem": subsystem, "put": self.place | {"members": in_roles(members)} | put}
        return await self._act("crossingOpen", **wish)

    async def do(self, act: str, crossing: Told, **wish: Any) -> Told:
        """Do something with a crossing as it was seen; return it as it stands since."""
        return await self._act(act, crossingId=crossing["id"], seen=crossing["version"], **wish)

    async def _act(self, act: str, **wish: Any) -> Told:
        document = ACT % {"act": act, "input": INPUTS[act]}
        answer: Told = (await self.desk.ask(document, {"idempotencyKey": key()} | wish))["crossing"]
        return answer

    async def is_refused(self, act: str, crossing: Told, **wish: Any) -> tuple[str, Mapping[str, Sequence[str]]]:
        """Try something with a crossing that is refused; return the code and the facts."""
        with pytest.raises(Refused) as refusal:
            await self.do(act, crossing, **wish)
        return refusal.value.code, facts(refusal.value)

    async def take(self, label: str) -> Told:
        """Take the one alarm of an object as soon as it is raised; return it as it was before."""
        found: list[Told] = []

        async def is_raised() -> bool:
            found[:] = await alarms_of(self.desk, self.site, label)
            return bool(found)

        await until(is_raised, f"an alarm of {label} is raised")
        (alarm,) = found
        await self.desk.ask(ACKNOWLEDGE, {"idempotencyKey": key(), "alarmId": alarm["id"]})
        return alarm


def key() -> str:
    return str(uuid4())


def in_roles(members: Mapping[str, str], **seals: Sequence[str]) -> Sequence[Told]:
    """Return members as they are put into a crossing; ``seals`` by role."""
    return [
        {"registrationId": registration, "role": role, "seals": list(seals.get(role, ()))}
        for registration, role in members.items()
    ]


def facts(refusal: Refused) -> Mapping[str, Sequence[str]]:
    return {fact["name"]: fact["values"] for fact in refusal.problem["facts"]}


def roles(parts: Told) -> Mapping[str, str]:
    """Return the roles of members by their registrations."""
    return {member["registrationId"]: member["role"] for member in parts["members"]}


async def listed(desk: Desk, document: str, **variables: Any) -> Sequence[Told]:
    """Return what a list shows on its first page, which is to be all."""
    (page,) = (await desk.look(document, **variables)).values()
    return [edge["node"] for edge in page["edges"]]


async def alarms_of(desk: Desk, site: str, label: str) -> Sequence[Told]:
    return [alarm for alarm in await listed(desk, ALARMS, node=site) if alarm["label"] == label]


async def shown_alike(topology: Topology, crossing: Told) -> None:
    """See that a crossing is shown at its site and at every node above as its officer was told, and once."""
    await has_come(topology)
    code: str | None = crossing["node"]
    while code is not None:
        desk = topology.desk(code, "olga", (Role.OFFICER,))
        assert (await desk.look(CROSSING, id=crossing["id"]))["crossing"] == crossing, code
        ids = [one["id"] for one in await listed(desk, CROSSINGS, node=crossing["node"])]
        assert ids.count(crossing["id"]) == 1, code
        code = topology.nodes[code].plan.parent


async def trail(topology: Topology, crossing: Told) -> Sequence[tuple[str, str, str]]:
    """Return what the centre knows of who did what with a crossing, oldest first: who, action, outcome."""
    await has_come(topology)
    auditor = topology.desk(CENTRE, "dorota", (Role.AUDITOR,))
    records = await listed(auditor, TRAIL, target=local_id(crossing["id"], "Crossing"))
    done = [record for record in records if record["outcome"] != "consulted"]
    assert {(record["node"], record["purpose"]) for record in done} == {(crossing["node"], PURPOSE)}
    return [(record["who"], record["action"], record["outcome"]) for record in reversed(done)]


async def known_at_the_centre(topology: Topology, crossing: Told) -> None:
    """See that a crossing is shown there as its officer was told, and who did what with it."""
    await shown_alike(topology, crossing)
    done = [one for one in await trail(topology, crossing) if one[2] == "done"]
    assert done == [(act["by"], ACTIONS[act["kind"]], "done") for act in crossing["acts"]]
