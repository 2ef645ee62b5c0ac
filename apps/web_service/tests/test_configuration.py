import stat
import tempfile
import unittest
from pathlib import Path

from web_service.configuration import Configuration, ConfigurationError, parse_configuration, read_configuration

DELIVERED = Path(__file__).parents[1] / "deploy/web-service.toml"


class ConfigurationTest(unittest.TestCase):
    def parse(self, text: str) -> Configuration:
        return parse_configuration(text, Path("x.toml"))

    def test_a_file_that_is_not_there_means_the_defaults(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(read_configuration({"WEB_SERVICE_CONFIG": f"{folder}/none.toml"}), Configuration())

    def test_the_delivered_file_shows_the_defaults(self) -> None:
        text = DELIVERED.read_text(encoding="utf-8")
        self.assertEqual(self.parse(text), Configuration())
        settings = [line[1:] for line in text.splitlines() if line.startswith("#") and not line.startswith("# ")]
        self.assertEqual(len(settings), 4)
        self.assertEqual(self.parse("\n".join(settings)), Configuration())

    def test_settings_are_read(self) -> None:
        text = 'bind = "0.0.0.0:80"\nworkers = 4\nallowed-hosts = ["a.example"]\nstate = "/srv/x"\n'
        expected = Configuration("0.0.0.0:80", 4, ("a.example",), Path("/srv/x"))
        self.assertEqual(self.parse(text), expected)

    def test_every_issue_is_told_at_once(self) -> None:
        with self.assertRaises(ConfigurationError) as caught:
            self.parse('bnid = "x"\nbind = "x"\nworkers = true\nallowed-hosts = "a"\nstate = "x"\n')
        self.assertEqual(
            str(caught.exception).split("\n  "),
            [
                "x.toml: 5 settings are wrong",
                "bnid is not a setting, expected bind, workers, allowed-hosts, state",
                "bind is 'x', expected an address and a port such as 127.0.0.1:8000",
                "workers is True, expected a number from 1 to 64",
                "allowed-hosts is 'a', expected a list of names",
                "state is 'x', expected an absolute path",
            ],
        )

    def test_a_damaged_file_is_told_with_its_place(self) -> None:
        with self.assertRaisesRegex(ConfigurationError, r"^x\.toml: .*line 1"):
            self.parse("bind = ?")

    def test_the_secret_key_is_made_once_and_nobody_else_reads_it(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            configuration = Configuration(state=Path(folder, "state"))
            key = configuration.secret_key()
            self.assertGreaterEqual(len(key), 50)
            self.assertEqual(configuration.secret_key(), key)
            mode = (configuration.state / "secret-key").stat().st_mode
            self.assertEqual(stat.S_IMODE(mode), 0o600)


if __name__ == "__main__":
    unittest.main()
