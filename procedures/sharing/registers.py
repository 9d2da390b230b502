"""The registers of local boxes and contacts in the CMS: each manager sees their own partnership's rows."""

from typing import Any

from django.contrib.admin import display
from django.db.models import QuerySet
from django.forms import Select
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail_modeladmin.options import ModelAdminGroup
from wagtail_modeladmin.views import CreateView, DeleteView

from portal.registers import KeeperPermissions, Register
from procedures.models import ChapterPage, Section
from procedures.numbering import natural
from procedures.policy import without_kept_elsewhere
from procedures.sharing import services
from procedures.sharing.forms import WHOLE_CHAPTER, BoxForm, ContactForm
from procedures.sharing.models import Contact, LocalBox


class BoxPermissions(KeeperPermissions):
    """Whoever edits a box also sees what it said before."""

    def user_can_inspect_obj(self, user: Any, obj: Any) -> bool:
        return self.user_can_edit_obj(user, obj)


class CreateBox(CreateView):
    """A new box for the chapter that the address names (`?chapter=`)."""

    def get_instance(self) -> LocalBox:
        box: LocalBox = super().get_instance()
        pk = self.request.GET.get("chapter", "")
        chapters = without_kept_elsewhere(self.request.user, ChapterPage.objects.live())
        if pk.isdigit() and box._state.adding:
            box.page = chapters.filter(pk=pk).first()
        return box


class RemoveBox(DeleteView):
    """Takes a box away for readers; what it said stays for earlier editions."""

    def delete_instance(self) -> None:
        services.remove_box(self.instance)

    def confirmation_message(self) -> str:
        return "Remove this box? Readers no longer see it from now on. Earlier editions of the chapter still show it."


class BoxRegister(Register):
    model = LocalBox
    permission_helper_class = BoxPermissions
    create_view_class = CreateBox
    delete_view_class = RemoveBox
    menu_label = "Boxes"
    menu_icon = "info-circle"
    base_url_path = "local-boxes"
    list_display = ("__str__", "chapter", "section", "of", "since")
    search_fields = ("title", "text", "page__title")
    inspect_view_enabled = True
    inspect_template_name = "procedures/sharing/box_history.html"
    edit_handler = ObjectList(
        [
            MultiFieldPanel(
                [
                    FieldPanel("partnership"),
                    FieldPanel("page", widget=Select),
                    FieldPanel("anchor"),
                    FieldRowPanel([FieldPanel("place"), FieldPanel("position")]),
                ],
                heading="Where it stands",
                help_text="Only this partnership's readers see it. The regional chapter is not published again.",
            ),
            MultiFieldPanel([FieldPanel("title"), FieldPanel("text")], heading="What it says"),
        ],
        base_form_class=BoxForm,
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return (
            super()
            .get_queryset(request)
            .filter(removed_at__isnull=True)
            .select_related("partnership", "page")
        )

    def create_view(self, request: HttpRequest) -> HttpResponse:
        """Which chapter, then the form with that chapter's sections."""
        if request.method == "POST" or request.GET.get("chapter"):
            return super().create_view(request)
        if not self.permission_helper.user_can_create(request.user):
            raise Http404
        chapters = without_kept_elsewhere(request.user, ChapterPage.objects.live())
        context = {
            "chapters": sorted(chapters, key=lambda page: natural(page.number)),
            "create_url": self.url_helper.create_url,
        }
        return TemplateResponse(request, "procedures/sharing/choose_chapter.html", context)

    @display(description="Chapter", ordering="page__title")
    def chapter(self, box: LocalBox) -> str:
        if box.page is None:
            return "Gone: the chapter was deleted, and nobody sees this box"
        return box.page.name if box.page.live else f"{box.page.name} (not published)"

    @display(description="Section")
    def section(self, box: LocalBox) -> str:
        if not box.anchor or box.page is None:
            return WHOLE_CHAPTER
        found = Section.objects.filter(page=box.page, anchor=box.anchor).first()
        if found is not None and found.live:
            return found.name or "Before the first heading"
        name = f" “{found.name}”" if found is not None and found.name else ""
        return f"Its section{name} is gone: it stands at the head of the chapter. Choose another section."

    @display(description="As it is since")
    def since(self, box: LocalBox) -> str:
        version = box.versions.filter(shown_until__isnull=True).first()
        return f"{timezone.localtime(version.shown_from):%-d %B %Y, %H:%M}" if version else ""


class ContactRegister(Register):
    model = Contact
    menu_label = "Contacts"
    menu_icon = "mail"
    base_url_path = "contacts"
    list_display = ("service", "telephone", "when", "of")
    list_filter = ("urgent",)
    search_fields = ("service", "what_for", "telephone", "email")
    edit_handler = ObjectList(
        [
            MultiFieldPanel(
                [FieldPanel("partnership"), FieldPanel("service"), FieldPanel("what_for")],
                heading="Which service",
            ),
            MultiFieldPanel(
                [
                    FieldRowPanel([FieldPanel("telephone"), FieldPanel("hours")]),
                    FieldPanel("email"),
                    FieldPanel("address"),
                ],
                heading="How to reach it",
            ),
            MultiFieldPanel([FieldPanel("urgent"), FieldPanel("position")], heading="Where it stands"),
        ],
        base_form_class=ContactForm,
    )

    # In words: for a tick modeladmin takes a picture of django.contrib.admin, which is not installed.
    @display(description="When", ordering="urgent")
    def when(self, contact: Contact) -> str:
        return "In danger now" if contact.urgent else ""


class LocalGroup(ModelAdminGroup):
    menu_label = "Local content"
    menu_icon = "group"
    menu_order = 310
    items = (BoxRegister, ContactRegister)
