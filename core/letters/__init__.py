"""Letters: from Markdown and variables to a message for the wire. Pure."""
