"""Whether two nodes hold the same: compared by digests, each difference named, and put right where that can be done."""
