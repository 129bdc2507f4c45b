"""Who opens and closes what lies here; copies that it cannot read itself; leaving, and coming back (design §5, R91, R120)."""
