"""Everybody can have what is kept about them, and have forgotten what no law keeps."""
