"""An SMTP server for tests: TLS from the first byte, STARTTLS or none; takes, refuses, hangs or dies as told."""

import base64
import email
import email.policy
import socket
import socketserver
import ssl
import threading

from .certificates import Certificates

IDLE_SECONDS = 20


class Conversation(socketserver.StreamRequestHandler):
    """One connection. What the server is told to do is in `self.server.mind`."""

    timeout = IDLE_SECONDS

    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")
        self.wfile.flush()

    def secure(self):
        self.connection = self.server.mind.context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb")
        self.encrypted = True

    def handle(self):
        self.encrypted = False
        try:
            if self.server.mind.mode == "tls":
                self.secure()
            self.converse()
        except (OSError, ssl.SSLError, ValueError):
            pass

    def converse(self):
        mind = self.server.mind
        self.say(mind.greeting)
        self.sender, self.recipients, self.user = None, [], None
        while True:
            line = self.rfile.readline(2000)
            if not line:
                return
            verb, _, rest = line.decode().strip().partition(" ")
            mind.commands.append((verb.upper(), self.encrypted))
            if mind.hang_at == verb.upper():
                mind.released.wait(IDLE_SECONDS * 5)
                return
            if not getattr(self, "on_" + verb.lower(), self.unknown)(rest):
                return

    def unknown(self, _rest):
        self.say("500 5.5.1 what?")
        return True

    def on_ehlo(self, _rest):
        mind = self.server.mind
        offers = ["test server", "8BITMIME"] + (["SMTPUTF8"] if mind.smtputf8 else [])
        offers += ["STARTTLS"] if mind.mode == "starttls" and not self.encrypted else []
        offers += ["AUTH PLAIN LOGIN"] if mind.user and self.encrypted else []
        for offer in offers[:-1]:
            self.say("250-" + offer)
        self.say("250 " + offers[-1])
        return True

    def on_starttls(self, _rest):
        if self.server.mind.mode != "starttls":
            return self.unknown("")
        self.say("220 go")
        self.secure()
        return True

    def on_auth(self, rest):
        mechanism, _, given = rest.partition(" ")
        if mechanism.upper() != "PLAIN":
            self.say("504 5.5.4 not that one")
            return True
        if not given:
            self.say("334 ")
            given = self.rfile.readline(2000).decode().strip()
        _, user, password = base64.b64decode(given).decode().split("\0")
        if (user, password) == (self.server.mind.user, self.server.mind.password):
            self.user = user
            self.say("235 2.7.0 welcome")
        else:
            self.say("535 5.7.8 no")
        return True

    def on_mail(self, rest):
        mind = self.server.mind
        reply = mind.mail_reply if not mind.user or self.user else "530 5.7.0 sign in first"
        self.sender = rest.partition(":")[2].split(">")[0].lstrip("<")
        mind.mail_parameters.append(rest.partition(">")[2].split())
        self.say(reply)
        return True

    def on_rcpt(self, rest):
        reply = self.server.mind.rcpt_replies.pop(0) if self.server.mind.rcpt_replies else "250 2.1.5 ok"
        if reply.startswith("250"):
            self.recipients.append(rest.partition(":")[2].split(">")[0].lstrip("<"))
        self.say(reply)
        return True

    def on_data(self, _rest):
        mind = self.server.mind
        self.say("354 go on")
        lines = []
        while True:
            line = self.rfile.readline(100000)
            if not line:
                return False
            if line == b".\r\n":
                break
            lines.append(line[1:] if line.startswith(b".") else line)
        reply = mind.data_replies.pop(0) if mind.data_replies else "250 2.0.0 taken"
        if reply.startswith("250") or reply == "taken, then gone":
            mind.messages.append(Taken(self.sender, self.recipients, b"".join(lines), self.encrypted, self.user))
        if reply == "taken, then gone":
            self.connection.shutdown(socket.SHUT_RDWR)
            return False
        self.say(reply)
        self.recipients = []
        return True

    def on_rset(self, _rest):
        self.say("250 2.0.0 ok")
        return True

    def on_noop(self, _rest):
        self.say("250 2.0.0 ok")
        return True

    def on_quit(self, _rest):
        self.say("221 2.0.0 bye")
        return False


class Taken:
    """A message that the server took."""

    def __init__(self, sender, recipients, raw, encrypted, user):
        self.sender, self.recipients, self.raw, self.encrypted, self.user = sender, recipients, raw, encrypted, user

    @property
    def message(self):
        return email.message_from_bytes(self.raw, policy=email.policy.default)


class Threads(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request, client_address):
        pass


class SmtpServer:
    """mode: "starttls", "tls" or "plain". Replies to RCPT and to the text come from lists, then all is well."""

    def __init__(self, directory, mode="starttls", name="localhost", user=None, password=None, smtputf8=True):
        certificates = Certificates(directory, name)
        self.ca_file, self.mode, self.user, self.password = str(certificates.ca), mode, user, password
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificates.certificate, certificates.key)
        self.greeting, self.mail_reply = "220 localhost test", "250 2.1.0 ok"
        self.rcpt_replies, self.data_replies, self.hang_at = [], [], None
        self.released = threading.Event()
        self.messages, self.commands, self.mail_parameters, self.smtputf8 = [], [], [], smtputf8
        self.server = Threads(("127.0.0.1", 0), Conversation)
        self.server.mind = self
        self.port = self.server.server_address[1]
        self.url = f"{'smtps' if mode == 'tls' else 'smtp'}://localhost:{self.port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
