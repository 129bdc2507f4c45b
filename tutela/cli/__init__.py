"""The command line: one group, and a module for each of its commands."""
