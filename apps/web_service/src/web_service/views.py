from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_http_methods, require_safe

from .models import Note

SHOWN_NOTES = 100


@require_safe
def health(_request: HttpRequest) -> JsonResponse:
    """200 only where requests can be served: the database answers, and has the tables that this code expects."""
    try:
        pending = pending_migrations()
        if pending:
            return JsonResponse({"status": "not migrated", "pending": pending}, status=503)
        return JsonResponse({"status": "ok", "notes": Note.objects.count()})
    except DatabaseError as error:
        return JsonResponse({"status": "no database", "reason": str(error)}, status=503)


def pending_migrations() -> list[str]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [migration.name for migration, _backwards in plan]


@require_http_methods(["GET", "POST"])
def notes(request: HttpRequest) -> JsonResponse:
    if request.method == "POST":
        return keep_note(request)
    newest = Note.objects.values("text", "created")[:SHOWN_NOTES]
    return JsonResponse({"notes": list(newest)})


def keep_note(request: HttpRequest) -> JsonResponse:
    text = request.body.decode("utf-8", "replace").strip()
    limit = Note._meta.get_field("text").max_length
    if not text or len(text) > limit:
        return JsonResponse({"error": f"expected a text of 1 to {limit} characters"}, status=400)
    return JsonResponse({"id": Note.objects.create(text=text).id}, status=201)
