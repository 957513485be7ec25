"""The objects of the schema: how what the modules read is shown. They hold no data; each is a lens on a read model."""
