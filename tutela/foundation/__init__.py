"""What every other package may stand on: time, identifiers, words, and how the house says no. No Django."""
