"""Closure with approval, and reopening (R51–R55)."""
