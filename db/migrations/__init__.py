"""The schema's history: one revision per release that changed it, never edited afterwards."""
