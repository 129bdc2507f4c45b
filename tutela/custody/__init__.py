"""Who opens and closes what lies here, and takes it elsewhere: custodians, keys, copies (design §5, R120)."""
