#!/usr/bin/env python3
"""Looks whether a peer's output is real: as many pages as letters, and one that shows the letter's words and whose symbols
zxing-cpp reads.

  check.py WORK FOLDER COUNT

WORK is a folder with the letters and what does not change in them, as JSON.
"""
import collections, json, pathlib, subprocess, sys

import zxingcpp
from PIL import Image

work, folder, count = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
files = sorted(folder.glob("*.pdf"))
pages = sum(int(subprocess.run(["qpdf", "--show-npages", file], capture_output=True, text=True).stdout) for file in files)
assert pages == count, f"{pages} pages of {count} letters"

picture = folder / "page"
subprocess.run(["pdftoppm", "-gray", "-png", "-r", "300", "-l", "1", "-singlefile", files[0], picture], check=True)
found = {code.format: code.bytes.decode("latin-1") for code in zxingcpp.read_barcodes(Image.open(f"{picture}.png"))}
number, block = found[zxingcpp.BarcodeFormat.Code39], found[zxingcpp.BarcodeFormat.DataMatrix]
letters = json.loads((work / "letters.json").read_text())["letters"]
letter = next(letter for letter in letters if letter["card_number"] == number)
assert letter["twoddoc"] == block, f"{number}: {block}"


def characters(text):
    """All that show, and how often; hyphens may come from broken lines."""
    return collections.Counter(character for character in text if not character.isspace() and character != "-")


shown = subprocess.run(["pdftotext", "-raw", "-l", "1", files[0], "-"], capture_output=True, text=True, check=True).stdout
page = json.loads((work / "stock.json").read_text())[letter["variant"]]
due = [line for paragraph in page["paragraphs"] for line in paragraph["lines"]] + [run["text"] for run in letter["runs"]]
difference = characters(shown), characters("".join(due))
assert difference[0] == difference[1], f"{number}: too many {difference[0] - difference[1]}, missing {difference[1] - difference[0]}"
