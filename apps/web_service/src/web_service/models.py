from django.db import models


class Note(models.Model):
    text = models.CharField(max_length=1000)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "web_service"
        ordering = ["-created", "-id"]
