"""Pure helpers without a domain: nothing here knows a feature, a database or a network."""
