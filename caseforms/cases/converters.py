"""The one shape of case references in addresses, so that nothing else (a name, say) ever reaches a log as
one."""

from django.urls import register_converter


class CaseReference:
    """`<caseref:ref>` in a URL pattern: CR-7F3K-9QXB."""

    regex = "CR-[0-9A-Z]{4}-[0-9A-Z]{4}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(CaseReference, "caseref")
