"""Detection: the catalogue of recognizers and the engine that finds their values in texts."""
