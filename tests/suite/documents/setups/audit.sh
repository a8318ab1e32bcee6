pli sample --count 20 --seed 7 --out .
pli run . --date 2026-11-23
cp "$ROOT/docs/audit-check.py" .
