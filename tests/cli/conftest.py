"""Commands beside a database with everybody in it."""

from tests.web.conftest import cast, static_files_by_their_own_names

__all__ = ["cast", "static_files_by_their_own_names"]
