"""The store: engine, tables, migrations and one repository per aggregate."""
