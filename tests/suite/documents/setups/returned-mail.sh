pli sample --count 20 --seed 7 --out .
pli run . --date 2026-11-23
rm inbox/cards.csv
pli run . --date 2026-11-24
pli dispatch . L26327A --date 2026-11-23
pli dispatch . M26328A --date 2026-11-24
# What the wand types: a letter, and the mailer of the same card.
card() { cut -d, -f 7 out/2026-11-23/letters/26327A.manifest.csv | sed -n "$1p"; }
{ echo 26327A000002; pli status . --card "$(card 3)" | sed -n 's/^26328A.\([0-9]*\) .*/M26328A\1/p'; } > wand.txt
test "$(wc -l < wand.txt)" = 2
# A letter, and an envelope whose bars nothing can read: what the clerk decides of it in the report.
mkdir -p scans/2026-11-28 Downloads
pli render --job . --piece L26327A000004 --output scans/2026-11-28/0001.png
python3 - <<'END'
import struct, zlib
def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
rows = b"".join(b"\0" + b"\xff" * 600 for _ in range(800))
head = struct.pack(">IIBBBBB", 600, 800, 8, 0, 0, 0, 0)
blank = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
open("scans/2026-11-28/0002.png", "wb").write(blank)
END
digest=$(sha256sum < scans/2026-11-28/0002.png | cut -c 1-64)
printf '[{ "path": "scans/2026-11-28/0002.png", "page": 1, "sha256": "%s", "card_number": "%s", "by": "C. Durand" }]\n' \
  "$digest" "$(card 6)" > Downloads/decisions.json
