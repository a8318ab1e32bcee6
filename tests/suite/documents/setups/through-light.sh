cp -r "$ROOT/docs/templates/02-minimum" template
