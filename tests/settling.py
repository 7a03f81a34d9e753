"""Records as a worker leaves them: judged by what is in force, and exported as they are."""

from __future__ import annotations

from ocr_service.bootstrap import Services
from ocr_service.db.records import documents, judgements, records
from ocr_service.db.records.documents import DocumentFilter


def settle(services: Services) -> None:
    """Note of every record that today's rules judged it, with the issues it has.

    For records of readers that find their issues without rules.
    """
    check = services.check
    assert check is not None
    library = services.shelf.library()
    with services.db.writing() as uow:
        all_of_them = documents.page(uow, DocumentFilter())
        for document in all_of_them:  # each unsettles others of the same person, so first
            check.facts.note(uow, document, records.load(uow, document))
        for document in all_of_them:
            template = library.get(f"{document.template}@{document.template_version}").template
            grounds = check.grounds(uow, template)
            judgements.note(uow, [document.id], grounds=grounds, day=check.today)


__all__ = ["settle"]
