"""A model file taken apart and put together again, rightly or wrongly."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Self, final


@final
@dataclass
class Anatomy:
    """The header without its metadata, the metadata, and the bytes after the header."""

    header: dict[str, Any]
    envelope: Any
    data: bytes

    @classmethod
    def of(cls, file: bytes) -> Self:
        """Take a file apart."""
        length = int.from_bytes(file[:8], "little")
        header = json.loads(file[8 : 8 + length])
        return cls(header, json.loads(header.pop("__metadata__")["layerkit"]), file[8 + length :])

    def sign(self) -> None:
        """Make the digests those of the content, as a forger would."""
        content = self.envelope["content"]
        for name, entry in content["tensors"].items():
            if name in self.header and isinstance(entry, dict):
                start, stop = self.header[name]["data_offsets"]
                entry["sha256"] = hashlib.sha256(self.data[start:stop]).hexdigest()
        self.envelope["sha256"] = hashlib.sha256(canonical(content)).hexdigest()

    def assemble(self) -> bytes:
        """The file."""
        return assembled({"__metadata__": {"layerkit": canonical(self.envelope).decode()}, **self.header}, self.data)


def canonical(value: Any) -> bytes:
    """JSON as layerkit writes it; also of what it never writes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def assembled(header: dict[str, Any] | bytes, data: bytes) -> bytes:
    """A safetensors file of a header, as a table or as text, and the bytes after it."""
    text = header if isinstance(header, bytes) else canonical(header)
    return len(text).to_bytes(8, "little") + text + data
