"""Certificates made with openssl for one run: a valid one, and invalid ones."""

import datetime
import pathlib
import subprocess

CONFIGURATION = """
[ca]
default_ca = here
[here]
database = {folder}/index.txt
serial = {folder}/serial
new_certs_dir = {folder}
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[localhost]
subjectAltName = DNS:localhost
[elsewhere]
subjectAltName = DNS:elsewhere.example, DNS:localhost.example, DNS:*.localhost
[address]
subjectAltName = IP:127.0.0.1
[client]
subjectAltName = DNS:localhost
extendedKeyUsage = clientAuth
"""


NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout")


class Certificates:
    """`root` is the CA the daemon is configured with, `other_root` is not. Each PEM file has a certificate and its
    key."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        (self.folder / "index.txt").write_text("")
        (self.folder / "serial").write_text("1000\n")
        (self.folder / "openssl.cnf").write_text(CONFIGURATION.format(folder=self.folder))
        today = datetime.datetime.now(datetime.timezone.utc)
        begin, end = today - datetime.timedelta(days=2), today + datetime.timedelta(days=2)
        self.root = self.root_called("root")
        self.other_root = self.root_called("other-root")
        self.right = self.issue("right", self.root, "localhost", begin, end)
        self.wrong = {
            "wrong name": self.issue("wrong-name", self.root, "elsewhere", begin, end),
            "an address for its name": self.issue("address", self.root, "address", begin, end),
            # RFC 9110, 4.3.4: the subject's common name does not count.
            "its name in the subject alone": self.issue("subject", self.root, "address", begin, end, subject="localhost"),
            "expired": self.issue("expired", self.root, "localhost", begin, today - datetime.timedelta(minutes=1)),
            "not yet valid": self.issue("early", self.root, "localhost", today + datetime.timedelta(hours=1), end),
            "unknown root": self.issue("unknown", self.other_root, "localhost", begin, end),
            "signed by no authority": self.issue("leaf", self.right, "localhost", begin, end),
            "for clients only": self.issue("client", self.root, "client", begin, end),
            "self-signed": self.self_signed("self-signed", "localhost"),
        }

    def openssl(self, *arguments):
        done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def self_signed(self, name, section):
        key, certificate, both = (self.folder / (name + end) for end in (".key", ".crt", ".pem"))
        self.openssl("req", "-x509", *NEW_KEY, key, "-out", certificate, "-days", 2, "-subj", f"/CN={name}",
                     "-config", self.folder / "openssl.cnf", "-extensions", section)
        both.write_text(certificate.read_text() + key.read_text())
        return both

    def root_called(self, name):
        return self.self_signed(name, "root")

    def issue(self, name, issuer, section, begin, end, subject="stand-in"):
        key, request, certificate, both = (self.folder / (name + ending) for ending in (".key", ".csr", ".crt", ".pem"))
        self.openssl("req", *NEW_KEY, key, "-out", request, "-subj", f"/CN={subject}", "-config", self.folder / "openssl.cnf")
        self.openssl("ca", "-batch", "-notext", "-config", self.folder / "openssl.cnf", "-extensions", section, "-cert", issuer,
                     "-keyfile", issuer, "-startdate", f"{begin:%Y%m%d%H%M%SZ}", "-enddate", f"{end:%Y%m%d%H%M%SZ}",
                     "-in", request, "-out", certificate)
        both.write_text(certificate.read_text() + key.read_text() + issuer.read_text().split("-----BEGIN PRIVATE")[0])
        return both
