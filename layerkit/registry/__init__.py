"""Which components there are, under which names: the kinds, the plugins, and the host that finds them."""
