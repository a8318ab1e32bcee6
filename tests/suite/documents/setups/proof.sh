pli sample --count 20 --seed 7 --out .
pli run . --date 2026-11-23
rm inbox/cards.csv
pli run . --date 2026-11-24
mkdir trust mailers
cp keys/signing.pub trust/
cp out/2026-11-24/mailers/* mailers/
cp keys/press.identity .
cp kept/proof-salts/2026-11-23/letters/26327A.proof-salts out/2026-11-23/letters/*.proof-pieces.csv .
