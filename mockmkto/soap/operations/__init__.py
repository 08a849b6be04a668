"""The operations, a module a family: its models, its declarations, and its mapping between the wire and the engine."""
