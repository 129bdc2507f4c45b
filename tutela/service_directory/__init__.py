"""Who can help near a child, how fresh that is, and which services are missing (R38, R39, R46, R123)."""
