"""The link's wires over NATS: core subjects for words, JetStream for batches.

| subject | from, to | what |
|---|---|---|
| `up.<parent>.<node>.<channel>` | child to parent | batches, into the streams `UP-<parent>` and `UP_ALARMS-<parent>` |
| `ack.<parent>.<node>` | parent to child | confirmations |
| `down.<parent>.<feed>` | parent to children | batches of feeds |
| `rpc.<parent>.<node>.<question>` | child to parent | questions with answers |
| `quarantine.<parent>.<node>` | parent to itself | what cannot be applied, into the stream `QUARANTINE-<parent>` |

Node codes are single tokens of a subject.
"""
