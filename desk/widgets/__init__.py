"""Pieces of the desk that draw what they are given and say what the person did."""
