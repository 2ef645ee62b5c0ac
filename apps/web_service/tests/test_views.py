from . import service  # noqa: F401  # first: it configures Django

from unittest import mock

from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import TransactionTestCase
from django.test.runner import DiscoverRunner
from django.test.utils import setup_test_environment, teardown_test_environment

from web_service import views

RUNNER = DiscoverRunner(verbosity=0)
DATABASES: list[object] = []


def setUpModule() -> None:
    setup_test_environment()
    DATABASES.append(RUNNER.setup_databases())


def tearDownModule() -> None:
    RUNNER.teardown_databases(DATABASES.pop())
    teardown_test_environment()


class HealthTest(TransactionTestCase):
    def test_is_ok_and_counts_what_is_in_the_database(self) -> None:
        self.assertEqual(self.client.get("/health").json(), {"status": "ok", "notes": 0})
        self.client.post("/notes", "hello", content_type="text/plain")
        self.assertEqual(self.client.get("/health").json(), {"status": "ok", "notes": 1})

    def test_fails_where_the_database_does_not_answer(self) -> None:
        with mock.patch.object(views, "pending_migrations", side_effect=OperationalError("disk I/O error")):
            response = self.client.get("/health")
        self.assertEqual(response.status_code, 503)
        self.assertEqual(response.json(), {"status": "no database", "reason": "disk I/O error"})

    def test_fails_where_a_migration_is_missing(self) -> None:
        call_command("migrate", "web_service", "zero", verbosity=0)
        self.addCleanup(call_command, "migrate", verbosity=0)
        response = self.client.get("/health")
        self.assertEqual(response.status_code, 503)
        self.assertEqual(response.json(), {"status": "not migrated", "pending": ["0001_initial"]})


class NotesTest(TransactionTestCase):
    def post(self, body: str | bytes) -> int:
        return self.client.post("/notes", body, content_type="text/plain").status_code

    def test_are_kept_newest_first(self) -> None:
        self.assertEqual([self.post("one"), self.post(" two\n")], [201, 201])
        texts = [note["text"] for note in self.client.get("/notes").json()["notes"]]
        self.assertEqual(texts, ["two", "one"])

    def test_need_a_text_of_bearable_length(self) -> None:
        self.assertEqual([self.post(""), self.post(" "), self.post("x" * 1001), self.post("x" * 1000)], [400, 400, 400, 201])

    def test_take_bytes_that_are_no_text_for_what_they_resemble(self) -> None:
        self.assertEqual(self.post(b"caf\xe9"), 201)
        self.assertEqual(self.client.get("/notes").json()["notes"][0]["text"], "caf\ufffd")

    def test_cannot_be_deleted(self) -> None:
        self.assertEqual(self.client.delete("/notes").status_code, 405)


class MigrationsTest(TransactionTestCase):
    def test_say_all_that_the_models_say(self) -> None:
        call_command("makemigrations", "web_service", check=True, dry_run=True, verbosity=0)
        self.assertEqual(connection.vendor, "sqlite")
