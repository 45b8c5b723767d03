"""A data folder of its own for every process that tests the web application, made before its settings are read."""

import atexit
import os
import shutil
import tempfile

import django

_data = tempfile.mkdtemp(prefix="mutirao-test-")
atexit.register(shutil.rmtree, _data, ignore_errors=True)
os.environ["MUTIRAO_DATA"] = _data
os.environ["DJANGO_SETTINGS_MODULE"] = "mutirao.site.settings"
for name in ("MUTIRAO_HTTPS", "MUTIRAO_MAIL", "MUTIRAO_SIGNUP", "MUTIRAO_DEBUG_PAGES"):
    os.environ.pop(name, None)
django.setup()
