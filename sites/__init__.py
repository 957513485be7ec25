"""What a node is: settings, parts, and the three roles made of them. No other room knows its role."""
