"""Stand-ins for the live systems: real HTTP over TLS on this machine, real host names, faults on demand."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qsl, urlsplit

import urllib3.util.connection as urllib3_connection
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Request:
    method: str
    host: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    breaks_off: bool = False  # announces all of its body, sends half and hangs up
    seconds_per_byte: float = 0.0


class App(Protocol):
    """How a stand-in handles a request."""

    def answer(self, request: Request) -> Answer: ...


Fault = Callable[[Request], Answer | None]


class StandIn:
    """One TLS server that answers for many hosts. Every request is recorded; faults are checked before the apps."""

    def __init__(self, folder: Path, apps: dict[str, App]) -> None:
        self.apps = apps
        self.requests: list[Request] = []
        self.faults: dict[int, Fault] = {}  # by number of the request, from 0 at the last reset
        self.ca_file, certificate, key = _certificates(folder, list(apps))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def reset(self) -> None:
        self.requests.clear()
        self.faults.clear()

    def answer(self, request: Request) -> Answer:
        number = len(self.requests)
        self.requests.append(request)
        fault = self.faults.pop(number, None)
        answer = fault(request) if fault else None
        return answer or self.apps[request.host].answer(request)

    @contextmanager
    def running(self) -> Iterator["StandIn"]:
        """Serves, and sends every connection to one of its hosts to itself."""
        port = self._server.server_address[1]
        connect = urllib3_connection.create_connection

        def connect_here(address: tuple[str, int], *args: object, **kwargs: object) -> object:
            assert address[0] in self.apps, f"a test tried to reach {address[0]}"
            return connect(("127.0.0.1", port), *args, **kwargs)  # pyright: ignore[reportArgumentType]

        self._thread.start()
        urllib3_connection.create_connection = connect_here  # pyright: ignore[reportAttributeAccessIssue]
        try:
            yield self
        finally:
            urllib3_connection.create_connection = connect
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()


def _handler(standin: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = standin.answer(
                Request(
                    method=self.command,
                    host=self.headers["Host"].split(":")[0],
                    path=parts.path,
                    params=dict(parse_qsl(parts.query, keep_blank_values=True)),
                    headers=dict(self.headers.items()),
                    body=body,
                )
            )
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            # Without a length, the end of the connection is the end of the answer.
            if not answer.seconds_per_byte:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if answer.seconds_per_byte:
                with suppress(OSError):
                    for byte in answer.body:
                        self.wfile.write(bytes([byte]))
                        time.sleep(answer.seconds_per_byte)
                self.close_connection = True
            elif answer.breaks_off:
                self.wfile.write(answer.body[: len(answer.body) // 2])
                self.close_connection = True
            else:
                self.wfile.write(answer.body)

        do_GET = do_POST = _serve

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


def _certificates(folder: Path, hosts: list[str]) -> tuple[Path, Path, Path]:
    """A certificate authority made for this test, and a server certificate that it signed."""
    now = datetime.now(UTC)

    ca_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    # Python 3.13 verifies strictly (VERIFY_X509_STRICT): it requires key identifiers and an authority's key usage.
    ca_key_id = x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key())

    def build(name: str, public: ec.EllipticCurvePublicKey, is_ca: bool) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")]))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=2))
            .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(ca_key_id), critical=False)
        )
        if is_ca:
            usage = dict.fromkeys(
                (
                    "digital_signature",
                    "content_commitment",
                    "key_encipherment",
                    "data_encipherment",
                    "key_agreement",
                    "encipher_only",
                    "decipher_only",
                ),
                False,
            )
            builder = builder.add_extension(x509.KeyUsage(key_cert_sign=True, crl_sign=True, **usage), critical=True)
        else:
            names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(ca_key, hashes.SHA256())

    def save(name: str, content: bytes) -> Path:
        path = folder / name
        path.write_bytes(content)
        return path

    ca = build("Test authority", ca_key.public_key(), is_ca=True)
    server = build("Stand-in", server_key.public_key(), is_ca=False)
    pem = serialization.Encoding.PEM
    return (
        save("ca.pem", ca.public_bytes(pem)),
        save("server.pem", server.public_bytes(pem)),
        save(
            "server.key",
            server_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
        ),
    )


def http_error(status: int, **headers: str) -> Fault:
    return lambda request: Answer(status, b"{}", {name.replace("_", "-"): value for name, value in headers.items()})


def breaking_off(app: App) -> Fault:
    """The true answer, cut in the middle of its body."""

    def fault(request: Request) -> Answer:
        answer = app.answer(request)
        return Answer(answer.status, answer.body, answer.headers, breaks_off=True)

    return fault
