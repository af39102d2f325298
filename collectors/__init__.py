"""Channels: one folder per network, listening and answering side by side."""
