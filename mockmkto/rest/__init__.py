"""The API over REST: its routes, its envelopes, and what each of its operations takes and gives."""
