"""The HTML pages: server-rendered, no build step, nothing from other sites."""

from ocr_service.web.pages.install import install_pages

__all__ = ["install_pages"]
