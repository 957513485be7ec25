"""How a node watches itself and its neighbours: knows the link and the logs, but no database and no NATS.

- `condition`: how the node and its neighbours are at one moment.
- `observer`: looks every few seconds; what it saw last is told to neighbours, operators and metrics.
- `progress`: since when what should get on has not.
- `neighbours`: how each neighbour stands. Pure.
- `thresholds`: from when on something is a fault.
- `rules`: which faults a condition shows. Pure.
- `room`: what is given up when the disk fills. Pure.
- `monitor`: has faults raised as alarms, and ended.
- `watchdog`: dials the parent anew when it has been silent for long.
"""
