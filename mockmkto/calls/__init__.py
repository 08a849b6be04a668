"""What every wire shares around an operation: who is calling, limits, injected faults, and the record of the call."""
