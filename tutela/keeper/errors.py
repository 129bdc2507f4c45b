"""How the keeper says no. No message carries a key, a name or an answer."""


class KeeperError(Exception):
    """The keeper did not do what it was asked."""


class KeeperStopped(KeeperError):
    """Nobody answers at the socket, or not in time."""

    def __init__(self) -> None:
        super().__init__("The keeper does not answer.")


class KeeperLocked(KeeperError):
    """The keeper has forgotten the root key until somebody unlocks it."""

    def __init__(self) -> None:
        super().__init__("The keeper is locked.")


class KeeperRefused(KeeperError):
    """The keeper could not make sense of what it was asked: a mistake of the program that asked."""

    def __init__(self) -> None:
        super().__init__("The keeper could not make sense of the question.")


class Tampered(KeeperError):
    """What was to be opened is not what was closed under this key and for this place."""

    def __init__(self) -> None:
        super().__init__("A sealed value or a wrapped key does not fit its key or its place.")


class CannotStart(Exception):
    """The keeper cannot run here. The message says what to repair."""
