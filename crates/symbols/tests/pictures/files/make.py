"""Writes the files of this folder with Pillow and its libtiff, which share no code with this crate.

python3 make.py, with Pillow 13.
"""
from PIL import Image

WIDTH, HEIGHT = 70, 45


def drawn(mode, pixel):
    picture = Image.new(mode, (WIDTH, HEIGHT))
    picture.putdata([pixel(x, y) for y in range(HEIGHT) for x in range(WIDTH)])
    return picture


black_and_white = drawn("1", lambda x, y: 0 if (x // 5 + y // 4) % 3 == 0 or x * y % 17 == 0 else 255)
grey = drawn("L", lambda x, y: 3 * x + y)
colour = drawn("RGB", lambda x, y: (3 * x, 5 * y, 255 - 2 * x))

PHOTOMETRIC, FILL_ORDER, T4_OPTIONS, ROWS, ORIENTATION, PREDICTOR = 262, 266, 292, 278, 274, 317
for name, picture, compression, tags in [
    ("runs", black_and_white, "tiff_ccitt", {PHOTOMETRIC: 0, ROWS: 10}),
    ("group3", black_and_white, "group3", {ROWS: HEIGHT}),
    ("group3-2d", black_and_white, "group3", {T4_OPTIONS: 1, ROWS: HEIGHT}),
    ("group3-2d-aligned", black_and_white, "group3", {T4_OPTIONS: 5, FILL_ORDER: 2, ROWS: 20}),
    ("group4", black_and_white, "group4", {ORIENTATION: 1, ROWS: HEIGHT}),
    ("group4-strips", black_and_white, "group4", {PHOTOMETRIC: 0, FILL_ORDER: 2, ROWS: 10}),
    ("lzw", grey, "tiff_lzw", {PREDICTOR: 2, ROWS: 10}),
    ("deflate", colour, "tiff_adobe_deflate", {PREDICTOR: 2, ROWS: HEIGHT}),
    ("packbits", black_and_white, "packbits", {PHOTOMETRIC: 0, FILL_ORDER: 2, ROWS: 10}),
    ("jpeg", colour, "jpeg", {ROWS: 16}),
    ("jpeg-grey", grey, "jpeg", {ROWS: 16}),
    ("jpeg-ycbcr", colour.convert("YCbCr"), "jpeg", {ROWS: 16}),
]:
    picture.save(f"{name}.tif", compression=compression, tiffinfo=tags)
black_and_white.save("big.tif", compression="group4", big_tiff=True)
black_and_white.save(
    "pages.tif", compression="group4", save_all=True, append_images=[black_and_white.rotate(180), black_and_white]
)
grey.save("progressive.jpg", progressive=True)
turned = Image.Exif()
turned[ORIENTATION] = 6
colour.save("turned.jpg", exif=turned, quality=95)
