"""What devices push: one intake behind every door through which it comes."""
