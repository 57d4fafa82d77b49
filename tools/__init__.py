"""What is run beside the program: setting up, pictures."""
