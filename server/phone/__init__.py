"""Screens of the phone that several features fill: one screen, one GET."""
