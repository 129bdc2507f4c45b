"""What is due next on a file, from the rules in force (R26–R28)."""
