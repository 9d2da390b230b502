"""The register of status definitions in the CMS admin: business managers word their own partnership's."""

from typing import Any

from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail_modeladmin.options import modeladmin_register

from caseforms.actionplans.models import RagDefinition
from portal.registers import KeeperPermissions, Register


class RewordingOnly(KeeperPermissions):
    """Every status has exactly one row, so none is added and none is deleted."""

    def user_can_create(self, user: Any) -> bool:
        return False

    def user_can_delete_obj(self, user: Any, obj: Any) -> bool:
        return False


class StatusRegister(Register):
    """Colour word and definition of each status."""

    model = RagDefinition
    permission_helper_class = RewordingOnly
    menu_label = "Status definitions"
    menu_icon = "list-ul"
    menu_order = 310
    base_url_path = "status-definitions"
    list_display = ("status", "colour", "definition", "of")
    edit_handler = ObjectList([FieldPanel("colour"), FieldPanel("definition")])


modeladmin_register(StatusRegister)
