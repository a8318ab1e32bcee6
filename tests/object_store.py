"""Nights on a real S3 server (SeaweedFS), judged with boto3: object_store.py PLI WEED

A night with cards, codes and output in the store is compared with one in folders, object by object; it is killed at
many moments of its release and resumed; credentials, buckets, objects in the way, TLS and a network that is cut are tried.
"""

import contextlib, csv, hashlib, io, json, os, random, re, shutil, socket, sqlite3, subprocess, sys, tempfile, threading, time
from pathlib import Path

import boto3
from botocore.config import Config

PLI, WEED = (Path(argument).resolve() for argument in sys.argv[1:3])
FRIDAY, MONDAY = "2026-11-20", "2026-11-23"
BUCKET = "mail"
ROOT = Path(tempfile.mkdtemp(prefix="pli-object-store-"))
SECRETS = {name: f"{name}-{random.randbytes(12).hex()}" for name in ("bureau", "reader")}
passed = 0


def check(condition, said):
    assert condition, said


def scenario(test):
    global passed
    began = time.monotonic()
    test()
    passed += 1
    print(f"ok   {test.__doc__}  ({time.monotonic() - began:.1f} s)", flush=True)


def missing(what):
    """Fails, or says that what needs it is skipped with PLI_SKIP_MISSING=1."""
    if os.environ.get("PLI_SKIP_MISSING") != "1":
        sys.exit(f"object store: {what}; PLI_SKIP_MISSING=1 skips what needs it")
    print(f"skipped: object store: {what}")


def certificate():
    """Makes a certificate for 127.0.0.1 under an authority of its own; false without openssl."""
    if not shutil.which("openssl"):
        return False
    (ROOT / "tls.cnf").write_text("basicConstraints=CA:FALSE\nsubjectAltName=IP:127.0.0.1\n")
    for line in [
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.crt",
        "req -newkey rsa:2048 -nodes -subj /CN=server -keyout tls.key -out tls.csr",
        "x509 -req -in tls.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile tls.cnf -out tls.crt",
    ]:
        subprocess.run(["openssl", *line.split()], cwd=ROOT, check=True, capture_output=True)
    return True


class Server:
    """SeaweedFS with one bucket; `bureau` may do everything in it, `reader` only read."""

    def __init__(self):
        self.data = ROOT / "server"
        self.data.mkdir()
        grants = {"bureau": ["Admin"], "reader": [f"Read:{BUCKET}", f"List:{BUCKET}"]}
        identity = lambda name: {
            "name": name,
            "credentials": [{"accessKey": name, "secretKey": SECRETS[name]}],
            "actions": grants[name],
        }
        (ROOT / "s3.json").write_text(json.dumps({"identities": [identity(name) for name in grants]}))
        self.ports = self.free_ports()
        self.endpoint = f"http://127.0.0.1:{self.ports[0]}"
        self.tls = certificate()
        self.start()

    @staticmethod
    def free_ports():
        """Five ports that are free, with those 10,000 above them, which the server takes too."""
        for base in random.sample(range(12000, 19000, 10), 200):
            sockets = []
            try:
                for port in [base + n + high for n in range(5) for high in (0, 10000)]:
                    sockets.append(socket.create_server(("127.0.0.1", port)))
                return [base + n for n in range(5)]
            except OSError:
                continue
            finally:
                for taken in sockets:
                    taken.close()
        raise OSError("no free ports")

    def start(self):
        s3, master, volume, filer, https = self.ports
        arguments = ["server", f"-dir={self.data}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3", f"-s3.port={s3}"]
        arguments += [f"-s3.config={ROOT / 's3.json'}", "-s3.port.iceberg=0", "-s3.autoCreateBucket=false"]
        arguments += [f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}"]
        arguments += ["-master.volumeSizeLimitMB=64", "-volume.max=0"]
        arguments += [f"-s3.localSocket={ROOT / 's3.sock'}", f"-filer.localSocket={ROOT / 'filer.sock'}"]
        if self.tls:
            arguments += [f"-s3.port.https={https}", f"-s3.cert.file={ROOT / 'tls.crt'}", f"-s3.key.file={ROOT / 'tls.key'}"]
        self.process = subprocess.Popen([WEED, *arguments], stdout=open(ROOT / "server.log", "ab"), stderr=subprocess.STDOUT)
        self.s3 = boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id="bureau",
            aws_secret_access_key=SECRETS["bureau"],
            config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
        )
        ended = time.monotonic() + 60
        while True:
            try:
                with contextlib.suppress(self.s3.exceptions.BucketAlreadyOwnedByYou):
                    self.s3.create_bucket(Bucket=BUCKET)
                self.s3.put_object(Bucket=BUCKET, Key="ready", Body=b"ready")
                return
            except Exception as error:
                if self.process.poll() is not None or time.monotonic() > ended:
                    log = (ROOT / "server.log").read_text(errors="replace")[-2000:]
                    raise OSError(f"the server does not start: {error}\n{log}") from error
                time.sleep(0.2)

    def stop(self):
        self.process.kill()
        self.process.wait()
        for left in Path(tempfile.gettempdir()).glob("seaweedfs-*.sock"):
            if any(left.stem.endswith(f"-{port + high}") for port in self.ports for high in (0, 10000)):
                left.unlink(missing_ok=True)

    def put(self, key, content):
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=content)

    def keys(self, prefix):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        return sorted(found["Key"] for page in pages for found in page.get("Contents", []))

    def read(self, prefix):
        """Every object below a prefix: name → bytes."""
        get = lambda key: self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return {key.removeprefix(prefix): get(key) for key in self.keys(prefix)}


