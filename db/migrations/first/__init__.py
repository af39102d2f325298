"""The first released schema, written out table by table."""
