"""Readable rules: urgency with its reasons, kind, and a baseline without a model."""
