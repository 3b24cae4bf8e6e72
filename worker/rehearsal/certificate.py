"""A certificate for loopback, made for one rehearsal and thrown away with it."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PEM = serialization.Encoding.PEM


def make_certificate(folder: Path, host: str) -> Path:
    """Write a key and its self-signed certificate for `host` to one file, to serve with and to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    number = x509.random_serial_number()
    # Of two trusted certificates with one name OpenSSL would look at the first only.
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Tocsin rehearsal {number:x}")])
    names = [x509.IPAddress(ip_address(host)), x509.DNSName("localhost")]
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(number)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "loopback.pem"
    path.touch(mode=0o600)
    path.write_bytes(secret + certificate.public_bytes(PEM))
    return path
