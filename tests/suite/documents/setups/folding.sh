cp -r "$ROOT/templates/mailer-igc-sante" template
