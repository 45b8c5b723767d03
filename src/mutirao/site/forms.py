"""How forms look: label, help and error beside each field, the same everywhere."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    form_template_name = "form.html"
    field_template_name = "field.html"
