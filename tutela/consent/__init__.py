"""Who agreed to what, for which purpose and recipient, until when; acting before consent when a child is in danger (R7–R14)."""
