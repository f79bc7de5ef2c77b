"""The parent's side of a measured process."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Self

from benchmarks.cases import Case
from benchmarks.contender import RefusedError
from benchmarks.environment import child_environment


class Process:
    """A process that holds one contender and waits, without using the processor, until it is asked."""

    def __init__(self, contender: str, case: Case, folder: Path, *, threads: int) -> None:
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - closed in close()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env=child_environment(threads),
        )
        try:
            self.ask("start", contender=contender, case=case.name, folder=str(folder), threads=threads)
        except BaseException:
            self.close()
            raise

    def ask(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Have the worker run one of its methods, and wait for the answer.

        Raises:
            RefusedError: it cannot, or it failed; the message says why.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps({"do": method, **arguments}) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self._errors.seek(0)
            said = self._errors.read().strip().splitlines()[-1:] or ["it said nothing"]
            raise RefusedError(f"its process ended: {said[0]}")
        answer: dict[str, Any] = json.loads(line)
        for reason in ("refused", "failed"):
            if reason in answer:
                raise RefusedError(answer[reason] if reason == "refused" else f"it failed: {answer[reason]}")
        return answer

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._errors.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
