#!/usr/bin/env python3
"""Asks tddoc, a 2D-DOC reader that shares nothing with us, what it makes of codes (`pip install tddoc==0.3.0`).

  tests/peer.py ORDER.json

The order is {"ca_id", "certificate_id", "public_key", "codes", "keychain", "rounds"}: a key in PEM, for which a
certificate is made here under an authority made here; the texts of codes; what tddoc is given, "certificate" alone,
"chain" with the authority's certificate, which it then checks at every code, or "shipped", the chain added to the
certificates that it brings; and how often all codes are read, for the clock. Prints {"answers": for every code its
fields, and whether its signature holds, or an error; "seconds": of every round}. Exit code 77 where tddoc is not
installed.
"""
import datetime, json, pathlib, sys, time

try:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from tddoc.doc import TwoDDoc
    from tddoc.keychain import KeyChain, internal
except ImportError:
    sys.exit(77)


def certificate(subject, public_key, issuer, issuer_key):
    name = lambda text: x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])
    now = datetime.datetime.now(datetime.timezone.utc)
    day = datetime.timedelta(days=1)
    builder = x509.CertificateBuilder(name(issuer), name(subject), public_key, x509.random_serial_number(),
                                      now - day, now + day)
    return builder.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def keychain(order):
    authority = ec.generate_private_key(ec.SECP256R1())
    key = serialization.load_pem_public_key(order["public_key"].encode())
    chain = internal() if order["keychain"] == "shipped" else KeyChain()
    chain.der_add(certificate(order["certificate_id"], key, order["ca_id"], authority))
    if order["keychain"] != "certificate":
        chain.der_add(certificate(order["ca_id"], authority.public_key(), order["ca_id"], authority))
    return chain


def answer(code, keys):
    try:
        document = TwoDDoc.from_code(code)
        valid = document.signature_is_valid(keys)
    except Exception as error:
        return {"error": repr(error)}
    return {"fields": {field.definition.id: field.value for field in document.message.dataset}, "valid": valid}


def timed(codes, keys):
    began = time.perf_counter()
    for code in codes:
        TwoDDoc.from_code(code).signature_is_valid(keys)
    return time.perf_counter() - began


order = json.loads(pathlib.Path(sys.argv[1]).read_text())
keys = keychain(order)
answers = [answer(code, keys) for code in order["codes"]]
seconds = [timed(order["codes"], keys) for _ in range(order["rounds"])]
print(json.dumps({"answers": answers, "seconds": seconds}))
