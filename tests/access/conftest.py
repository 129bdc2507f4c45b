from tests.casework.conftest import cast

__all__ = ["cast"]
