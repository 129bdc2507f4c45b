"""Objectives, actions and versions of the case plan (R30–R37)."""
