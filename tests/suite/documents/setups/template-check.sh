# A letter of which a line stands too near to its window.
cp -r "$ROOT/docs/templates/05-variants" lettre
sed -i 's/^#at(20mm, 36mm)/#at(104.4mm, 38mm)/' lettre/lettre.typ
