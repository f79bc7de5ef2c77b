"""The cases in which built-in components are checked where the defaults do not fit: one module a kind."""
