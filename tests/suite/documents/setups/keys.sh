pli sample --count 20 --seed 7 --out .
# A token of SoftHSM.
mkdir -p .config/softhsm2 tokens
echo "directories.tokendir = $PWD/tokens" > .config/softhsm2/softhsm2.conf
(umask 077; printf 271828 > keys/hsm.pin)
