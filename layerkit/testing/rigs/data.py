"""Reading a dataset that may not be there."""

from __future__ import annotations

from layerkit.errors import DatasetError
from layerkit.interfaces.dataset import Dataset, RandomAccess, Stream
from layerkit.testing.case import Case
from layerkit.testing.outcome import NotApplicable


def load(dataset: Dataset, split: str, case: Case) -> RandomAccess | Stream:
    """A split.

    Raises:
        NotApplicable: the data is not here, as the author said it may be.
    """
    try:
        return dataset.load(split)
    except DatasetError as error:
        if case.needs_data:
            raise NotApplicable(f"the data is not here: {str(error).splitlines()[0]}") from None
        raise
