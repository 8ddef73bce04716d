"""Nobody acts for somebody else unless that person, the authority or a window with the papers has said so."""
