"""Makes the files of this folder: what NumPy and Python's zipfile write, byte for byte.

    python make_golden_files.py

Needs NumPy 2, and Pillow for the pictures; the content is fixed, so running it again changes nothing. Times and names of archive
members are set by hand, since zipfile would write the present time.
"""

import io
import struct
import zipfile
import zlib
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


def filtered(pixels: np.ndarray) -> bytes:
    """A PNG file in colours whose rows take the five filters in turn, by the specification; its data are in two chunks."""
    height, width, step = pixels.shape
    rows = pixels.reshape(height, width * step).astype(int)
    data = b""
    for line in range(height):
        own = rows[line]
        above = rows[line - 1] if line else 0 * own
        left = np.r_[[0] * step, own[:-step]]
        corner = np.r_[[0] * step, above[:-step]]
        estimate = left + above - corner
        distances = [abs(estimate - n) for n in (left, above, corner)]
        nearest = np.where(
            (distances[0] <= distances[1]) & (distances[0] <= distances[2]), left,
            np.where(distances[1] <= distances[2], above, corner))
        guess = [0, left, above, (left + above) // 2, nearest][line % 5]
        data += bytes([line % 5]) + ((own - guess) % 256).astype(np.uint8).tobytes()

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    packed = zlib.compress(data)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"tEXt", b"made by hand")
        + chunk(b"IDAT", packed[:99]) + chunk(b"IDAT", packed[99:]) + chunk(b"IEND", b""))


def pictures() -> None:
    """Pillow's PNG files of one picture in each kind, a smooth part and noise so that all filters are used, and what Pillow says its
    pixels are."""
    from PIL import Image

    rows, columns = np.mgrid[0:24, 0:20]
    noise = np.random.default_rng(3).integers(0, 256, (24, 20, 4))
    smooth = np.stack([9 * rows, 11 * columns, 5 * (rows + columns), 255 - 7 * rows], -1)
    pixels = np.where((rows < 12)[..., None], smooth, noise).astype(np.uint8)
    colours = Image.fromarray(np.ascontiguousarray(pixels[..., :3]))
    kinds = {
        "grey": Image.fromarray(pixels[..., 0].copy()),
        "grey-alpha": Image.fromarray(np.ascontiguousarray(pixels[..., [0, 3]]), "LA"),
        "colour": colours,
        "colour-alpha": Image.fromarray(pixels),
        "palette": colours.quantize(200),
    }
    for name, picture in kinds.items():
        picture.save(FOLDER / f"{name}.png")
        plain = picture.convert("L" if name.startswith("grey") else "RGB")
        np.save(FOLDER / f"{name}-pixels.npy", np.asarray(plain))
    # A smooth picture: what JPEG keeps of noise says nothing.
    soft = np.stack([9 * rows, 11 * columns, 5 * (rows + columns)], -1).astype(np.uint8)
    for name, picture in {"grey": Image.fromarray(soft[..., 0].copy()), "colour": Image.fromarray(soft)}.items():
        picture.save(FOLDER / f"{name}.jpg", quality=90)
        np.save(FOLDER / f"{name}-jpg-pixels.npy", np.asarray(Image.open(FOLDER / f"{name}.jpg")))
    (FOLDER / "filters.png").write_bytes(filtered(pixels[..., :3]))
    Image.fromarray((257 * pixels[..., 0].astype(np.uint16))).save(FOLDER / "sixteen-bits.png")
    kinds["grey"].convert("1").save(FOLDER / "one-bit.png")


npy_files()
unusable_npy_files()
pictures()
npz_files()
zip_files()
safetensors_files()
