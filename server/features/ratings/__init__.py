"""One rating a visit and one a case, a bad one as easy as a good one, and a bad one starts work with a clock."""
