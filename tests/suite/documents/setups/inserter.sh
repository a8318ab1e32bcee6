pli sample --count 20 --seed 7 --out job
cp -r "$ROOT/docs/templates/02-minimum" template
