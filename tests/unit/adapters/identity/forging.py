"""Valid tokens, and what an attacker or a broken program makes of them."""

import base64
import hmac
import json
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from adapters.identity.jwks import usable_keys
from adapters.identity.tokens import LONGEST, Tokens, Trust
from domain.vocabulary.errors import TokenRefused

ISSUER, AUDIENCE, KID = "https://id.example", "history", "key-1"
USER = "0b5c8f6e-2f0f-4a46-9d5f-0e6a4c1d2b3a"
SECRET = "a secret of the tests, long enough for it"
OTHER_SECRET = "another secret of the tests, long as well"
CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

Claims = dict[str, Any]


def claims(**changed: Any) -> Claims:
    """Return valid claims with changes; a claim that is set to `...` is left out."""
    now = int(time.time())
    usual = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": USER, "role": "user", "plan": "pro",
        "iat": now, "nbf": now, "exp": now + 3600,
    }  # fmt: skip
    return {name: value for name, value in (usual | changed).items() if value is not ...}


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass(frozen=True)
class Issuer:
    """Signs tokens by an algorithm, and what verifies them."""

    algorithm: str
    key: Any
    public: Any = None

    def verifier(self) -> Tokens:
        trust = Trust(self.algorithm, ISSUER, AUDIENCE)
        if self.public is None:
            return Tokens(trust, secret=self.key)
        keys = usable_keys({"keys": [jwk(self.algorithm, self.public, KID)]}, self.algorithm)

        async def find(kid: str | None) -> Any:
            if kid is None or kid not in keys:
                raise TokenRefused("unknown key")
            return keys[kid]

        return Tokens(trust, find)

    def token(self, content: Claims | bytes | None = None, header: Claims | None = None, key: Any = None) -> str:
        """Return a token; bytes are signed as they are."""
        head: Claims = {"alg": self.algorithm, "typ": "JWT", "kid": KID} | (header or {})
        head = {name: value for name, value in head.items() if value is not ...}
        body = content if isinstance(content, bytes) else json.dumps(content or claims()).encode()
        return self.signed(json.dumps(head).encode(), body, key)

    def signed(self, head: bytes, body: bytes, key: Any = None) -> str:
        said = f"{b64(head)}.{b64(body)}"
        signer = jwt.get_algorithm_by_name(self.algorithm)
        return f"{said}.{b64(signer.sign(said.encode(), signer.prepare_key(key or self.key)))}"

    def another_key(self) -> Any:
        return {"HS256": OTHER_SECRET, "RS256": OTHER_RSA, "ES256": OTHER_EC}[self.algorithm]

    @property
    def public_pem(self) -> bytes:
        form, kind = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        return self.public.public_bytes(form, kind) if self.public else b"-----BEGIN PUBLIC KEY-----"


def jwk(algorithm: str, public: Any, kid: str) -> Claims:
    """Return a public key as an entry of a JWKS."""
    entry: Claims = jwt.get_algorithm_by_name(algorithm).to_jwk(public, as_dict=True)
    return entry | {"kid": kid, "use": "sig", "alg": algorithm}


RSA, OTHER_RSA = (rsa.generate_private_key(65537, 3072) for _ in range(2))
EC, OTHER_EC = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
ISSUERS = {
    "HS256": Issuer("HS256", SECRET),
    "RS256": Issuer("RS256", RSA, RSA.public_key()),
    "ES256": Issuer("ES256", EC, EC.public_key()),
}


def hmac_with(key: bytes, head: Claims, body: Claims) -> str:
    said = f"{b64(json.dumps(head).encode())}.{b64(json.dumps(body).encode())}"
    return f"{said}.{b64(hmac.digest(key, said.encode(), 'sha256'))}"


# ---- mutations of a valid token: nothing of it may be accepted -------------------------------------------------------

Mutation = Callable[[Issuer, random.Random, str], str]


def _one_character(by: Issuer, rng: random.Random, token: str) -> str:
    place = rng.randrange(len(token))
    return token[:place] + rng.choice(CHARACTERS + ".=+/ \n\0é") + token[place + 1 :]


def _one_bit(by: Issuer, rng: random.Random, token: str) -> str:
    parts = token.split(".")
    which = rng.randrange(3)
    data = bytearray(base64.urlsafe_b64decode(parts[which] + "==="))
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    parts[which] = b64(bytes(data))
    return ".".join(parts)


