# Records with references of the issuer.
references() {
  awk -F, -v OFS=, 'NR == 1 { print $0, "client_ref"; next } { print $0, "DEM-" 4709 + NR }' inbox/cards.csv > with
  mv with inbox/cards.csv
}
pli sample --count 20 --seed 7 --out .
references
# A fault in the fourth.
awk -F, -v OFS=, 'NR == 5 { $9 = "1" } { print }' inbox/cards.csv > with
mv with inbox/cards.csv
sed -i 's/^max_reject_percent = .*/max_reject_percent = 20.0/' job.toml
pli run . --date 2026-11-23 || test $? = 1
pli reprint . L26327A000002 --reason "jam at the feeder" --date 2026-11-24 || test $? = 1
pli keys export keys/signing.pem > signing.pub
cp feedback/receipts/* .
# The same of a job whose key is another.
pli sample --count 20 --seed 7 --out other
cd other
references
rm keys/signing.*
pli keys new signing --profile ecdsa-p256 --output keys/signing.pem
sed -i 's/^profile = .*/profile = "ecdsa-p256"/' job.toml
pli run . --date 2026-11-23
pli keys export keys/signing.pem > signing.pub
cp feedback/receipts/* .
