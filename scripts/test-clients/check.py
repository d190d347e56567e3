"""Starts the fakes (argv[1]) and the emulator on loopback, drives them with foreign clients and counts."""

import importlib
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).parent


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start_emulator(log):
    rest, grpc = free_port(), free_port()
    flags = ["--rest-port", str(rest), "--grpc-port", str(grpc), "--project", "udp-umich-prod", "--log-level", "warning"]
    server = subprocess.Popen([sys.executable, HERE / "emulator.py", "start", *flags], stdout=log, stderr=log)
    address = f"http://127.0.0.1:{rest}"
    for _ in range(240):
        try:
            with urllib.request.urlopen(address + "/bigquery/v2/projects/udp-umich-prod/datasets", timeout=5):
                return server, address
        except (urllib.error.URLError, OSError):
            if server.poll() is not None:
                break
            time.sleep(0.25)
    server.terminate()
    log.seek(0)
    sys.exit("the emulator does not start:\n" + log.read()[-2000:])


def main():
    with tempfile.TemporaryFile("w+") as log:
        server, emulator = start_emulator(log)
        fakes = subprocess.Popen([sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            about = json.loads(fakes.stdout.readline())
            about["emulator"] = emulator
            harness = importlib.import_module("harness")
            for clients in ["kaltura", "canvas", "bigquery", "lineage", "deploy", "report"]:
                importlib.import_module(clients)
            passed, failed = harness.run(about)
        finally:
            fakes.stdin.close()
            fakes.wait(20)
            server.terminate()
            server.wait(20)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
