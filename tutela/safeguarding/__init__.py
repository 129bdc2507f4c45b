"""What safeguarding focal points are told about people who work for aid organisations, and how they answer for it (R122)."""
