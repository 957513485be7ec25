"""The servers that a node brings along: PostgreSQL and nats-server, out of the wheels the project installs.

They serve development, tests, the demo and small nodes; larger ones name the operator's own servers in their settings
and never come here.

- `child` starts any program so that it ends with the process that started it, however that one dies.
- `account` is whom the servers run as: `nobody` when the node was started by root.
- `folders` finds a place for their files that this account can reach; it never changes the permissions of a folder that
  was there before.
- `ports` keeps their ports the same over a restart, where possible.
- `postgres` and `nats` are the two servers; `gate` is a second nats-server, through which children with keys come in.
- `keeping` has them run: one that has ended or hangs is started anew.

A state folder `S` holds of each server (here `nats`):

- `S/nats/`: its own folder, mode 0700, or a link to it;
- `S/nats.log`: what it printed; locked until the last process of the server is gone, which keeps a second one out;
- `S/nats.secret`: what its clients must know, mode 0600;
- `S/nats.ports`: its ports.

Everything listens on 127.0.0.1 only. Starting and stopping is synchronous: start the servers before the event loop,
from the main thread. Linux only.
"""
