#!/usr/bin/env python3
"""What zxing-cpp and libdmtx read on pictures: a judge that shares no code with us.

  pip install zxing-cpp pillow
  judges.py zxing | zxing-easy | libdmtx     paths of pictures on standard input, a line of JSON for each on standard output
  judges.py draw                             lines of `format<TAB>text` on standard input, a line of JSON with the symbol's
                                             pixels for each on standard output

`zxing` looks for Code 39 and Data Matrix with every option that makes it try harder, `zxing-easy` with none. A line has the
texts of each format, and the milliseconds of processor time with the decoding of the file.
"""
import base64, json, resource, subprocess, sys, time

import zxingcpp
from PIL import Image

FORMATS = [zxingcpp.BarcodeFormat.Code39, zxingcpp.BarcodeFormat.DataMatrix]
# Without a limit libdmtx takes tens of seconds on a picture that it can't read. In milliseconds.
DMTX_LIMIT = 2000
Image.MAX_IMAGE_PIXELS = None


def zxing(path, hard):
    options = dict(try_rotate=hard, try_downscale=hard, try_invert=hard)
    start = time.process_time()
    with Image.open(path) as picture:
        symbols = zxingcpp.read_barcodes(picture.convert("L"), formats=FORMATS, **options)
    texts = lambda wanted: [s.bytes.decode("latin-1") for s in symbols if s.format in wanted]
    bars = texts([f for f in vars(zxingcpp.BarcodeFormat).values()
                  if isinstance(f, zxingcpp.BarcodeFormat) and f.name.startswith("Code39")])
    return bars, texts([zxingcpp.BarcodeFormat.DataMatrix]), 1000 * (time.process_time() - start)


def libdmtx(path):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run(["dmtxread", "-N", "1", "-m", str(DMTX_LIMIT), path], capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    text = run.stdout.decode("latin-1")
    return [], [text] if text else [], 1000 * spent


def draw(line):
    name, text = line.split("\t")
    picture = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, name)).to_image(scale=1)
    pixels = memoryview(picture)
    height, width = pixels.shape[:2]
    return {"width": width, "height": height, "pixels": base64.b64encode(pixels.tobytes()).decode()}


def main():
    task = sys.argv[1]
    for line in sys.stdin:
        line = line.rstrip("\n")
        if task == "draw":
            answer = draw(line)
        else:
            bars, blocks, spent = libdmtx(line) if task == "libdmtx" else zxing(line, task == "zxing")
            answer = {"code39": bars, "datamatrix": blocks, "milliseconds": spent}
        print(json.dumps(answer), flush=True)


main()
