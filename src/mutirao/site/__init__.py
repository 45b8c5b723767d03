"""The Django project: settings, addresses, base pages, the public interface for programs."""
