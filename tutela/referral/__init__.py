"""Asking a service for help, what it was told and on which basis, hearing back (R40–R46)."""
