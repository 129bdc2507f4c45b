"""Files and users that have keys and nothing else."""

from uuid import UUID

from tutela.foundation.ids import new_id
from tutela.vault import keyring


def a_file(*, agency: UUID | None = None) -> UUID:
    """A new file of `agency`, or of a new agency."""
    file, agency = new_id(), agency or new_id()
    keyring.mint_agency_key(agency)
    keyring.mint_file_keys(file_id=file, agency_id=agency)
    return file


def a_user() -> UUID:
    """A new user."""
    user = new_id()
    keyring.mint_user_key(user)
    return user
