"""Makes the files of this folder: what NumPy and Python's zipfile write, byte for byte.

    python make_golden_files.py

Needs NumPy 2; the content is fixed, so running it again changes nothing. Times and names of archive
members are set by hand, since zipfile would write the present time.
"""

import io
import struct
import zipfile
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent
TYPES = ["?", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"]
DATE = (1980, 1, 1, 0, 0, 0)


def values(kind: str) -> np.ndarray:
    """Six values of a type, its extremes among them, as 2 rows of 3."""
    dtype = np.dtype(kind)
    if dtype.kind == "b":
        list_ = [False, True, True, False, False, True]
    elif dtype.kind in "ui":
        limits = np.iinfo(dtype)
        list_ = [0, 1, 2, limits.max, limits.min, limits.max // 3]
    else:
        limits = np.finfo(dtype)
        list_ = [0.1, -0.0, limits.max, limits.smallest_subnormal, -np.inf, np.nan]
    return np.array(list_, dtype).reshape(2, 3)


def npy_files() -> None:
    for kind in TYPES:
        for order in "<>":
            array = values(kind).astype(np.dtype(kind).newbyteorder(order))
            name = np.dtype(kind).name + ("-big" if order == ">" else "")
            if order == "<" or np.dtype(kind).itemsize > 1:
                np.save(FOLDER / f"{name}.npy", array)
    cube = np.arange(24, dtype="<i2").reshape(2, 3, 4)
    np.save(FOLDER / "fortran.npy", np.asfortranarray(cube))
    np.save(FOLDER / "rank0.npy", np.float64(-2.5))
    np.save(FOLDER / "empty.npy", np.zeros((0, 3), "<f4"))
    for version in [(1, 0), (2, 0), (3, 0)]:
        with open(FOLDER / f"version{version[0]}.npy", "wb") as file:
            np.lib.format.write_array(file, np.arange(5, dtype="<f8"), version=version)


def unusable_npy_files() -> None:
    np.save(FOLDER / "unusable-object.npy", np.array([1, "a"], dtype=object), allow_pickle=True)
    np.save(FOLDER / "unusable-string.npy", np.array(["cat", "dog"]))
    np.save(FOLDER / "unusable-bytes.npy", np.array([b"cat", b"dog"]))
    np.save(FOLDER / "unusable-complex.npy", np.array([1j, 2]))
    np.save(FOLDER / "unusable-structured.npy", np.zeros(2, [("x", "<f8"), ("y", "<i4")]))
    np.save(FOLDER / "unusable-longdouble.npy", np.zeros(2, np.longdouble))
    np.save(FOLDER / "unusable-date.npy", np.array(["2020-01-01"], "M8[D]"))


def npz_files() -> None:
    arrays = {
        "W1": np.arange(6, dtype="<f8").reshape(2, 3) / 7,
        "b1": np.array([[0.5], [-0.25]], "<f4"),
        "Y": np.array([1, 0, 1], "<i8"),
    }
    np.savez(FOLDER / "stored.npz", **arrays)
    np.savez_compressed(FOLDER / "deflated.npz", **arrays)
    np.savez(FOLDER / "with-object.npz", X=np.eye(2), names=np.array(["a", None], dtype=object))


class Pipe(io.RawIOBase):
    """A file that cannot seek: zipfile then writes sizes behind each member's content."""

    def __init__(self) -> None:
        self.content = b""

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:
        self.content += bytes(data)
        return len(data)


def zip_files() -> None:
    members = [("a.txt", b"plumb" * 40), ("empty", b""), ("folder/ünïcode-名.txt", b"\x00\xff" * 30)]

    def write(target: object, method: int, zip64: bool = False) -> None:
        with zipfile.ZipFile(target, "w") as archive:
            for name, content in members:
                info = zipfile.ZipInfo(name, DATE)
                info.compress_type = method
                with archive.open(info, "w", force_zip64=zip64) as member:
                    member.write(content)
            archive.comment = b"a comment with PK\x05\x06 in it"

    write(FOLDER / "stored.zip", zipfile.ZIP_STORED)
    write(FOLDER / "deflated.zip", zipfile.ZIP_DEFLATED)
    write(FOLDER / "zip64.zip", zipfile.ZIP_DEFLATED, zip64=True)
    write(FOLDER / "bzip2.zip", zipfile.ZIP_BZIP2)
    for name, method in [("stored", zipfile.ZIP_STORED), ("deflated", zipfile.ZIP_DEFLATED)]:
        pipe = Pipe()
        write(pipe, method)
        (FOLDER / f"streamed-{name}.zip").write_bytes(pipe.content)


def safetensors_files() -> None:
    """By the format's description: 8 bytes of header size, JSON, data."""
    header = (
        '{"__metadata__":{"format":"pt","note":"caf\\u00e9 \\ud83d\\ude00"},'
        '"0.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[8,32]},'
        '"0.bias":{"dtype":"F64","shape":[],"data_offsets":[0,8]},'
        '"half":{"dtype":"F16","shape":[2],"data_offsets":[32,36]},'
        '"brain":{"dtype":"BF16","shape":[2],"data_offsets":[36,40]},'
        '"labels":{"dtype":"I64","shape":[1],"data_offsets":[40,48]},'
        '"mask":{"dtype":"BOOL","shape":[2],"data_offsets":[48,50]},'
        '"nothing":{"dtype":"U8","shape":[0,4],"data_offsets":[50,50]}}'
    ).encode()
    header += b" " * (-len(header) % 8)
    data = struct.pack("<d", 0.1) + np.arange(6, dtype="<f4").tobytes()
    data += np.array([0.5, -65504], "<f2").tobytes()
    data += struct.pack("<HH", 0x3F80, 0xC049) + struct.pack("<q", -(2**40)) + b"\x01\x00"
    (FOLDER / "mixed.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + data)


npy_files()
unusable_npy_files()
npz_files()
zip_files()
safetensors_files()
