"""Keys of nodes: who a child is, how it shows that, and what it is told to begin with.

A node has one key towards its parent: an nkey, by which the parent's nats-server knows it, and over the same key a
certificate of the parent's authority, without which TLS lets nobody in.

- `node_key` draws keys; `authority` is a parent's small certificate authority.
- `register` is the parent's book of children. `admission` is what a running parent reads in it.
- `invitation` is the one file that a child is given; `membership` keeps it in the child's state folder.
- `expiry` tells how long the certificates last.

A parent's state folder holds `authority.pem` (secret), `children.json` and `children.seen`, and `server.crt` where the
operator's nats-server was certified; a child's holds `membership.json` (secret).
"""
