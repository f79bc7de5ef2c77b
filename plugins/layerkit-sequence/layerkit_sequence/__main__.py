"""Lets a saved model write: ``python -m layerkit_sequence FILE [BEGINNING …]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from layerkit import load
from layerkit.errors import LayerkitError
from layerkit_sequence.writing import write


def main(arguments: Sequence[str] | None = None) -> int:
    """Let a saved model write texts, each a line."""
    parser = argparse.ArgumentParser(prog="python -m layerkit_sequence", description=main.__doc__)
    parser.add_argument("file", help="a model, such as `layerkit run sequence/stories --save FILE` writes")
    parser.add_argument("beginnings", nargs="*", metavar="BEGINNING", help="of a text; none: all is left to the model")
    parser.add_argument(
        "--temperature", type=float, default=0.0, help="0: the most probable; 1: drawn, as it is scored"
    )
    parser.add_argument("--count", type=int, default=1, help="how many texts of each beginning")
    parser.add_argument("--seed", type=int, default=0, help="of what is drawn")
    options = parser.parse_args(arguments)
    beginnings = [text for text in options.beginnings or [""] for _ in range(options.count)]
    try:
        texts = write(load(options.file), beginnings, temperature=options.temperature, seed=options.seed)
    except (LayerkitError, OSError) as error:
        sys.stderr.write(f"{parser.prog}: {error}\n")
        return 1
    sys.stdout.write("".join(f"{text}\n" for text in texts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
