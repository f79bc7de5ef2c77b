"""The contracts: what each kind of component implements."""
