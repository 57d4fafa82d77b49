"""Sign in at Google and Microsoft: OAuth 2 with PKCE, and the tokens of it."""