class Wire:
    """A way to the server that is cut before an upload of its count: nothing listens then, what is under way breaks off."""

    def __init__(self, port, uploads):
        self.uploads = uploads
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.port, self.ends, self.up = port, [], True
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while self.up:
            try:
                near = self.listener.accept()[0]
                far = socket.create_connection(("127.0.0.1", self.port))
            except OSError:
                return
            self.ends += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self.carry, args=(one, other), daemon=True).start()

    def carry(self, one, other):
        try:
            while received := one.recv(1 << 16):
                self.uploads -= received.count(b"PUT /")
                if self.uploads <= 0:
                    return self.cut()
                other.sendall(received)
            other.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def cut(self):
        self.up = False
        for end in [self.listener, *self.ends]:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


class Job:
    """A copy of the sample job, its inputs and outputs in folders or below a prefix of the bucket."""

    count = 0
    verb = "run"

    def __init__(self, stored, sample=None, **changes):
        Job.count += 1
        self.prefix = f"job{Job.count}"
        self.folder = ROOT / self.prefix
        shutil.copytree(sample or SAMPLE, self.folder)
        self.text = (self.folder / "job.toml").read_text()
        if stored:
            for file in (self.folder / "inbox").iterdir():
                server.put(f"{self.prefix}/inbox/{file.name}", file.read_bytes())
            shutil.rmtree(self.folder / "inbox")
            self.change('"inbox/', f'"s3://{BUCKET}/{self.prefix}/inbox/')
            self.change('dir = "out"', f'dir = "s3://{BUCKET}/{self.prefix}/out"')
        for old, new in changes.get("changes", []):
            self.change(old, new)

    def change(self, old, new):
        check(old in self.text, f"`{old}` is in the job")
        self.text = self.text.replace(old, new)
        (self.folder / "job.toml").write_text(self.text)

    def command(self, *arguments):
        return [PLI, self.verb, self.folder / "job.toml", "--json", *arguments]

    def run(self, *arguments, code, **environment):
        ran = subprocess.run(
            self.command(*arguments), env=surroundings(**environment), capture_output=True, text=True, timeout=300
        )
        check(ran.returncode == code, f"{arguments}: {ran.returncode}, not {code}\n{ran.stderr}\n{ran.stdout}")
        for secret in SECRETS.values():
            check(secret not in ran.stdout + ran.stderr, "a secret key is shown")
        return ran

    def pieces(self):
        ledger = sqlite3.connect(self.folder / "ledger.db")
        return ledger.execute("SELECT lot.name, lot.kind, sequence, path, first_page, coalesce(piece.state, lot.state) FROM piece"
            " JOIN lot ON lot.id = piece.lot LEFT JOIN print_file ON print_file.lot = lot.id AND number = file"
            " ORDER BY lot.kind, lot.name, sequence").fetchall()

    def clean(self):
        """Nothing is left on this machine but what belongs there."""
        left = sorted(path.name for path in self.folder.iterdir())
        expected = {"job.toml", "keys", "later", "audit", "ledger.db", "scratch", "feedback", "kept", "ledger.db-shm", "ledger.db-wal"}
        check(set(left) <= expected, f"left behind: {left}")
        scratch = [path.name for path in (self.folder / "scratch").glob("*")]
        check(set(scratch) <= {"lock", "stock"}, f"left behind: {scratch}")

    def outputs(self, night):
        return server.read(f"{self.prefix}/out/{night}/")


