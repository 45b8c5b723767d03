"""What a web server calls."""

import os

from django.core.wsgi import get_wsgi_application

from mutirao.site.parent import when_parent_ends

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mutirao.site.settings")
application = get_wsgi_application()
when_parent_ends(lambda: os._exit(0))
