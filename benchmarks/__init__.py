"""Measurements of the product, run by hand; each prints its numbers and what they should be."""
