"""The database's history, one step a file, forward and back. Never changed once released."""
