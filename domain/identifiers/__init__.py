"""Identifiers of vehicles and documents: parsing, check digits, canonical and look-alike forms. Pure functions."""
