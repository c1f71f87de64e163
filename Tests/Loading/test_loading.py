"""Hosts that carry libraries or an allocator of their own: do the libraries that are loaded still run on what belongs to them?

Linux only: elsewhere names are bound together with their libraries.
"""

import ctypes.util
import gzip
import http.server
import os
import pathlib
import shutil
import ssl
import subprocess
import sys
import threading

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
ROOMS = ["CLoader", "CCrypto", "CCurl", "CExpat", "CJansson", "CSystem", "CZlib"]
COMPILER = shutil.which("clang") or shutil.which("cc")
JEMALLOC = ctypes.util.find_library("jemalloc")

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="libraries are linked on this system"),
    pytest.mark.skipif(COMPILER is None, reason="no C compiler"),
    pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to make a certificate with"),
]


def build(directory, name, *extra, replace=None):
    """Compiles the host together with the rooms' sources; `replace` maps a source to another one."""
    sources = [HERE / "host.c", *(path for room in ROOMS for path in sorted((ROOT / "Sources" / room).glob("*.c")))]
    sources = [(replace or {}).get(path, path) for path in sources]
    includes = [f"-I{ROOT}/Sources/{room}/include" for room in ROOMS] + [f"-I{ROOT}/Sources/CLoader"]
    program = directory / name
    subprocess.run([COMPILER, "-rdynamic", *includes, *sources, "-o", program, "-lpthread", "-ldl", "-lm", *extra], check=True)
    return program


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return tmp_path_factory.mktemp("hosts")


@pytest.fixture(scope="module")
def server(directory):
    """A server with TLS, and the file of its certificate."""
    key, certificate = directory / "key.pem", directory / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True, capture_output=True)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            body = gzip.compress(b"hello" * 10000)
            self.send_response(200)
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        listener.socket = context.wrap_socket(listener.socket, server_side=True)
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        yield f"https://127.0.0.1:{listener.server_address[1]}/", certificate
        listener.shutdown()


@pytest.fixture(scope="module")
def plain(directory):
    return build(directory, "plain")


@pytest.fixture(scope="module")
def exporting(directory):
    return build(directory, "exporting", HERE / "exported_names.c")


def run(program, server, **environment):
    return subprocess.run([program, *server], env={**os.environ, **environment}, capture_output=True, text=True, timeout=60)


def check(result):
    assert result.returncode == 0, result.stdout + result.stderr


def test_plain_host(plain, server):
    check(run(plain, server))


def test_host_that_exports_the_same_names(exporting, server):
    check(run(exporting, server))


def test_the_names_would_capture_without_deep_binding(directory, server):
    """That the test above can fail."""
    original = ROOT / "Sources/CLoader/cloader_linux.c"
    text = original.read_text()
    assert "| scope_flags()" in text
    shallow = directory / "cloader_shallow.c"
    shallow.write_text(text.replace("| scope_flags()", "| (0 & scope_flags())"))
    result = run(build(directory, "shallow", HERE / "exported_names.c", replace={original: shallow}), server)
    assert result.returncode == 99, result.stdout + result.stderr
    assert "captured: " in result.stderr


@pytest.mark.skipif(JEMALLOC is None, reason="no jemalloc")
@pytest.mark.parametrize("host", ["plain", "exporting"])
def test_host_with_another_malloc(host, server, request):
    """junk:true fills freed and fresh memory, so that a block in the wrong allocator's hands shows."""
    check(run(request.getfixturevalue(host), server, LD_PRELOAD=JEMALLOC, MALLOC_CONF="junk:true"))


def test_host_linked_to_the_same_libraries(directory, server):
    check(run(build(directory, "linked", "-Wl,--no-as-needed", "-lcurl", "-ljansson", "-lcrypto", "-lexpat", "-lz"), server))


def test_host_under_address_sanitizer(directory, server):
    """Its runtime ends the process at a deeply bound library; the leak check covers the rooms' own code."""
    try:
        program = build(directory, "sanitized", "-fsanitize=address")
    except subprocess.CalledProcessError:
        pytest.skip("no AddressSanitizer")
    check(run(program, server))
