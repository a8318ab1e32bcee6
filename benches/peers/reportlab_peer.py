#!/usr/bin/env python3
"""ReportLab, as its guide has it and at its best.

  reportlab_peer.py PARTS FOLDER guide|best COUNT

PARTS is a folder with letters in files of JSON and what does not change in `stock.pdf`; each of the first COUNT files becomes
a PDF in FOLDER.
Prints {"letters", "seconds", "bytes", "peak"}, the peak in kilobytes and of all processes together.
"""
import functools, json, multiprocessing, os, pathlib, sys, time
from pdfrw import PdfReader
from pdfrw.toreportlab import makerl
from PIL import Image, ImageOps
from reportlab.graphics.barcode.code39 import Standard39
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = 595.32, 841.92


def image(symbol):
    size = symbol["columns"], symbol["rows"]
    return ImageOps.invert(Image.frombytes("1", size, bytes.fromhex(symbol["bits"])).convert("L"))


def as_image(canvas, symbol):
    y = HEIGHT - symbol["y"] - symbol["height"]
    canvas.drawInlineImage(image(symbol), symbol["x"], y, symbol["width"], symbol["height"])


def as_rectangles(canvas, symbol):
    """One path, a rectangle for each dark run."""
    width, height = symbol["width"] / symbol["columns"], symbol["height"] / symbol["rows"]
    row_bytes = (symbol["columns"] + 7) // 8
    bits = bytes.fromhex(symbol["bits"])
    path = canvas.beginPath()
    for row in range(symbol["rows"]):
        digits = f"{int.from_bytes(bits[row * row_bytes:(row + 1) * row_bytes], 'big'):0{8 * row_bytes}b}0"
        y, end = HEIGHT - symbol["y"] - (row + 1) * height, 0
        while (start := digits.find("1", end)) >= 0:
            end = digits.find("0", start)
            path.rect(symbol["x"] + start * width, y, (end - start) * width, height)
    canvas.drawPath(path, stroke=0, fill=1)


def texts(canvas, runs):
    text = canvas.beginText()
    for run in runs:
        text.setFont(run["font"], run["size"])
        text.setTextOrigin(run["x"], HEIGHT - run["y"])
        text.textOut(run["text"])
    canvas.drawText(text)


def page(canvas, letter, best):
    texts(canvas, letter["runs"])
    bars, modules = letter["code39"], letter["datamatrix"]
    if best:
        as_image(canvas, bars)
        as_image(canvas, modules)
    else:
        # Two columns of the bars' image are a narrow element, and ten of these a quiet zone.
        narrow = 2 * bars["width"] / bars["columns"]
        symbol = Standard39(letter["card_number"], barWidth=narrow, ratio=2.5, barHeight=bars["height"], quiet=0, checksum=0)
        symbol.drawOn(canvas, bars["x"] + 10 * narrow, HEIGHT - bars["y"] - bars["height"])
        as_rectangles(canvas, modules)
    canvas.showPage()


@functools.cache
def forms(stock):
    """The form that each page of the stock consists of; read, with the fonts, once in each process."""
    for path in sorted(pathlib.Path("fonts").glob("*.ttf")):
        pdfmetrics.registerFont(TTFont(path.stem, path))
    return [form.inheritable.Resources.XObject[f"/S{number}"] for number, form in enumerate(PdfReader(stock).pages)]


def peak():
    """The most memory that this process has held, in kilobytes."""
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


def document(part, folder, best):
    canvas = Canvas(str(folder / f"{part.stem}.pdf"), pagesize=(WIDTH, HEIGHT), pageCompression=1)
    stock = forms(part.parent / "stock.pdf")
    letters = json.loads(part.read_text())
    for letter in letters:
        canvas.doForm(makerl(canvas, stock[letter["variant"]]))
        page(canvas, letter, best)
    canvas.save()
    return len(letters), (folder / f"{part.stem}.pdf").stat().st_size, os.getpid(), peak()


def main(parts, folder, way, count):
    parts, folder, best = pathlib.Path(parts), pathlib.Path(folder), way == "best"
    began = time.perf_counter()
    work = functools.partial(document, folder=folder, best=best)
    files = sorted(parts.glob("part-*.json"))[:int(count)]
    if best:
        with multiprocessing.Pool() as pool:
            done = pool.map(work, files, chunksize=1)
    else:
        done = list(map(work, files))
    seconds = time.perf_counter() - began
    peaks = {os.getpid(): peak()}
    for _, _, process, held in done:
        peaks[process] = max(held, peaks.get(process, 0))
    print(json.dumps({"letters": sum(d[0] for d in done), "seconds": seconds, "bytes": sum(d[1] for d in done),
                      "peak": sum(peaks.values())}))


if __name__ == "__main__":
    main(*sys.argv[1:])
