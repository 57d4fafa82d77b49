"""What is inside a message: its parts, and how they are made fit to be shown. Pure.

Everything here is hostile, bounded, and comes out as harmless values.
"""
