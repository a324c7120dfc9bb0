"""A ticket's files, whatever their form, as clues: what happened, where, and when by whose clock."""
