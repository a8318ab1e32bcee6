# A letter whose address lies in the middle of its window.
cp -r "$ROOT/docs/templates/02-minimum" template
sed -i 's/, address(/ + 2mm, address(/' template/lettre.typ
