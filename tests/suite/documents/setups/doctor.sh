pli keys new press --output press.identity
pli init cards --name 'Agence de Lyon' --return-address 'BP 12; 69002 LYON' --office-address '4 RUE MERCIERE; 69002 LYON' \
  --phone '04 72 00 00 00' --phone-overseas '00 33 4 72 00 00 00' --website agence.example --press-key press.pub --paper-opacity 94 \
  --tracking-prefix 3C
