"""What a checkpoint notes of the conditions does not depend on what else a process has loaded."""

from __future__ import annotations

import pytest

from layerkit.files import environment as module
from layerkit.files.environment import environment
from layerkit.steps.threads import blas_libraries


def test_other_blas_libraries_are_nobodys_business(monkeypatch: pytest.MonkeyPatch) -> None:
    before = environment()["blas"]
    assert before
    other = {**blas_libraries()[0], "filepath": "/elsewhere/scipy.libs/libblas.so", "version": "0.0"}
    for libraries in ([other, *blas_libraries()], [*blas_libraries(), other]):
        monkeypatch.setattr(module, "blas_libraries", lambda libraries=libraries: libraries)
        assert environment()["blas"] == before
