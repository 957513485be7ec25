"""Who did or saw what, when and why. The full model of roles and units comes with the identity module."""
