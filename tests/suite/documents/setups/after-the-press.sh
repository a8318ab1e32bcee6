# Forty letters, and what machine and people report of them.
pli sample --count 42 --seed 3 --out .
pli run . --date 2026-11-23 --only letters
rm inbox/cards.csv
cut -d, -f7 out/2026-11-23/letters/26327A.manifest.csv | tail -n +2 > cards
test "$(wc -l < cards)" = 40
# A row for each read: second past eight, what was read in the window, what on the card.
read_at() { printf '2026-11-24T08:%02d:%02d' $(($1 / 60)) $(($1 % 60)); }
card() { sed -n "$1p" cards; }
row() { position=$((position + 1)); echo "$(read_at "$1"),$2,$position,$3"; }
{
  echo read_at,value,position,card_value
  position=0
  for piece in $(seq 40); do
    card=$(card "$piece")
    case $piece in
      4 | 12 | 20) continue ;;                                    # not seen
      30) row "$piece" "$card" "$(card 31)" ;;                    # another's card
      *) row "$piece" "$card" "$card" ;;
    esac
    if [ "$piece" = 17 ]; then row 18 "$card" "$card"; fi          # seen twice
    if [ "$piece" = 9 ]; then                                      # a digit misread beside
      case $card in *1) row 9 "${card%?}2" "" ;; *) row 9 "${card%?}1" "" ;; esac
    fi
  done
} > camera.csv
{
  echo read_at,value,position,card_value
  position=0
  for piece in 4 20 30; do row $((200 + piece)) "$(card "$piece")" "$(card "$piece")"; done
} > again.csv
printf 'BY HAND\n26327A000012\nSPOILED\n26327A000004\n26327A000020\n' > scans.txt
echo 26327A000030 > spoiled.txt
