"""What people ask about their file, how long files are kept and how they end, what is done when something leaked (R87–R92)."""
