pli sample --count 20 --seed 7 --out .
pli run . --date 2026-11-23
# A letter, and the text of its block.
mkdir trust
pli keys export keys/signing.pem --id FR00/0001 > trust/FR00-0001.pem
pli render --job . --piece L26327A000002 --output letter.png
cut -d, -f 9 out/2026-11-23/letters/26327A.manifest.csv | sed -n 3p > code
cp code codes
