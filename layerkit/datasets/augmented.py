"""A set of images that are changed at random each time that they are learned from."""

from __future__ import annotations

from typing import final

from layerkit.data.augmentation import Augmentation, Flip
from layerkit.data.examples import Examples
from layerkit.datasets.changed_training import ChangedTraining
from layerkit.interfaces.dataset import Dataset


@final
class Augmented(ChangedTraining):
    """Another set, whose training images a fit changes at random: ``Augmentation`` says how, and what each number
    means.

    What is drawn depends on the run's seed, the epoch and the batch alone, so a run that is resumed sees the same
    images. Test images, and what is measured on the training data, stay as they are.

    Args:
        dataset: whose training part, arrays of images, is changed.
        shift: by up to so many pixels, to every side; need not be whole.
        rotate: by up to so many degrees, to both sides.
        scale: by a factor from 1 − scale to 1 + scale; below 1.
        shear: by up to so many degrees, below 90.
        elastic: α of an elastic distortion, 0 for none.
        sigma: how many pixels wide the Gaussian is that smooths it.
        flip: mirrors every other image: ``"horizontal"``, ``"vertical"`` or ``"both"``.
        cut_out: the side of a square that is filled, in whole pixels.
        noise: the deviation of normal noise on each number, in the images' own units.
        fill: what lies outside of an image, and in the cut-out.

    Raises:
        ArgumentError: an argument is out of range.
        DataError: the training part does not come in arrays of images; told by ``load``.

    >>> from layerkit import Augmented, Digits
    >>> train = Augmented(Digits(), shift=1, rotate=10).load("train")
    >>> train.x.shape, train.augmentation.rotate
    ((1438, 8, 8), 10)
    """

    def __init__(
        self,
        dataset: Dataset,
        *,
        shift: float = 0.0,
        rotate: float = 0.0,
        scale: float = 0.0,
        shear: float = 0.0,
        elastic: float = 0.0,
        sigma: float = 4.0,
        flip: Flip | None = None,
        cut_out: int = 0,
        noise: float = 0.0,
        fill: float = 0.0,
    ) -> None:
        super().__init__(dataset)
        self.shift = shift
        self.rotate = rotate
        self.scale = scale
        self.shear = shear
        self.elastic = elastic
        self.sigma = sigma
        self.flip = flip
        self.cut_out = cut_out
        self.noise = noise
        self.fill = fill
        self._augmentation = Augmentation(
            shift=shift,
            rotate=rotate,
            scale=scale,
            shear=shear,
            elastic=elastic,
            sigma=sigma,
            flip=flip,
            cut_out=cut_out,
            noise=noise,
            fill=fill,
        )

    def changed(self, train: Examples) -> Examples:
        return train.replace(augmentation=self._augmentation)
