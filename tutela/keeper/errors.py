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


class TooSoon(KeeperError):
    """Attempts failed just now: the next one has to wait."""

    def __init__(self, seconds: int = 1) -> None:
        super().__init__("Too many attempts just now.")
        self.seconds = seconds


class NotEnough(KeeperError):
    """This takes two custodians, and they are not both here."""

    def __init__(self) -> None:
        super().__init__("Two custodians have to be here for this.")


class NotRehearsed(KeeperError):
    """Nobody has shown yet that this installation can be locked and opened again."""

    def __init__(self) -> None:
        super().__init__("Locking and unlocking have not been rehearsed yet.")


class CannotStart(Exception):
    """The keeper cannot run here. The message says what to repair."""
