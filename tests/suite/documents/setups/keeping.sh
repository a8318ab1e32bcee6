pli sample --count 300 --seed 7 --out .
# Requests of June.
sed -i 's/,2026-11-/,2026-06-/' inbox/cards.csv
pli run . --date 2026-06-22 --archive archive || test $? = 1
pli run . --date 2026-06-23 || test $? = 1
# Requests of these days, all of which have left: one of them of the person of whom the page speaks.
pli sample --count 20 --seed 8 --out more
sed "s/,2026-11-[0-9]*T/,$(date -d '12 days ago' +%F)T/" more/inbox/cards.csv > inbox/cards.csv
cp more/inbox/codes.csv.age inbox/codes-more.csv.age
cat more/keys/codes.identity >> keys/codes.identity
rm -r more
for days in 9 8 7 6 5 4; do pli run . --date "$(date -d "$days days ago" +%F)" --archive archive || test $? = 1; done
for manifest in out/*/*/*.manifest.csv; do
  lot=$(basename "$manifest" .manifest.csv)
  case $manifest in
    out/2026-06-*) ;;
    */letters/*) pli dispatch . "L$lot" ;;
    *) pli dispatch . "M$lot" ;;
  esac
done
