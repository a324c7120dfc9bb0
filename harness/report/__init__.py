"""What people read: the terminal's texts and the verdicts file."""
