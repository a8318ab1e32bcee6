#!/usr/bin/env python3
"""Reads pictures of Data Matrix symbols with zxing-cpp (`pip install zxing-cpp`).

  tests/symbols.py FOLDER

Prints, for every *.pgm of the folder, its name and the content of its only symbol in hexadecimal, `-` where there is
none or more than one. Exit code 77 where zxing-cpp is not installed.
"""
import pathlib, sys

try:
    import zxingcpp
except ImportError:
    sys.exit(77)


def picture(path):
    magic, size, _, dots = path.read_bytes().split(b"\n", 3)
    assert magic == b"P5"
    width, height = map(int, size.split())
    return memoryview(dots).cast("B", (height, width))


for path in sorted(pathlib.Path(sys.argv[1]).glob("*.pgm")):
    found = zxingcpp.read_barcodes(picture(path), zxingcpp.BarcodeFormat.DataMatrix)
    print(path.name, found[0].bytes.hex() if len(found) == 1 else "-")
