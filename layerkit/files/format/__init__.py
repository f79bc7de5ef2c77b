"""The byte format: canonical JSON, the header, the arrays, and the document that they make."""
