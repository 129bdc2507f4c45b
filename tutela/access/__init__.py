"""Who may do what: agencies, teams, users, memberships, assignments, and the one table that decides (design §5)."""
