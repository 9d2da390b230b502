"""Wagtail says when a chapter is published and when it no longer is."""

from typing import Any

from portal import schedule
from procedures.finding import documents, jobs, services
from procedures.models import ChapterPage


def on_published(sender: type, instance: ChapterPage, **kwargs: Any) -> None:
    """Wagtail's page_published: found at once; documents that are new are read by the worker."""
    services.index_chapter(instance)
    for document_id in set(documents.waiting()) & set(services.documents_in(instance)):
        schedule.enqueue(jobs.read_document, document_id)


def on_unpublished(sender: type, instance: ChapterPage, **kwargs: Any) -> None:
    """Wagtail's page_unpublished, which it also sends before a live page is deleted."""
    services.forget_chapter(instance.pk)
