"""What crosses: readings become passages, passages become registrations, each matched as it is put on record."""
