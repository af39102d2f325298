"""The files an export may be: one module for each kind, all under one protocol."""
