"""``python -m ocr_service.cli``."""

from ocr_service.cli.app import main

if __name__ == "__main__":
    main()
