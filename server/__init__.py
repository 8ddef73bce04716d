"""OneTrip: finish government business in at most one visit."""
