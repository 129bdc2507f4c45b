"""Photos, recordings and papers from outside: looked at, taken apart and made anew in a process of their own. No Django."""
