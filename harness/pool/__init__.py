"""The accounts of a target: which there are, who has one now, and in what state it is handed on."""
