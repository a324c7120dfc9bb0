"""Public times, amounts and markets of evidence: what they could give away, and how they are blurred."""
