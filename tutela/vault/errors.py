"""What can be wrong with something sealed. No message carries data or says whose it was."""


class Tampered(Exception):
    """A sealed value or a wrapped key was changed, or stands where it does not belong."""

    def __init__(self) -> None:
        super().__init__("A sealed value or a wrapped key does not fit its key or its place.")


class NoKeys(Exception):
    """The keys were destroyed, or never made. What was sealed with them stays closed."""

    def __init__(self) -> None:
        super().__init__("There are no keys for this any more, or not yet.")
