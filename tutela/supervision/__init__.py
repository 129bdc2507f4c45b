"""Oversight of a team: what waits for the supervisor's word, and what is late (R78–R81, R114). Reads the steps."""
