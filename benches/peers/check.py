#!/usr/bin/env python3
"""Looks whether a peer's output is real: as many pages as letters, and one whose symbols zxing-cpp reads.

  check.py LETTERS.json FOLDER COUNT
"""
import json, pathlib, subprocess, sys

import zxingcpp
from PIL import Image

letters, folder, count = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
files = sorted(folder.glob("*.pdf"))
pages = sum(int(subprocess.run(["qpdf", "--show-npages", file], capture_output=True, text=True).stdout) for file in files)
assert pages == count, f"{pages} pages of {count} letters"

picture = folder / "page"
subprocess.run(["pdftoppm", "-gray", "-png", "-r", "300", "-l", "1", "-singlefile", files[0], picture], check=True)
found = {code.format: code.bytes.decode("latin-1") for code in zxingcpp.read_barcodes(Image.open(f"{picture}.png"))}
number, block = found[zxingcpp.BarcodeFormat.Code39], found[zxingcpp.BarcodeFormat.DataMatrix]
signed = {letter["card_number"]: letter["twoddoc"] for letter in json.load(open(letters))["letters"]}
assert signed[number] == block, f"{number}: {block}"
