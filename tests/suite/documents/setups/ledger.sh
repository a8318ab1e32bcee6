pli sample --count 20 --seed 7 --out .
pli keys new press --output safe/recovery.identity
cp safe/recovery.pub keys/
sed -i 's|^# recovery = |recovery = |' job.toml
mkdir backup
