"""Sealed values, the keyring with its wrapped keys, and the way to the keeper (design §5, R86, R128)."""
