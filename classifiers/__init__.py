"""Models that judge public posts: one protocol, the transformer that ships, and a rule baseline."""
