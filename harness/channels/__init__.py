"""The doors: one driver a channel, and the one seam that live runs and replays both stand on."""
