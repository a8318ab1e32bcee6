pli sample --count 20 --seed 7 --out .
cp keys/codes.pub .
echo card_number,pin,puk,assistance_code > codes.csv
