"""What the figures rely on. They are counted and read by statements of their own."""

CONSTRAINTS = ("figure_key", "figure_month_check", "figure_part_check")
