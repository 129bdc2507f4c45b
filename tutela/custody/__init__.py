"""Locking the house, copying it so that it cannot read the copy itself, leaving it and coming back (R91, R120; design §5)."""
