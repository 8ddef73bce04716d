"""Push: whatever a feature says to a person is kept in their inbox and, where they agreed, reaches their phone."""
