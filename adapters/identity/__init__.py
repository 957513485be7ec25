"""Who bears a token (so far: the built-in issuer of development and of sites that are cut off), and devices' keys."""
