"""Who may take a run back."""

from django.utils.translation import gettext as _

from mutirao.web.people.may import YES, Verdict
from mutirao.web.people.models import Reader
from mutirao.web.runs.models import Run


def may_cancel(user: Reader, run: Run) -> Verdict:
    """Whoever asked for a run may cancel it, until it has ended."""
    if not user.is_authenticated:
        return Verdict(False, _("Sign in to cancel a run."))
    if run.ended:
        return Verdict(False, _("The run has already ended."))
    if user.is_superuser or run.asked_by_id == user.pk:
        return YES
    return Verdict(False, _("Only whoever asked for a run may cancel it."))
