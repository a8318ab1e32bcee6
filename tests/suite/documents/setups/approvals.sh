pli sample --count 20 --seed 7 --out .
pli run . --date 2026-11-23
rm inbox/cards.csv
pli run . --date 2026-11-24
# Approvers are asked from now on.
for name in bruno martin petit roux; do pli keys new signing --output $name.pem; cp $name.pub keys/; done
printf '\n[approvals]\nkeys = ["keys/martin.pub", "keys/petit.pub", "keys/roux.pub"]\n' >> job.toml
