"""Talk IMAP: one guarded session, what the server can do, metadata as values."""
