"""Stand-ins for the other outside services, each in its own provider's format and with its own signature checks."""
