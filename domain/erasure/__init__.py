"""What must not be held any longer: its events lose their bodies at every node, and what they show goes."""
