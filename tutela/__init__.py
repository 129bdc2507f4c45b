"""Tutela: child protection case management."""
