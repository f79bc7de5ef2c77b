"""``python -m layerkit`` is ``layerkit``."""

from __future__ import annotations

from layerkit.cli.main import main

if __name__ == "__main__":
    main()
