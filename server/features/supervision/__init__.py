"""What is late shows before it is: lights over everything on a clock, and the figures the notices ask for."""
