rm -rf /dev/shm/pli-press
pli sample --count 20 --seed 7 --out job
pli run job --date 2026-11-23
rm job/inbox/cards.csv
pli run job --date 2026-11-24
cp job/keys/press.identity .
cp -r job/out/2026-11-24/mailers lots
# A queue that prints nothing.
mkdir bin
printf '#!/bin/sh\ncat > /dev/null\n' > bin/lp
chmod +x bin/lp
