"""Whether databases hold what they must: ids and hashes of what stands in them, never anybody's own counters.

`copies`: what one node has of another is the same at both. `chains`: every event follows the one before it, so that one
altered together with its hash is found. `replay`: the tables show what the logs say, so that what was altered
everywhere alike is found.

Each node has its own, and so none of these is compared:

- `log.id` and `log_id`, which number the logs of one database;
- `log.via`, `arrived`, `parent_*` and `centre_*`: which neighbour a log comes through, and what was heard of it;
- `feed_load`: what of a snapshot it has taken in so far;
- `verification`: what came of its last comparison with its parent;
- `node`, `answer` and `reaction`: whose database it is, first answers to its callers, what it still has to do;
- `event_quarantine`: what this node could not show, or was told not to, which is then missing from its tables;
- `batch_quarantine`, `batch_quarantine_drop`: what its neighbours sent and it could not take;
- `sheet`: what a site reads when it searches its registrations;
- `device_contact`: when a site heard its devices last; others are told only what matters of it;
- `push_body`, `push_refusal`: stay at their site (decision 0009); no event tells of refused pushes.
"""
