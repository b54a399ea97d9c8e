"""The SSRF corpus: addresses that a customer may send and nobody may fetch, in the spellings that parsers differ on.

`LOOPBACK` leads to this machine where a careless client believes it, `INSIDE` to networks of ours or of a cloud,
`DECEPTIONS` hide a host behind another, `INVISIBLE` behind characters, and `MALFORMED` is no address on the web at all.
`TRAP` stands for the port on which a test listens for whoever comes.
"""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address
from itertools import chain

TRAP = "TRAP"

DIGITS = [
    str.maketrans("0123456789", digits)
    for digits in ("⓪①②③④⑤⑥⑦⑧⑨", "０１２３４５６７８９", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗", "⁰¹²³⁴⁵⁶⁷⁸⁹", "٠١٢٣٤٥٦٧٨٩")
]
DOTS = ("\u3002", "\uff0e", "\uff61", "\u2024")  # ideographic, full-width, half-width, one-dot leader


def numbers(address: str) -> Iterator[str]:
    """An IPv4 address as the C library reads it: short, decimal, octal, hexadecimal, mixed and padded."""
    value, (a, b, c, d) = int(IPv4Address(address)), IPv4Address(address).packed
    two, three = value & 0xFFFF, value & 0xFFFFFF
    yield from f"{address} {a}.{b}.{two} {a}.{three} {value}".split()
    yield from f"0x{value:x} 0X{value:X} 0x{value:016x} 0{value:o} 000000{value:o}".split()
    yield from f"0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x} 0x{a:02x}.0x{b:02x}.0x{c:02x}.0x{d:02x}".split()
    yield from f"0{a:o}.0{b:o}.0{c:o}.0{d:o} 0{a:04o}.0{b:04o}.0{c:04o}.0{d:04o}".split()
    yield from f"0x{a:x}.{b}.0{c:o}.{d} 0x{a:x}.{three} 0{a:o}.{b}.0x{two:x} {a}.0x{three:x}".split()


def misread(address: str) -> Iterator[str]:
    """An IPv4 address as only some parsers read it: other digits and dots, escapes, overflows, a dot too many."""
    value, (a, b, c, d) = int(IPv4Address(address)), IPv4Address(address).packed
    yield from f"{address}. {address}.. .{address} {a}..{b}.{c}.{d} {a:03}.{b:03}.{c:03}.{d:03} {address}.0".split()
    yield from f"{value + 2**32} 0x1{value:08x} {a + 256}.{b + 256}.{c + 256}.{d + 256} [{address}]".split()
    yield from (address.replace(".", dot) for dot in (*DOTS, "%2e", "%2E", "%E3%80%82"))
    yield from (address.translate(digits) for digits in DIGITS)
    yield from ("".join(f"%{ord(char):02x}" for char in address), f"%{ord(address[0]):02x}{address[1:]}")
    yield from (address + end for end in ("%00", "%00.example.com", "%20", "%2f", "%23", "\u200b", "\u00ad"))
    yield f"\u202e{address[::-1]}"


def in_six(address: str) -> Iterator[str]:
    """An IPv4 address inside an IPv6 one: mapped, translated, compatible, NAT64, 6to4, Teredo, ISATAP."""
    high, low = divmod(int(IPv4Address(address)), 2**16)
    words = f"{high:x}:{low:x}"
    yield from f"[::ffff:{address}] [::FFFF:{words}] [0:0:0:0:0:ffff:{address}] [::ffff:{high:04x}:{low:04x}]".split()
    yield from f"[::ffff:0:{address}] [::{address}] [::{words}] [64:ff9b::{address}] [64:FF9B:1::{words}]".split()
    yield from f"[2002:{words}::] [2002:{words}::1] [2001:0:{words}::] [fe80::5efe:{address}]".split()
    yield f"[2001::{high ^ 0xFFFF:x}:{low ^ 0xFFFF:x}]"


def lengths(address: str) -> Iterator[str]:
    """An IPv6 address in its lengths, and with zones."""
    ip = IPv6Address(address)
    plain = ":".join(f"{int(group, 16):X}" for group in ip.exploded.split(":"))
    yield from f"[{ip}] [{ip.exploded}] [{plain}] [{ip}%25lo] [{ip}%lo] [{ip}%1]".split()


def each(spellings: str) -> list[str]:
    """Spellings written side by side."""
    return spellings.split()


LOOPBACK_HOSTS = [
    *numbers("127.0.0.1"),
    *each("127.0.0.2 127.127.127.127 127.255.255.254 2147483646 0x7ffffffe"),
    *each("0 0.0 0.0.0 0.0.0.0 0x0 00 00.00.00.00 0x0.0x0.0x0.0x0 0000000000"),
    *each("localhost LOCALHOST LocalHost"),
    *lengths("::1"),
    *each("[::0:1] [0::1] [0:0::0:1] [::0001] [::0.0.0.1] [0:0:0:0:0:0:0.0.0.1]"),
    *each("[::] [::0] [0:0:0:0:0:0:0:0] [::0.0.0.0]"),
    *each("[::ffff:0.0.0.0] [::ffff:0:0] [::ffff:127.0.0.1] [::ffff:7f00:1]"),
]
NAMES = each("""
    localhost. localhost.localdomain localhost4 localhost6.localdomain6 ip6-localhost ip6-loopback pictures.localhost
    127.0.0.1.nip.io 7f000001.nip.io www.127-0-0-1.sslip.io localtest.me lvh.me
    metadata metadata.google.internal instance-data kubernetes.default.svc host.docker.internal
    ｌｏｃａｌｈｏｓｔ ⓛⓞⓒⓐⓛⓗⓞⓢⓣ localhoſt ℒocalhost local%68ost xn--localhost- xn--a
""")
INSIDE_HOSTS = [
    *chain(misread("127.0.0.1"), in_six("127.0.0.1")),
    # The metadata services of most clouds, of Alibaba's, Azure's, Oracle's, and Amazon's once more.
    *chain(numbers("169.254.169.254"), misread("169.254.169.254"), in_six("169.254.169.254")),
    *chain(numbers("100.100.100.200"), numbers("168.63.129.16"), numbers("192.0.0.192"), lengths("fd00:ec2::254")),
    *chain(numbers("10.0.0.1"), in_six("10.0.0.1")),
    *lengths("fe80::1"),
    *each("172.16.0.1 172.31.255.254 192.168.0.1 192.168.255.255 0.0.0.1 0.255.255.255 100.64.0.1 100.127.255.254"),
    *each("169.254.0.1 192.0.0.1 192.0.0.170 192.88.99.1 198.18.0.1 198.19.255.254"),
    *each("192.0.2.1 198.51.100.1 203.0.113.1 224.0.0.1 233.252.0.1 239.255.255.250"),
    *each("240.0.0.1 255.255.255.254 255.255.255.255 0xffffffff 4294967295"),
    *each("[fc00::1] [fd00::1] [fd20:ce::254] [fe80::a9fe:a9fe] [febf::1] [fec0::1] [ff02::1] [ff0e::1] [100::1]"),
    *each("[2001:db8::1] [2001:2::1] [2001:10::1] [2001:20::1] [3fff::1] [5f00::1]"),
]
DECEPTIONS = each(r"""
    http://8.8.8.8@127.0.0.1:TRAP/
    http://8.8.8.8:80@127.0.0.1:TRAP/
    http://user:word@127.0.0.1:TRAP/
    http://@127.0.0.1:TRAP/
    http://:@127.0.0.1:TRAP/
    http://a@b@127.0.0.1:TRAP/
    http://8.8.8.8%40127.0.0.1:TRAP/
    http://127.0.0.1:TRAP#@8.8.8.8/
    http://127.0.0.1:TRAP?@8.8.8.8/
    http://127.0.0.1:TRAP/@8.8.8.8/
    http://127.0.0.1:TRAP%23@8.8.8.8:0/
    http://127.0.0.1:TRAP;@8.8.8.8:0/
    http://127.0.0.1:TRAP&@8.8.8.8:0/
    http://127.0.0.1:TRAP\@8.8.8.8:0/
    http://8.8.8.8\@127.0.0.1:TRAP/
    http://8.8.8.8＠127.0.0.1:TRAP/
    http://8.8.8.8／@127.0.0.1:TRAP/
    http://8.8.8.8＃@127.0.0.1:TRAP/
    http://[::1]:TRAP@8.8.8.8:0/
    http:\\127.0.0.1:TRAP/
    http:/\127.0.0.1:TRAP/
    http:/127.0.0.1:TRAP/
    http:127.0.0.1:TRAP/
    http:///127.0.0.1:TRAP/
    http:////127.0.0.1:TRAP/
    http://http://127.0.0.1:TRAP/
    HTTP://127.0.0.1:TRAP/
    hTtPs://127.0.0.1:TRAP/
    url:http://127.0.0.1:TRAP/
    <http://127.0.0.1:TRAP/>
    //127.0.0.1:TRAP/
    \\127.0.0.1:TRAP\x
    ://127.0.0.1:TRAP/
    127.0.0.1:TRAP/
    http://127.0.0.1:TRAP
    http://127.0.0.1:TRAP?x
    http://127.0.0.1:TRAP/../../x.png
    http://127.0.0.1\:TRAP/
    http://127.0.0.1|8.8.8.8:TRAP/
    http://127.0.0.1,8.8.8.8:TRAP/
    http://(127.0.0.1):TRAP/
    http://'127.0.0.1':TRAP/
    http://[::1].:TRAP/
    http://[[::1]]:TRAP/
    http://[::1:TRAP/
    http://::1:TRAP/
    http://::1]:TRAP/
    http://%5B::1%5D:TRAP/
    http://[localhost]:TRAP/
    http://[v1.127.0.0.1]:TRAP/
    http://127.0.0.1:0TRAP/
    http://127.0.0.1:000000TRAP/
    http://127.0.0.1:+TRAP/
    http://127.0.0.1:TRAP_/
    http://127.0.0.1:TRAP.0/
    http://127.0.0.1:%TRAP/
    http://127.0.0.1:TRAP:80/
    http://127.0.0.1:80:TRAP/
    http://127.0.0.1:/
    http://127.0.0.1:0/
    http://127.0.0.1:-1/
    http://127.0.0.1:65536/
    http://127.0.0.1:８０/
    http://8.8.8.8:0/
    http://8.8.8.8:-1/
    http://8.8.8.8:65536/
    http://8.8.8.8:99999999999999999999/
    ftp://127.0.0.1:TRAP/x
    tftp://127.0.0.1:TRAP/x
    sftp://127.0.0.1:TRAP/x
    gopher://127.0.0.1:TRAP/_GET%20/
    dict://127.0.0.1:TRAP/info
    ldap://127.0.0.1:TRAP/
    smb://127.0.0.1:TRAP/x
    ws://127.0.0.1:TRAP/
    wss://127.0.0.1:TRAP/
    jar:http://127.0.0.1:TRAP!/x
    netdoc://127.0.0.1:TRAP/
    feed:http://127.0.0.1:TRAP/
    view-source:http://127.0.0.1:TRAP/
    http+unix://127.0.0.1:TRAP/x
    http://unix:/run/docker.sock:/info
    https+http://127.0.0.1:TRAP/
    httpx://127.0.0.1:TRAP/
    http.://127.0.0.1:TRAP/
    ｈttp://127.0.0.1:TRAP/
    %68ttp://127.0.0.1:TRAP/
""")
INVISIBLE = [  # spaces, line ends, and a second request inside the first
    " http://127.0.0.1:TRAP/",
    "http://127.0.0.1:TRAP/ ",
    "\thttp://127.0.0.1:TRAP/",
    "http://127.0.0.1:TRAP/\n",
    "\0http://127.0.0.1:TRAP/",
    "ht\ntp://127.0.0.1:TRAP/",
    "http:/\t/127.0.0.1:TRAP/",
    "http://127.0\n.0.1:TRAP/",
    "http://127.0\t.0.1:TRAP/",
    "http://127.0.0.1\0:TRAP/",
    "http://127.0.0.1 :TRAP/",
    "http://127.0.0.1: TRAP/",
    "http://127.0.0.1:TRAP x/",
    "http://127.0.0.1\u2028:TRAP/",
    "http://8.8.8.8 &@127.0.0.1:TRAP/",
    "http://8.8.8.8\0@127.0.0.1:TRAP/",
    "http://8.8.8.8\r\nHost: 127.0.0.1:TRAP\r\n\r\n/",
    "http://127.0.0.1:TRAP/\r\nX: y",
    "http://127.0.0.1:TRAP/ HTTP/1.1\r\nX: ",
    "\ufeffhttp://127.0.0.1:TRAP/",
    "http://\u3000127.0.0.1:TRAP/",
    "http://\x7f127.0.0.1:TRAP/",
    "http://127.0.0.1:TRAP/\ud800",
    "http://\ud800127.0.0.1:TRAP/",
]
MALFORMED = [
    *each("file:///etc/passwd file://localhost/etc/passwd file:/etc/passwd FILE:///proc/self/environ /etc/passwd"),
    *each("http+unix://%2Fvar%2Frun%2Fdocker.sock/info unix:///run/docker.sock http+unix://run/docker.sock"),
    *each("data:image/png;base64,AAAA javascript:alert(1) blob:http://localhost/1 about:blank mailto:a@example.com"),
    *each("http http: http:/ http:// http:///x.png http://? http://# http://:80/ http://@/ http://./ http://../"),
    *each("photo.jpg ../photo.jpg ?x #x http://a..b/ http://.example.com/ http://%/ http://[/ http://]/ http://[]/"),
    *each("http://[g::1]/ http://[1:2:3]/ http://[::ffff:999.1.1.1]/ http://999.1.1.1/"),
    *("", " ", "\0", f"http://{'a' * 64}.example/", f"http://{'a.' * 127}example/", f"http://{'ü' * 63}.example/"),
    *(f"http://{'a' * 70_000}/", f"http://127.0.0.1:TRAP/{'a' * 2100}", f"http://1.1.1.1:{'9' * 5_000}/"),
]
LOOPBACK = [f"http://{host}:TRAP/latest/meta-data/" for host in LOOPBACK_HOSTS]
INSIDE = [f"http{'s' * (turn % 2)}://{host}:TRAP/" for turn, host in enumerate(chain(INSIDE_HOSTS, NAMES))]
CORPUS = list(dict.fromkeys(chain(LOOPBACK, INSIDE, DECEPTIONS, INVISIBLE, MALFORMED)))


def aimed_at(port: int, addresses: list[str] = CORPUS) -> list[str]:
    """Addresses of the corpus that lead to this port."""
    return [address.replace(TRAP, str(port)) for address in addresses]
