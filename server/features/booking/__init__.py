"""A place at a time, never promised to more people than there are places."""