def surroundings(**changes):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {
        "AWS_ACCESS_KEY_ID": "bureau",
        "AWS_SECRET_ACCESS_KEY": SECRETS["bureau"],
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": server.endpoint,
        "AWS_ALLOW_HTTP": "true",
        "NO_COLOR": "1",
    }
    environment |= changes
    return {name: value for name, value in environment.items() if value is not None}


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def opened(job, sealed):
    """A sealed file in clear, with age."""
    age = shutil.which("age")
    return age and subprocess.run(
        [age, "-d", "-i", job.folder / "keys/press.identity"], input=sealed, stdout=subprocess.PIPE, check=True
    ).stdout


def same(job, name, stored, local):
    """Whether an object is the file of the night in folders."""
    if name.startswith("run"):
        stored, local = json.loads(stored), json.loads(local)
        for report in (stored, local):
            for varying in ("seconds", "folder", "inputs", "merged"):
                report.pop(varying, None)
            for file in report["files"]:
                if file["path"].endswith(".age"):
                    file["sha256"] = file["bytes"] = None
        return stored == local
    if name in ("rejects.csv", "warnings.csv"):
        # The same but for the names of the files, which are URLs here.
        check(b"s3://mail/" in stored or stored.count(b"\n") == 1, stored)
        stored, local = (re.sub(rb'[^,"]*inbox/', b"", table) for table in (stored, local))
        return stored == local
    if name.endswith(".proof-pieces.csv"):
        # Salts follow from the ledger's keys, which are its own; mailers have none.
        tables = [list(csv.DictReader(io.StringIO(table.decode()))) for table in (stored, local)]
        for row in tables[0] + tables[1]:
            check(bool(row.pop("texts")) == bool(row.pop("layout")) == name.startswith("letters/"), f"{name}: {row}")
        return tables[0] == tables[1]
    if name.endswith(".proof.json"):
        certificates = [json.loads(stored), json.loads(local)]
        for certificate in certificates:
            check(certificate.pop("signature", None), f"{name}: no signature")
            for file in certificate["files"]:
                if file["name"].endswith((".age", ".proof-pieces.csv")) or name.startswith("mailers/"):
                    file["sha256"] = file["bytes"] = None
        return certificates[0] == certificates[1]
    if name.endswith(".age"):
        clear = [opened(job, sealed) for sealed in (stored, local)]
        return clear[0] == clear[1] and stored.startswith(b"age-encryption.org/v1\n")
    # The paperwork of sealed mailers tells their digests, and no two seals are the same.
    return stored == local or (name.startswith("mailers/") and name.endswith((".pdf", ".xjdf")))


def compare(job, night, local):
    stored = job.outputs(night)
    check(stored.keys() == local.keys(), f"objects {sorted(stored.keys() ^ local.keys())} are in one place only")
    for name in stored:
        if not same(job, name, stored[name], local[name]):
            raise AssertionError(f"{name} differs: {stored[name][:2000]}\n{local[name][:2000]}")
    for file in json.loads(stored["run.json"])["files"]:
        check(hashlib.sha256(stored[file["path"]]).hexdigest() == file["sha256"], f"{file['path']}: digest")
    job.clean()


