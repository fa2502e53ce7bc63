"""A certificate for `localhost` and 127.0.0.1, signed by a CA of its own: for test servers."""

import pathlib
import subprocess


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Certificates:
    """ca.pem, server.pem and server.key in a directory; valid for a day."""

    def __init__(self, directory, name="localhost"):
        where = pathlib.Path(directory)
        where.mkdir(parents=True, exist_ok=True)
        self.ca, self.certificate, self.key = where / "ca.pem", where / "server.pem", where / "server.key"
        ca_key, request, extensions = where / "ca.key", where / "server.csr", where / "extensions"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 1,
                "-subj", "/CN=Test CA", "-keyout", ca_key, "-out", self.ca)
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                "-keyout", self.key, "-out", request)
        address = ",IP:127.0.0.1" if name == "localhost" else ""
        extensions.write_text(f"subjectAltName=DNS:{name}{address}\n", encoding="utf-8")
        openssl("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", ca_key, "-CAcreateserial", "-days", 1,
                "-extfile", extensions, "-out", self.certificate)
