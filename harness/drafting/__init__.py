"""From clues to a draft: who acted, what was done, what went wrong first, and a case that says so."""
