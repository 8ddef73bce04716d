"""A certificate proves itself: anybody may check it, nobody can forge it, and the holder reads who looked."""
