"""The command line. Modules import nothing but typer at their top, so that `layerkit --help` stays fast."""
