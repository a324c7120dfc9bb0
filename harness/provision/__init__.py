"""What `given` asks for on an exchange that nobody controls: a market that fits, and money."""
