"""Trials: a server under load for a while (`soak`), and one to which everything happens that can (`chaos`)."""
