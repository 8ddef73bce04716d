"""A result ends in the right person's hands, and both sides can prove it."""
