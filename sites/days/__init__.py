"""Days that can be printed: simulated in full, with planted anomalies, and judged by what the centre tells of them."""
