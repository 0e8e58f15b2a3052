"""Who may see what: scopes, and who has which."""