def _cut(by: Issuer, rng: random.Random, token: str) -> str:
    return token[: rng.randrange(len(token))] if rng.random() < 0.7 else token[rng.randrange(1, len(token)) :]


def _longer(by: Issuer, rng: random.Random, token: str) -> str:
    extra = rng.choice(["=", "==", "A", "AA", ".", ".AAAA", " ", "\n", "\r\n", "\0", "%00", ",", "é"])
    return token + extra if rng.random() < 0.6 else extra + token


def _parts(by: Issuer, rng: random.Random, token: str) -> str:
    parts = token.split(".")
    rng.shuffle(parts)
    return ".".join(parts[: rng.randrange(4)] + rng.choices([*parts, ""], k=rng.randrange(3)))


def _mixed(by: Issuer, rng: random.Random, token: str) -> str:
    """The signature of one token under the claims of another."""
    head, _, signature = token.split(".")
    body = claims(sub=rng.choice([USER.replace("0", "1"), USER[::-1]]), plan=rng.choice(["free", "gold"]))
    return f"{head}.{b64(json.dumps(body).encode())}.{signature}"


def _none(by: Issuer, rng: random.Random, token: str) -> str:
    name: Any = rng.choice(["none", "None", "NONE", "nOnE", "", "null", None, 0, [], {}, "HS256 ", "hs256", " none"])
    head = b64(json.dumps({"alg": name, "typ": "JWT"}).encode())
    body = b64(json.dumps(claims()).encode())
    signature = rng.choice(["", "AA", b64(rng.randbytes(32))])
    return f"{head}.{body}.{signature}"


def _other_algorithm(by: Issuer, rng: random.Random, token: str) -> str:
    """Signed soundly, by an algorithm that is not the one."""
    name = rng.choice(sorted({"HS256", "RS256", "ES256", "HS384", "HS512", "RS512", "PS256"} - {by.algorithm}))
    keys: dict[str, Any] = {"HS": SECRET * 2, "RS": RSA, "PS": RSA, "ES": EC}
    return jwt.encode(claims(), keys[name[:2]], algorithm=name, headers={"kid": KID})


def _public_key_as_secret(by: Issuer, rng: random.Random, token: str) -> str:
    """What once broke libraries: HS256 with the public key as its secret."""
    key = rng.choice([by.public_pem, by.public_pem.strip(), b"", json.dumps({"k": "x"}).encode(), b"\0", KID.encode()])
    said = rng.choice(["HS256", by.algorithm])
    return hmac_with(key, {"alg": said, "typ": "JWT", "kid": KID}, claims())


def _another_key(by: Issuer, rng: random.Random, token: str) -> str:
    tricks = [KID, "", "../../dev/null", "/proc/self/environ", "' OR '1'='1", "http://evil.example/k", "x" * 300]
    return by.token(header={"kid": rng.choice(tricks)}, key=by.another_key())


def _key_in_the_header(by: Issuer, rng: random.Random, token: str) -> str:
    own = jwk("RS256", OTHER_RSA.public_key(), KID)
    tricks: list[Claims] = [
        {"jwk": own}, {"jku": "https://evil.example/jwks"}, {"x5u": "https://evil.example/c"}, {"x5c": ["AAAA"]},
        {"kid": KID, "jwk": own}, {"kid": None}, {"kid": {}}, {"kid": 7},
    ]  # fmt: skip
    return by.token(header=rng.choice(tricks), key=by.another_key())


def _odd_header(by: Issuer, rng: random.Random, token: str) -> str:
    """Signed soundly, with a header that changes how a token is to be read."""
    tricks: list[Claims] = [
        {"crit": ["b64"], "b64": False}, {"crit": ["exp"]}, {"crit": []}, {"b64": False}, {"b64": True}, {"typ": "JWE"},
        {"typ": "dpop+jwt"}, {"typ": "logout+jwt"}, {"typ": 1}, {"typ": None}, {"kid": ""}, {"kid": []},
    ]  # fmt: skip
    return by.token(header=rng.choice(tricks))


