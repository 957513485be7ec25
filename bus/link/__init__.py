"""The link between nodes: carries out what the replication core decides, without knowing NATS or a database.

- `wire`: the ports through which the link reaches its neighbours, in the link's words.
- `ways`: several ways to one parent.
- `messages`: what neighbours say to each other besides batches.
- `heartbeats`: what children say of themselves.
- `uplink`: sends logs to the parent, each by its own `sending`; `outflow` lets out no more at once than the line
  carries in a moment, `ledger` stores how far that came.
- `stopped`: the logs that stand still. `aside`: what of the children's cannot be taken; `batches`: where that is kept.
- `applier`: takes in the children's batches; `recent` keeps them a while, to be passed on as they are.
- `redirecting`: batches of logs that arrive another way, as `detours` knows.
- `feeds`: answers what the children ask, `broadcasts` tells them what is new of feeds. `follower` follows those of the
  parent, `standstill` knows which cannot go on.
- `reasons`: why something cannot be taken; `halves` finds the event at fault.
- `shares`: says long lists in parts.
- `tasks`: what keeps all of this running.
- `parent_side`: what goes on between a node and its parent; `children_side`: between it and its children. Both work
  with the same `means`, and reach the `neighbours` they are given.
- `link`: the whole, as a node sees it; `status`: how it stands.
"""
