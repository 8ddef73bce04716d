"""People, enterprises and staff are who they say they are, and act only for whom they may."""
