"""The words of the organisation, each declared once."""

import strawberry

from domain.organisation.layout import CheckpointKind
from domain.organisation.places import PostKind, Subsystem, UnitKind
from domain.organisation.traffic import TrafficKind, VehicleClass

__all__ = ["CheckpointKind", "PostKind", "Subsystem", "TrafficKind", "UnitKind", "VehicleClass"]

strawberry.enum(UnitKind, description="What a unit is, the highest first.")
strawberry.enum(PostKind, description="By what the frontier is crossed at a post.")
strawberry.enum(Subsystem, description="A profile that a site switches on; what is registered follows one of them.")
strawberry.enum(CheckpointKind, description="What is done at a checkpoint.")
strawberry.enum(TrafficKind, description="How traffic passes.")
strawberry.enum(VehicleClass, description="What a vehicle is, as border statistics count them.")
