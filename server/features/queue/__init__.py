"""Who has booked never queues twice: checking in makes the ticket, and one ticket goes to one window."""
