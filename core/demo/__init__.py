"""A mailbox to try Malote with: made-up mail behind real servers on loopback."""