def _twice(by: Issuer, rng: random.Random, token: str) -> str:
    """Signed soundly, with a member that is there twice: parsers differ on which one counts."""
    if rng.random() < 0.3:
        head = json.dumps({"alg": by.algorithm, "kid": KID})[:-1] + f', "alg": "{by.algorithm}"}}'
        return by.signed(head.encode(), json.dumps(claims()).encode())
    name, value = rng.choice(list(claims().items()))
    return by.token((json.dumps(claims())[:-1] + f", {json.dumps(name)}: {json.dumps(value)}}}").encode())


def _wrong_claim(by: Issuer, rng: random.Random, token: str) -> str:
    """Signed soundly, for somebody or some time else, or with a claim of a wrong kind."""
    now = int(time.time())
    wrong: list[Claims] = [
        *({name: ...} for name in ("iss", "aud", "exp", "nbf", "sub", "role")),
        *({name: None} for name in ("iss", "aud", "exp", "nbf", "sub", "role")),
        {"iss": ISSUER + "/"}, {"iss": [ISSUER]}, {"iss": ""}, {"iss": ISSUER.upper()}, {"iss": 1},
        {"aud": "other"}, {"aud": []}, {"aud": ["other", 7]}, {"aud": {AUDIENCE: 1}}, {"aud": AUDIENCE + " "},
        {"exp": now - 60}, {"exp": 0}, {"exp": -1}, {"exp": "soon"}, {"exp": [now + 60]}, {"exp": 1e18}, {"exp": True},
        {"exp": str(now + 60)}, {"nbf": now + 120}, {"nbf": str(now)}, {"nbf": {}}, {"nbf": False}, {"nbf": -1},
        {"iat": now + 120}, {"iat": "now"}, {"iat": str(now)},
        {"sub": ""}, {"sub": "admin"}, {"sub": USER[:-1]}, {"sub": USER.replace("-", "")}, {"sub": f"{{{USER}}}"},
        {"sub": f"urn:uuid:{USER}"}, {"sub": USER + "\n"}, {"sub": 7}, {"sub": [USER]}, {"sub": "é" * 36},
        {"sub": f"{USER}' OR 1=1 --"}, {"role": "staff"}, {"role": "admin"}, {"role": ["user"]}, {"role": "User"},
        {"role": "darkroom_owner"}, {"role": ""}, {"role": {}}, {"plan": 7}, {"plan": ["pro"]}, {"plan": "p" * 101},
        {"plan": {}}, {"jti": 7},
    ]  # fmt: skip
    return by.token(claims(**rng.choice(wrong)))


def _no_claims(by: Issuer, rng: random.Random, token: str) -> str:
    """Signed soundly, over what is no object of claims: another token, a list, numbers that JSON does not have."""
    bodies = [
        token.encode(), b"", b"[]", b"null", b"7", b'"x"', b"{", b"\xff\xfe", b"\0", json.dumps([claims()]).encode(),
        b"[" * 2000, json.dumps({"": claims()}).encode(), json.dumps({"payload": token}).encode(),
        json.dumps(claims(exp=10)).replace(": 10", ": NaN").encode(),
        json.dumps(claims(exp=10)).replace(": 10", ": Infinity").encode(),
        json.dumps(claims(exp=10)).replace(": 10", ": 1e999").encode(),
    ]  # fmt: skip
    return by.token(rng.choice(bodies))


def _huge(by: Issuer, rng: random.Random, token: str) -> str:
    return by.token(claims(more="x" * rng.randrange(LONGEST, 2 * LONGEST)))


def _noise(by: Issuer, rng: random.Random, token: str) -> str:
    return "".join(rng.choices(CHARACTERS + "...", k=rng.randrange(600)))


MUTATIONS: tuple[Mutation, ...] = (
    _one_character, _one_bit, _cut, _longer, _parts, _mixed, _none, _other_algorithm, _public_key_as_secret,
    _another_key, _key_in_the_header, _odd_header, _twice, _wrong_claim, _no_claims, _huge, _noise,
)  # fmt: skip


def mutated(by: Issuer, rng: random.Random, count: int) -> Iterator[tuple[str, str]]:
    """Yield so many tokens that are not valid, each with the name of what was done to it."""
    valid = by.token()
    while count:
        mutation = rng.choice(MUTATIONS)
        if (token := mutation(by, rng, valid)) != valid:
            yield mutation.__name__, token
            count -= 1
