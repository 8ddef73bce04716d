"""Thread: one public number and one timeline that only grows, from guide to rating."""
