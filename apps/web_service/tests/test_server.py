from . import service  # noqa: F401  # first: it configures Django

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class ServeTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="web-service-")
        self.addCleanup(folder.cleanup)
        self.state = Path(folder.name, "state")
        self.port = free_port()
        self.config = Path(folder.name, "web-service.toml")
        self.config.write_text(f'bind = "127.0.0.1:{self.port}"\nworkers = 1\nstate = "{self.state}"\n', encoding="utf-8")

    def start(self) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "WEB_SERVICE_CONFIG": str(self.config)}
        command = [sys.executable, "-m", "web_service", "serve"]
        return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def health(self, server: subprocess.Popen[bytes]) -> tuple[int, object]:
        while server.poll() is None:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
            try:
                connection.request("GET", "/health")
                response = connection.getresponse()
                return response.status, json.loads(response.read())
            except ConnectionError:
                time.sleep(0.1)
            finally:
                connection.close()
        self.fail(f"the server ended with {server.returncode}")

    def test_makes_the_database_answers_and_ends_when_told(self) -> None:
        server = self.start()
        self.addCleanup(server.kill)
        self.assertEqual(self.health(server), (200, {"status": "ok", "notes": 0}))
        server.send_signal(signal.SIGTERM)
        self.assertEqual(server.wait(30), 0)
        self.assertTrue((self.state / "notes.sqlite3").exists())

    def test_refuses_a_wrong_configuration(self) -> None:
        self.config.write_text("workers = 0\n", encoding="utf-8")
        environment = {**os.environ, "WEB_SERVICE_CONFIG": str(self.config)}
        command = [sys.executable, "-m", "web_service", "serve"]
        result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn("workers is 0, expected a number from 1 to 64", result.stderr)
        self.assertNotIn("Traceback", result.stderr)


if __name__ == "__main__":
    unittest.main()
