from tests.web.conftest import browse, cast, static_files_by_their_own_names

__all__ = ["browse", "cast", "static_files_by_their_own_names"]
