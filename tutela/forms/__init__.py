"""Form definitions: what may be asked, when, of what kind, how private, and which fact it feeds. No Django."""
