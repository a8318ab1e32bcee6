pli sample --count 20 --seed 7 --out job
pli keys new press --output recovery.identity
cp recovery.pub job/keys/
sed -i 's|^# recovery = |recovery = |' job/job.toml
cp job/inbox/cards.csv .
mkdir backup
