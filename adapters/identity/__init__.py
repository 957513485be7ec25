"""Who bears a token. So far: the built-in issuer of development and of sites that are cut off."""
