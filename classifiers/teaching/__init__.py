"""How a model learns from the people who use it: its heads anew, its encoder as it is, no torch."""
