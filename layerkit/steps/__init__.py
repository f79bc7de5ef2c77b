"""A step in pieces: data taken in, batches, differentiation, update, and the guard around them."""