def kill_at(job, count, what=lambda child: child.kill()):
    """Runs the Friday and strikes once so many objects are there; whether it still ran, how it ended and what it said."""
    child = subprocess.Popen(
        job.command("--date", FRIDAY),
        env=surroundings(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    prefix = f"{job.prefix}/out/"
    while child.poll() is None and len(server.keys(prefix)) < count:
        time.sleep(0.001)
    struck = child.poll() is None
    what(child)
    said = child.communicate()[1]
    return struck, child.returncode, said


def whole_nights():
    """two nights in the store are the same two nights in folders, letters and mailers"""
    job = Job(stored=True)
    check(json.loads(job.run("--date", FRIDAY, code=1).stdout)["letters"] > 200, "letters")
    compare(job, FRIDAY, files(LOCAL.folder / "out" / FRIDAY))
    mailers = json.loads(job.run("--date", MONDAY, "--only", "mailers", code=LOCAL_MONDAY).stdout)["mailers"]
    check(mailers > 100, f"{mailers} mailers")
    compare(job, MONDAY, files(LOCAL.folder / "out" / MONDAY))
    check(job.pieces() == LOCAL.pieces(), "the ledgers know the same pieces")
    again = json.loads(job.run("--date", FRIDAY, code=1).stdout)
    check(again["already_done"], "a second run finds all done")
    lost = next(name for name in server.keys(f"{job.prefix}/out/{FRIDAY}/letters/") if name.endswith("-0001.pdf"))
    server.s3.delete_object(Bucket=BUCKET, Key=lost)
    said = job.run("--date", FRIDAY, code=1).stderr
    check("not there any more" in said and f"s3://{BUCKET}/{lost}" in said, said)
    said = job.run("--date", MONDAY, code=3).stderr
    check(f"s3://{BUCKET}/{job.prefix}/inbox/cards.csv" in said and FRIDAY in said, said)


def many_objects():
    """an inbox of more objects than the process may open files"""
    sample = ROOT / "sound"
    make(sample, 500, 0)
    local, job = Job(stored=False, sample=sample), Job(stored=True, sample=sample)
    local.run("--date", FRIDAY, code=0)
    header, *rows = (sample / "inbox/cards.csv").read_text().splitlines(keepends=True)
    inbox = f"{job.prefix}/inbox/"
    server.s3.delete_object(Bucket=BUCKET, Key=f"{inbox}cards.csv")
    for rank, at in enumerate(range(0, len(rows), 4)):
        server.put(f"{inbox}cards-{rank:04}.csv", header + "".join(rows[at : at + 4]))
    check(len(server.keys(inbox)) > 120, "many objects")
    few = ["sh", "-c", 'ulimit -n 64 && exec "$@"', "sh"]
    command = [*few, *map(str, job.command("--date", FRIDAY))]
    ran = subprocess.run(command, env=surroundings(), capture_output=True, text=True, timeout=300)
    check(ran.returncode == 0, f"{ran.returncode}\n{ran.stderr}")
    stored, released = job.outputs(FRIDAY), files(local.folder / "out" / FRIDAY)
    # Manifest and work order name the ledger, whose identity follows from the files that were taken in.
    letters = [name for name in released if name.startswith("letters/") and name.endswith("-0001.pdf")]
    check(letters and all(stored[name] == released[name] for name in letters), "the same letters")


def killed():
    """killed while it uploads, at twelve moments, the same command resumes"""
    local, struck = files(LOCAL.folder / "out" / FRIDAY), 0
    for count in [0, 1, 2, 3, 5, 8, 12, 16, 20, 25, 30, len(local) - 1]:
        job = Job(stored=True)
        hit, code, _ = kill_at(job, count)
        struck += hit and count > 0
        if count > 0 and hit and len(server.keys(f"{job.prefix}/out/")) < len(local) - 1:
            check(f"{job.prefix}/out/{FRIDAY}/run.json" not in server.keys(job.prefix), "run.json comes last")
        job.run("--date", FRIDAY, code=1)
        compare(job, FRIDAY, local)
        letters = [piece for piece in LOCAL.pieces() if piece[0][5] == "A" and "letters" in piece[3]]
        check([piece for piece in job.pieces() if "letters" in piece[3]] == letters, f"pieces after {count} objects")
    check(struck >= 8, f"only {struck} runs were caught uploading")


def next_night_finishes():
    """what a killed release left is finished by the next night's run, and nothing stays on the machine"""
    job = Job(stored=True)
    kill_at(job, 3)
    staged = list((job.folder / "scratch").glob("staging-*"))
    check(len(staged) == 1 and staged[0].stat().st_mode & 0o777 == 0o700, f"{staged}")
    said = job.run("--date", MONDAY, "--only", "mailers", code=LOCAL_MONDAY).stderr
    check("cut short" in said, said)
    compare(job, FRIDAY, files(LOCAL.folder / "out" / FRIDAY))
    compare(job, MONDAY, files(LOCAL.folder / "out" / MONDAY))


def of_an_earlier_version():
    """what an earlier version staged beside the ledger is uploaded from there, and the shares that it left are merged"""
    job = Job(stored=True)
    kill_at(job, 3)
    [staged] = (job.folder / "scratch").glob("staging-*")
    staged.rename(job.folder / f"ledger.db.staging-{FRIDAY}")
    said = job.run("--date", FRIDAY, code=1).stderr
    check("cut short" in said, said)
    compare(job, FRIDAY, files(LOCAL.folder / "out" / FRIDAY))
    job = Job(stored=True)
    for share in ["1/2", "2/2"]:
        job.run("--date", FRIDAY, "--shard", share, code=0)
    [shares] = (job.folder / "scratch").glob("shares-*")
    shares.rename(job.folder / f"ledger.db.shares-{FRIDAY}")
    (job.folder / "keys/shares.key").rename(job.folder / "ledger.db.shares-key")
    check("shares of this night" in job.run("--date", FRIDAY, code=3).stderr, "not run whole")
    job.verb = "merge"
    job.run("--date", FRIDAY, code=1)
    (job.folder / "ledger.db.shares-key").rename(job.folder / "keys/shares.key")
    compare(job, FRIDAY, files(LOCAL.folder / "out" / FRIDAY))


def network_cut():
    """a network that is cut midway is exit 4 in bounded time, and the same command resumes once it is mended"""
    job, wire = Job(stored=True), Wire(server.ports[0], uploads=5)
    began = time.monotonic()
    said = job.run("--date", FRIDAY, code=4, AWS_ENDPOINT_URL=wire.endpoint).stderr
    took = time.monotonic() - began
    check("s3://mail/" in said and "run the same command again" in said and took < 120, f"{took} s: {said}")
    check(f"{job.prefix}/out/{FRIDAY}/run.json" not in server.keys(job.prefix), "run.json comes last")
    job.run("--date", FRIDAY, code=1)
    compare(job, FRIDAY, files(LOCAL.folder / "out" / FRIDAY))


def no_server():
    """a server that is not there is exit 4, in bounded time"""
    job = Job(stored=True)
    began = time.monotonic()
    said = job.run("--date", FRIDAY, code=4, AWS_ENDPOINT_URL=f"http://127.0.0.1:{server.ports[0] + 7}").stderr
    check("refused" in said and time.monotonic() - began < 120, said)


def through_tls():
    """through TLS: an authority that the system trusts is believed, and no other"""
    if not server.tls:
        missing("TLS: `openssl` is not installed")
        return
    job = Job(stored=True)
    place = {"AWS_ENDPOINT_URL": f"https://127.0.0.1:{server.ports[4]}", "AWS_ALLOW_HTTP": None}
    said = job.run("--date", FRIDAY, code=4, **place).stderr
    check("certificate" in said and not server.keys(f"{job.prefix}/out"), said)
    job.run("--date", FRIDAY, code=1, SSL_CERT_FILE=str(ROOT / "ca.crt"), **place)
    compare(job, FRIDAY, files(LOCAL.folder / "out" / FRIDAY))
    job = Job(stored=True)
    said = job.run("--date", FRIDAY, code=2, AWS_ALLOW_HTTP=None).stderr
    check("AWS_ALLOW_HTTP" in said, said)


def wrong_places():
    """wrong credentials, a bucket and an object that are not there: exit 2, with the URL and what to do"""
    job = Job(stored=True)
    said = job.run("--date", FRIDAY, code=2, AWS_SECRET_ACCESS_KEY="zpqm-wrong").stderr
    check("s3://mail/" in said and "credentials" in said and "zpqm" not in said, said)
    said = job.run("--date", FRIDAY, code=2, AWS_ACCESS_KEY_ID="nobody").stderr
    check("credentials" in said, said)
    said = job.run("--date", FRIDAY, code=2, AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None).stderr
    check("no credentials" in said, said)
    job = Job(stored=True, changes=[("dir = \"s3://mail/", "dir = \"s3://nomail/")])
    said = job.run("--date", FRIDAY, code=2).stderr
    check("s3://nomail/" in said and "NoSuchBucket" in said, said)
    job = Job(stored=True, changes=[("inbox/cards*.csv", "inbox/absent.csv")])
    said = job.run("--date", FRIDAY, code=2).stderr
    check(f"s3://mail/{job.prefix}/inbox/absent.csv" in said, said)
    job = Job(stored=True, changes=[("s3://mail/", "s3://bureau:zpqm@mail/")])
    said = job.run("--date", FRIDAY, code=2).stderr
    check("environment" in said and "zpqm" not in said, said)
    job = Job(stored=True, changes=[("pieces_per_file", "unsealed = true\npieces_per_file")])
    said = job.run("--date", FRIDAY, code=2).stderr
    check("unsealed" in said and not server.keys(f"{job.prefix}/out"), said)


def credentials_in_a_file():
    """a file of credentials serves instead of variables, for the codes too, unless others may read it"""
    job = Job(stored=True)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "credentials"
        night = f"[night]\naws_access_key_id = bureau\naws_secret_access_key = {SECRETS['bureau']}\n"
        file.write_text(f"[default]\naws_access_key_id = nobody\n{night}")
        variables = {
            "AWS_ACCESS_KEY_ID": None,
            "AWS_SECRET_ACCESS_KEY": None,
            "AWS_SHARED_CREDENTIALS_FILE": str(file),
            "AWS_PROFILE": "night",
        }
        file.chmod(0o644)
        said = job.run("--date", FRIDAY, code=2, **variables).stderr
        check("others may read" in said and "chmod 600" in said and SECRETS["bureau"] not in said, said)
        file.chmod(0o600)
        said = job.run("--date", FRIDAY, code=2, **variables | {"AWS_PROFILE": "other"}).stderr
        check("[other]" in said, said)
        job.run("--date", FRIDAY, code=1, **variables)
        compare(job, FRIDAY, files(LOCAL.folder / "out" / FRIDAY))
        home = Path(folder) / ".aws"
        home.mkdir()
        file.rename(home / "credentials")
        variables = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None, "AWS_PROFILE": "night", "HOME": folder}
        job.run("--date", FRIDAY, code=1, **variables)


def no_right_to_write():
    """without the right to write the release waits: exit 4, and the same command finishes it with the right"""
    job = Job(stored=True)
    said = job.run(
        "--date", FRIDAY, code=4, AWS_ACCESS_KEY_ID="reader", AWS_SECRET_ACCESS_KEY=SECRETS["reader"]
    ).stderr
    check("credentials" in said and not server.keys(f"{job.prefix}/out"), said)
    job.run("--date", FRIDAY, code=1)
    compare(job, FRIDAY, files(LOCAL.folder / "out" / FRIDAY))


def foreign():
    """another object in a place is left alone, and nothing is released"""
    job = Job(stored=True)
    name = next(name for name in files(LOCAL.folder / "out" / FRIDAY) if name.endswith("-0002.pdf"))
    key = f"{job.prefix}/out/{FRIDAY}/{name}"
    server.put(key, b"another's")
    said = job.run("--date", FRIDAY, code=3).stderr
    check(f"s3://{BUCKET}/{key}" in said and job.pieces() == [], said)
    check(list(job.outputs(FRIDAY).values()) == [b"another's"], "left alone, and alone")
    server.s3.delete_object(Bucket=BUCKET, Key=key)
    job.run("--date", FRIDAY, code=1)
    compare(job, FRIDAY, files(LOCAL.folder / "out" / FRIDAY))


def intruder():
    """an object that appears in a place during the release is left alone; the release is finished once it is gone"""
    job, keys = Job(stored=True), []

    def intrude(child):
        placed = server.keys(f"{job.prefix}/out/")
        free = [name for name in files(LOCAL.folder / "out" / FRIDAY) if name.endswith("-0018.pdf")]
        keys.append(f"{job.prefix}/out/{FRIDAY}/{free[0]}")
        check(keys[0] not in placed, "the place is free still")
        server.put(keys[0], b"another's")

    _, code, said = kill_at(job, 1, intrude)
    check(code == 4 and f"s3://{BUCKET}/{keys[0]}" in said, f"{code}: {said}")
    check(job.outputs(FRIDAY)[keys[0].removeprefix(f"{job.prefix}/out/{FRIDAY}/")] == b"another's", "left alone")
    server.s3.delete_object(Bucket=BUCKET, Key=keys[0])
    job.run("--date", FRIDAY, code=1)
    compare(job, FRIDAY, files(LOCAL.folder / "out" / FRIDAY))


def no_conditions():
    """a store that is told to take no conditions gets the night all the same"""
    job = Job(stored=True)
    job.run("--date", FRIDAY, code=1, AWS_CONDITIONAL_PUT="disabled")
    compare(job, FRIDAY, files(LOCAL.folder / "out" / FRIDAY))


def refused():
    """a refused night leaves its rejects in the store and nothing else"""
    job = Job(stored=True)
    job.change("max_reject_percent = 5.0", "max_reject_percent = 0.0")
    said = job.run("--date", FRIDAY, code=3).stderr
    check(f"s3://mail/{job.prefix}/out/{FRIDAY}/rejects.csv" in said, said)
    stored = job.outputs(FRIDAY)
    check(list(stored) == ["rejects.csv"] and stored["rejects.csv"].count(b"\n") > 3, list(stored))
    job.clean()


def shares():
    """a night in three shares, whose merge is killed as it uploads and resumed, is the night in folders"""
    for count in [0, 2, 9, 20]:
        job = Job(stored=True)
        for share in ["1/3", "2/3", "3/3"]:
            job.run("--date", FRIDAY, "--shard", share, code=0)
        [waiting] = (job.folder / "scratch").glob("shares-*")
        check(waiting.stat().st_mode & 0o777 == 0o700, "shares wait in the scratch folder, for their owner alone")
        check(server.keys(f"{job.prefix}/out") == [], "the store sees only what is released")
        check("shares of this night" in job.run("--date", FRIDAY, code=3).stderr, "not run whole")
        job.verb = "merge"
        kill_at(job, count)
        merged = json.loads(job.run("--date", FRIDAY, code=1).stdout)["merged"]["shares"]
        check(merged == 3, f"merged from {merged} shares")
        compare(job, FRIDAY, files(LOCAL.folder / "out" / FRIDAY))
        letters = [piece for piece in LOCAL.pieces() if "26324" in piece[0]]
        check(job.pieces() == letters, f"pieces after {count} objects")


def dry_run_and_check():
    """a rehearsal and `pli check` write nothing"""
    job = Job(stored=True)
    job.run("--date", FRIDAY, "--dry-run", code=1)
    subprocess.run([PLI, "check", job.folder / "job.toml", "--date", FRIDAY], env=surroundings(), capture_output=True)
    check(server.keys(f"{job.prefix}/out") == [], "nothing written")
    job.clean()


def large():
    """a print file of many megabytes goes in parts, and is the same"""
    sample = ROOT / "large"
    make(sample, 40000, 3)
    changes = [("pieces_per_file = 2000", "pieces_per_file = 50000")]
    local, job = Job(False, sample, changes=changes), Job(True, sample, changes=changes)
    for each in (local, job):
        each.run("--date", FRIDAY, "--prove", "none", code=1)
    compare(job, FRIDAY, files(local.folder / "out" / FRIDAY))
    name = next(name for name, content in job.outputs(FRIDAY).items() if len(content) > 16 << 20)
    tag = server.s3.head_object(Bucket=BUCKET, Key=f"{job.prefix}/out/{FRIDAY}/{name}")["ETag"]
    check("-" in tag, f"{tag} is not of an object in parts")


def make(folder, count, percent):
    arguments = ["--count", str(count), "--seed", "7", "--bad-percent", str(percent), "--out", folder]
    subprocess.run([PLI, "sample", *arguments], check=True, capture_output=True)


try:
    server = Server()
except OSError as error:
    missing(error)
    sys.exit(0)
try:
    SAMPLE = ROOT / "sample"
    make(SAMPLE, 500, 3)
    SMALL_FILES = [("pieces_per_file = 2000", "pieces_per_file = 10")]
    text = (SAMPLE / "job.toml").read_text()
    (SAMPLE / "job.toml").write_text(text.replace(*SMALL_FILES[0]))
    if not shutil.which("age"):
        missing("the seal of mailers: `age` is not installed")
    LOCAL = Job(stored=False)
    LOCAL.run("--date", FRIDAY, code=1)
    LOCAL_MONDAY = subprocess.run(LOCAL.command("--date", MONDAY, "--only", "mailers"), capture_output=True).returncode
    for test in [
        whole_nights, many_objects, killed, next_night_finishes, of_an_earlier_version, network_cut, no_server, through_tls, wrong_places,
        credentials_in_a_file, no_right_to_write, foreign, intruder, no_conditions, refused, shares, dry_run_and_check, large,
    ]:
        scenario(test)
    print(f"{passed} passed, 0 failed")
finally:
    server.stop()
    shutil.rmtree(ROOT, ignore_errors=True)
