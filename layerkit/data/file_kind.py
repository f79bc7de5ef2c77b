"""What a file seems to be, from its first bytes: for errors about files that are of another kind than expected."""

from __future__ import annotations

_BEGINNINGS = (
    (
        b"\x93NUMPY",
        "a single array (.npy): put inputs and targets into one .npz file, numpy.savez(…, x=…, y=…)",
    ),
    (b"PK", "a zip archive, such as .npz or .xlsx: arrays are given as .npz, a worksheet is exported as .csv"),
    (b"\x1f\x8b", "gzipped: a table so packed is named .csv.gz"),
    (b"BZh", "packed by bzip2: unpack it first"),
    (b"\xfd7zXZ", "packed by xz: unpack it first"),
    (b"\x28\xb5\x2f\xfd", "packed by zstd: unpack it first"),
    (b"\x89HDF", "an HDF5 file: save its arrays by numpy.savez"),
    (b"PAR1", "a Parquet file: write it as .csv"),
    (b"\x89PNG", "a PNG image: put images into one array, saved by numpy.savez"),
    (b"\xff\xd8\xff", "a JPEG image: put images into one array, saved by numpy.savez"),
    (b"\x80", "a pickle, which is never loaded, for it may run code: save its arrays by numpy.savez"),
    (b"\xff\xfe", "UTF-16 text: say encoding='utf-16'"),
    (b"\xfe\xff", "UTF-16 text: say encoding='utf-16'"),
    (b"\0\0", "an IDX file: give images and labels together"),
)


def seems_to_be(beginning: bytes) -> str:
    """What a file that begins so seems to be, and how to give it: ``"; it seems to be …"``, or nothing."""
    for start, kind in _BEGINNINGS:
        if beginning.startswith(start):
            return f"; it seems to be {kind}"
    if beginning and all(sign >= 0x20 or sign in b"\t\r\n" for sign in beginning):
        return "; it seems to be text: a table is given as .csv, and read as UTF-8 unless told (encoding='cp1252', say)"
    return ""
