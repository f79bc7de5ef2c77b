"""What runs the steps of training: jobs, what every engine needs, and the built-in engine."""
