"""The interface for programs."""

from ninja import NinjaAPI

api = NinjaAPI(title="Mutirão", version="1", urls_namespace="api")
