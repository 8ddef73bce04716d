"""One place for questions, complaints, what could not be got done, and faults: routed, on a clock, answered, judged."""
