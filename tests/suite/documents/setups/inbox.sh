pli sample --count 20 --seed 7 --out job
openssl genpkey -algorithm ed25519 -out issuer.pem
openssl pkey -in issuer.pem -pubout -out job/keys/issuer.pub
cp job/inbox/cards.csv .
# A job whose codes are piped, and the program that makes them: here it has none for tonight.
pli sample --count 20 --seed 7 --out .
rm inbox/codes.csv.age
sed -i 's/^codes = .*/codes = []\ncodes_piped = true/' job.toml
mkdir bin
printf '#!/bin/sh\necho card_number,pin,puk,assistance_code\n' > bin/make-codes
chmod +x bin/make-codes
