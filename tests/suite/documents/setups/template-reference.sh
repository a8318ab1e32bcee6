pli sample --count 20 --seed 7 --out .
cp -r "$ROOT/docs/templates/05-variants" lettre
cp inbox/cards.csv .
