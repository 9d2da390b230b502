"""Puts the registers of time limits and closed days into the CMS admin."""

from wagtail_modeladmin.options import modeladmin_register

from caseforms.deadlines.registers import TimeGroup

modeladmin_register(TimeGroup)
