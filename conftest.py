"""The project's own steps and checks would be registered here; it has none yet."""
