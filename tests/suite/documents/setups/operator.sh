pli sample --count 20 --seed 7 --out job
