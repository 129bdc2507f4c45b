"""Contacts with the child and those around them, and reviews of the plan (R47–R49)."""
