"""For each kind, what stands in for the rest of the framework around one component."""
