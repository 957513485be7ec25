"""The crossing: vehicles, persons and cargo that pass together, and what officers do until they are released."""
