"""The recipe that made the bundled model: read, mix, fine-tune, calibrate, export. Needs torch; the desk does not."""
