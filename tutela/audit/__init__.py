"""The log of who read or wrote what: inserted in the act's own transaction, never changed, sealed in batches (design §5)."""
