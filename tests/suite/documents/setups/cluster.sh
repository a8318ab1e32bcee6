pli sample --count 20 --seed 7 --out .
sed -i 's/^pieces_per_file = 2000/pieces_per_file = 4/' job.toml
